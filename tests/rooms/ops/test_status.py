"""How everything stands: one value, and the command that shows it."""

import json
from datetime import timedelta
from io import StringIO

import pytest
import redis
from django.core.management import call_command
from django.core.management.base import CommandError

from mailer.delivery import operations as delivery
from mailer.kernel.clock import utc_now
from mailer.ops import broker, operations, queries
from mailer.ops.status import QUEUES, as_json
from tests.kit.audience import NOW
from tests.kit.delivery import ScriptedTransport, a_run_of, an_alert, at, drain
from workers import ringer
from workers.queues import Bell

pytestmark = pytest.mark.django_db


def said(*command: object, **options: object) -> str:
    out = StringIO()
    call_command(*command, stdout=out, **options)
    return out.getvalue()


def test_a_run_shows_its_states_and_that_they_add_up():
    run = a_run_of("ann@a.example", "ben@b.example")
    drain(ScriptedTransport([None]))

    status = queries.status(NOW)

    [shown] = [one for one in status.runs if one.run_id == run.pk]
    assert (shown.accepted, shown.in_doubt, shown.adds_up) == (1, 1, True)
    assert [doubt.run_id for doubt in status.doubt] == [run.pk]


def test_due_mail_shows_although_no_bell_waits():
    a_run_of("ann@a.example", "ben@b.example")

    [lane] = queries.status(NOW).lanes

    assert (lane.waiting, lane.oldest_due_at) == (2, NOW)


def test_a_worker_lives_for_three_heartbeats():
    operations.beat(
        name="host:7",
        queues=["deliver"],
        task="delivery.deliver",
        busy_seconds=4,
        now=NOW,
    )

    [worker] = queries.workers(now=NOW + timedelta(seconds=14))

    assert worker.queues == ("deliver",)
    assert worker.task_since == NOW - timedelta(seconds=4)
    assert queries.workers(now=NOW + timedelta(seconds=15)) == ()


def test_a_queue_says_how_many_bells_wait_and_since_when(settings):
    redis.Redis.from_url(settings.REDIS_URL).flushall()
    ringer.ring(Bell.HEAR, {})
    ringer.ring(Bell.HEAR, {})

    waiting = broker.waiting(QUEUES)

    assert waiting["feedback"].depth == 2
    assert waiting["feedback"].oldest_at is not None
    assert waiting["deliver"] == broker.Waiting(0, None)


def test_a_broker_that_is_away_is_not_known_and_never_zero(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    status = queries.status(NOW)

    assert not status.broker_answers
    assert {queue.depth for queue in status.queues} == {None}
    assert "The broker does not answer. Mail goes on, by looking." in status.troubles


def test_what_is_wrong_is_said_first():
    a_run_of("ann@a.example")
    delivery.pause_everything(by="Thandi", now=NOW)
    drain(ScriptedTransport(away=True))

    assert queries.status(NOW).troubles[0] == "Everything is paused, by Thandi."


def test_a_run_that_does_not_move_is_named():
    run = a_run_of("ann@a.example")

    late = queries.status(NOW + timedelta(seconds=61))

    assert f"Run {run.pk} stands still: 1 wait." in late.troubles


def test_status_as_json_holds_the_same_figures():
    a_run_of("ann@a.example")
    an_alert("ben@b.example")

    shown = json.loads(said("status", json=True))

    assert shown["runs"][0]["adds_up"] is True
    assert [queue["name"] for queue in shown["queues"]] == list(QUEUES)
    assert set(as_json(queries.status(NOW))) == set(shown)


def test_status_in_words_names_every_queue():
    words = said("status")

    assert all(name in words for name in QUEUES)


def test_runs_are_listed_and_stopped_from_the_command_line():
    run = a_run_of("ann@a.example")

    assert "1 due" in said("runs")
    assert "paused" in said("pause_run", run.pk)
    assert "open" in said("resume_run", run.pk)
    assert "0 had gone, 1 people will not get it" in said("stop_run", run.pk)


def test_everything_is_paused_and_resumed_from_the_command_line():
    said("pause_run", everything=True)
    assert queries.status(NOW).paused is not None

    said("resume_run", everything=True)

    assert queries.status(NOW).paused is None


def test_a_run_that_is_not_there_is_named_and_the_exit_status_is_2():
    with pytest.raises(CommandError, match="no run 4711") as refusal:
        said("stop_run", 4711)

    assert refusal.value.returncode == 2


def test_doubts_are_listed_and_sent_again_from_the_command_line():
    now = utc_now()  # the command reads the clock, and a run has its time
    run = a_run_of("ann@a.example", release_at=now, now=now)
    drain(ScriptedTransport([None]), at(now))

    assert "position 1" in said("doubt")
    assert said("doubt", run.pk, resend=[]) == "resend: 1\n"
    assert said("doubt") == "Nothing is in doubt.\n"
