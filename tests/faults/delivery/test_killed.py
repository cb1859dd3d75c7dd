"""The crash table, tried: real workers, a real SMTP server, SIGKILL, no broker."""

from collections import Counter

import pytest
import redis
from django.conf import settings

from mailer.audience import operations as audience
from mailer.audience.letter import LetterKind
from mailer.delivery import operations as delivery
from mailer.delivery import queries
from mailer.delivery.ledger import LEASE
from mailer.delivery.run import RunState
from mailer.kernel.clock import utc_now
from mailer.ops import queries as ops
from tests.kit.audience import a_newsletter, a_subscriber, many_readers
from tests.kit.delivery import a_run_for, at, drain
from tests.kit.smtp_server import ScriptedServer, a_server
from tests.kit.wire import a_transport
from tests.kit.workers import a_process, a_worker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
DRAIN = (
    "import workers.app; from workers.tasks import drain; drain(1, urgent_only=False)"
)
READERS = 400
SESSIONS = 4
WINDOW = 4 * SESSIONS


def a_digest(readers: int = READERS):
    many_readers(readers, newsletter := a_newsletter(), domains=["gmail.com"])
    return a_run_for(newsletter, now=utc_now(), release_at=utc_now())


def relay(server: ScriptedServer) -> dict[str, str]:
    return {
        "RELAYS": f"smtp://127.0.0.1:{server.port}",
        "RELAY_SESSIONS": str(SESSIONS),
    }


def test_a_worker_killed_in_mid_send_doubles_nothing_and_every_mail_is_accounted_for(
    tmp_path,
):
    run = a_digest()
    with a_server() as server:
        with a_process(tmp_path / "drain.log", "-c", DRAIN, **relay(server)) as worker:
            wait_until(lambda: len(server.taken) >= 40)
            worker.kill()
        with a_transport(server.relay(sessions=SESSIONS)) as transport:
            drain(transport, at(utc_now() + LEASE))

    progress = queries.progress(run.pk)
    assert progress.state is RunState.DONE
    assert progress.accepted + progress.in_doubt == READERS
    assert progress.in_doubt <= WINDOW
    assert max(Counter(server.addresses()).values()) == 1
    assert len(server.taken) >= progress.accepted
    assert delivery.upkeep(now=utc_now()).wrong == ()


def test_a_worker_that_is_asked_to_end_leaves_nothing_in_doubt(tmp_path):
    redis.Redis.from_url(settings.REDIS_URL).flushall()
    run = a_digest(2000)
    with a_server() as server:
        with a_worker(tmp_path / "deliver.log", "deliver", **relay(server)) as worker:
            wait_until(lambda: worker.says(" ready."))
            delivery.look(now=utc_now())
            wait_until(lambda: len(server.taken) >= 40)
            worker.stop()
        progress = queries.progress(run.pk)
        while queries.progress(run.pk).state is not RunState.DONE:
            with a_transport(server.relay(sessions=SESSIONS)) as transport:
                drain(transport, utc_now)

    assert progress.in_flight == progress.in_doubt == 0
    assert 0 < progress.accepted < 2000
    assert queries.progress(run.pk).accepted == 2000
    assert max(Counter(server.addresses()).values()) == 1


def test_mail_flows_while_the_broker_is_away(tmp_path):
    run = a_digest(30)
    away = {"REDIS_URL": "redis://127.0.0.1:1/0"}
    with (
        a_server() as server,
        a_worker(tmp_path / "deliver.log", "deliver", **relay(server), **away),
    ):
        wait_until(lambda: queries.progress(run.pk).state is RunState.DONE)

    assert len(server.taken) == 30


def test_a_letter_is_at_the_relay_soon_after_it_is_asked_for_while_a_digest_drains(
    tmp_path,
):
    redis.Redis.from_url(settings.REDIS_URL).flushall()
    run = a_digest(3000)
    person = a_subscriber("ann@a.example")
    link = {"url": "https://news.causeway.example/p/in/x", "minutes": 15}
    with (
        a_server() as server,
        a_worker(tmp_path / "deliver.log", "deliver", **relay(server)) as digests,
        a_worker(tmp_path / "breaking.log", "breaking", **relay(server)) as urgent,
    ):
        wait_until(lambda: digests.says(" ready.") and urgent.says(" ready."))
        delivery.look(now=utc_now())
        wait_until(lambda: len(server.taken) >= 40)
        audience.ask_letter(
            kind=LetterKind.LINK, subscriber_id=person.id, data=link, now=utc_now()
        )
        seconds = wait_until(lambda: "ann@a.example" in server.addresses())
        in_the_middle = queries.progress(run.pk).due > 0
        wait_until(lambda: len(ops.workers(now=utc_now())) == 2)

    assert in_the_middle
    assert seconds < 10  # 2 on a machine of its own; tests share theirs


def test_a_broker_that_was_emptied_costs_seconds_and_no_mail(tmp_path):
    with (
        a_server() as server,
        a_worker(tmp_path / "deliver.log", "deliver", **relay(server)) as worker,
    ):
        wait_until(lambda: worker.says(" ready."))
        run = a_digest(30)
        redis.Redis.from_url(settings.REDIS_URL).flushall()
        wait_until(lambda: queries.progress(run.pk).state is RunState.DONE)

    assert len(server.taken) == 30
