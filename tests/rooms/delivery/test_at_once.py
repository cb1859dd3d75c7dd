"""Real workers at the same moment, each with its own connection, on committed rows."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from mailer.audience import operations as audience
from mailer.audience.letter import LetterKind
from mailer.delivery import opening, queries, standing
from mailer.delivery import operations as delivery
from mailer.delivery.lease import lease_a_batch
from mailer.delivery.ledger import UNSENT, State
from mailer.delivery.models import Batch, Delivery, Run
from mailer.delivery.run import RunKind, RunState
from mailer.delivery.step import Asked, put, step
from tests.kit.audience import NOW, a_newsletter, a_subscriber, many_readers
from tests.kit.delivery import (
    ScriptedTransport,
    a_run_for,
    a_run_of,
    an_alert,
    an_approved_digest,
    at,
    drain,
    states,
)
from tests.kit.workers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*tasks: Callable[[], object]) -> list[object]:
    """Run these in threads that start together; return what they return."""
    gate, results = threading.Barrier(len(tasks)), [None] * len(tasks)
    faults: list[BaseException] = []

    def run(number: int, task: Callable[[], object]) -> None:
        try:
            gate.wait()
            results[number] = task()
        except BaseException as fault:  # noqa: BLE001  shown by the test
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=t) for t in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    return results


def test_two_workers_on_one_run_mail_nobody_twice():
    many_readers(4000, newsletter := a_newsletter())
    run = a_run_for(newsletter)
    one, other = ScriptedTransport(), ScriptedTransport()

    at_once(lambda: drain(one), lambda: drain(other))

    assert max(Counter(one.heard + other.heard).values()) == 1
    assert len(one.heard) + len(other.heard) == 4000
    progress = queries.progress(run.pk)
    assert (progress.accepted, progress.state) == (4000, RunState.DONE)


def test_three_schedulers_open_one_run_with_each_reader_once():
    edition = an_approved_digest()
    many_readers(3000, edition.newsletter)

    def open_due():
        delivery.open_due(now=edition.release_at)

    at_once(open_due, open_due, open_due)
    delivery.open_due(now=edition.release_at)

    run = Run.objects.get(edition_id=edition.id)
    rows = Delivery.objects.filter(run_id=run.pk)
    assert (run.audience, rows.count()) == (3000, 3000)
    assert queries.progress(run.pk).adds_up


def test_of_a_release_and_an_undo_one_wins_and_the_answer_says_which():
    edition = an_alert("ann@a.example")
    delivery.open_due(now=edition.slot_at)
    before = edition.release_at.replace(microsecond=0)

    _, undone = at_once(
        lambda: delivery.release_due(now=edition.release_at),
        lambda: delivery.undo(
            edition_id=edition.id, by="Thandi", now=before.replace(second=0)
        ),
    )

    state = queries.progress_of_edition(edition.id).state
    assert state is (RunState.STOPPED if undone else RunState.OPEN)


def test_a_stop_in_the_middle_of_windows_counts_everybody_exactly_once():
    many_readers(4000, newsletter := a_newsletter())
    run = a_run_for(newsletter)
    relay = ScriptedTransport(window=16)

    def stop():
        while queries.progress(run.pk).accepted < 300:
            pass
        return delivery.stop(run_id=run.pk, by="Thandi", reason="", now=NOW)

    _, stopped = at_once(lambda: drain(relay), stop)

    assert stopped.gone + stopped.left == 4000
    assert len(relay.heard) == stopped.gone
    progress = queries.progress(run.pk)
    assert (progress.accepted, progress.cancelled) == (stopped.gone, stopped.left)
    assert not Batch.objects.filter(run=run, done=False).exists()


def test_two_audiences_of_one_alert_opened_at_once_get_one_mail_each():
    here, there = a_newsletter(), a_newsletter()
    many_readers(2000, here, there)
    runs = [
        a_run_for(one, kind=RunKind.ALERT, supersede_key="dam", opened=False)
        for one in (here, there)
    ]

    at_once(*(lambda r=r: opening.open_run(run_id=r.pk, now=NOW) for r in runs))

    assert Delivery.objects.count() == 2000
    people = set(Delivery.objects.values_list("subscriber_id", flat=True))
    assert len(people) == 2000


def test_two_who_take_the_same_letters_send_each_once():
    for number in range(20):
        person = a_subscriber(f"r{number}@a.example")
        data = {"url": "https://news.causeway.example/p/in/x", "minutes": 15}
        audience.ask_letter(
            kind=LetterKind.LINK, subscriber_id=person.id, data=data, now=NOW
        )
    relay = ScriptedTransport()

    at_once(
        lambda: delivery.open_letters(now=NOW), lambda: delivery.open_letters(now=NOW)
    )
    drain(relay, at(NOW))

    assert len(relay.heard) == len(set(relay.heard)) == 20


def test_a_step_that_waited_for_a_cancel_does_not_ask_whom_it_cancelled():
    run = a_run_of("ann@a.example", "ben@b.example")
    hold = lease_a_batch(relay_id=1, writer=1, now=NOW)
    asked: list[list[Asked]] = []

    def ask() -> None:
        try:
            asked.append(step(hold, {}, stop=3, now=NOW))
        finally:
            connection.close()

    worker = threading.Thread(target=ask)
    with transaction.atomic():
        Batch.objects.select_for_update().get(pk=hold.batch_id)
        put(hold, UNSENT, State.CANCELLED, reason="stopped", now=NOW)
        worker.start()
        wait_until(somebody_waits_for_a_lock)
    worker.join()

    assert asked == [[]]
    assert set(states(run).values()) == {State.CANCELLED}
    assert queries.progress(run.pk).adds_up


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # or it is kept till commit
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] > 0


def test_of_eight_workers_that_find_a_relay_half_open_one_may_try():
    standing.failed(relay_id=1, reason="away", now=NOW)
    later = NOW + timedelta(seconds=1)

    entries = at_once(*[lambda: standing.enter(relay_id=1, now=later)] * 8)

    assert sorted(entry is not None for entry in entries) == [False] * 7 + [True]


def test_workers_that_share_a_day_never_pass_its_cap(settings):
    settings.RELAYS = ("smtp://localhost:1?cap=100",)

    taken = at_once(*[lambda: standing.allow(relay_id=1, want=30, now=NOW)] * 8)

    assert sum(one.n for one in taken) == 100
    assert standing.used_of_day([1], now=NOW) == {1: 100}


def test_batches_that_move_while_they_are_leased_are_sent_once(settings):
    settings.RELAYS = ("smtp://localhost:1", "smtp://localhost:2")
    many_readers(600, newsletter := a_newsletter(), domains=["gmail.com", "gmx.de"])
    run = a_run_for(newsletter)
    relays = [ScriptedTransport(), ScriptedTransport()]

    at_once(
        lambda: drain(relays[0], at(NOW), relay_id=1),
        lambda: drain(relays[1], at(NOW), relay_id=2),
        lambda: delivery.drain_relay(relay_id=1, by="Thandi", now=NOW),
        lambda: delivery.use_relay(relay_id=1, by="Thandi", now=NOW),
    )
    delivery.use_relay(relay_id=1, by="Thandi", now=NOW)
    drain(relays[0], at(NOW), relay_id=1)
    drain(relays[1], at(NOW), relay_id=2)

    assert set(states(run).values()) == {State.ACCEPTED}
    assert set(Counter(relays[0].heard + relays[1].heard).values()) == {1}
