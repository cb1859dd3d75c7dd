"""Who holds a batch or a pipe, for how long, and what its loss leaves behind."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from mailer.delivery import queries
from mailer.delivery.lease import lease_a_pipe
from mailer.delivery.ledger import LEASE, PIPE_LEASE, State
from mailer.delivery.models import Backend, Batch
from mailer.delivery.run import DoubtPolicy, RunKind, RunState
from tests.kit.audience import NOW, a_newsletter, many_readers
from tests.kit.delivery import (
    BUSY,
    DyingTransport,
    ScriptedTransport,
    a_run_for,
    a_run_of,
    at,
    dies,
    drain,
    meanwhile,
    states,
)
from tests.kit.workers import wait_until

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(seconds=1)


def in_a_process_that_dies(do: Callable[[], object]) -> None:
    """Do it on a connection of its own, and end as the kernel ends a killed process."""
    pids = []

    def run() -> None:
        try:
            do()
        finally:
            pids.append(connection.connection.info.backend_pid)
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    gone = Backend.objects.filter(pk=pids[0])
    wait_until(lambda: not gone.exists())


def test_a_worker_that_dies_leaves_one_window_in_doubt_and_no_second_mail():
    newsletter = a_newsletter()
    many_readers(20, newsletter, domains=["gmail.com"])
    run = a_run_for(newsletter)
    dying, other = DyingTransport(after=1, window=4), ScriptedTransport()

    dies(lambda: drain(dying))
    drain(other, at(NOW + LEASE))

    progress = queries.progress(run.pk)
    assert (progress.accepted, progress.in_doubt) == (16, 4)
    assert len(set(dying.heard) & set(other.heard)) == 0


def test_nobody_takes_a_batch_before_its_lease_is_over():
    a_run_of("ann@a.example", "ben@b.example")
    other = ScriptedTransport()

    dies(lambda: drain(DyingTransport(after=0, window=1)))
    drain(other, at(NOW + LEASE - timedelta(seconds=1)))

    assert other.heard == []


def test_a_worker_that_oversleeps_mails_nobody_twice_and_clears_its_own_doubt():
    run = a_run_of("ann@a.example", "ben@b.example")
    quick = ScriptedTransport()
    slow = ScriptedTransport(
        window=1, before_reply=lambda: drain(quick, at(NOW + LEASE))
    )

    drain(slow)

    assert (slow.heard, quick.heard) == (["ann@a.example"], ["ben@b.example"])
    assert set(states(run).values()) == {State.ACCEPTED}
    progress = queries.progress(run.pk)
    assert (progress.accepted, progress.in_doubt, progress.in_flight) == (2, 0, 0)


def test_a_late_answer_that_says_later_does_not_clear_a_doubt():
    run = a_run_of("ann@a.example")
    slow = ScriptedTransport(
        [BUSY], before_reply=lambda: drain(ScriptedTransport(), at(NOW + LEASE))
    )

    drain(slow)

    assert states(run) == {"ann@a.example": State.IN_DOUBT}


def test_a_line_that_breaks_after_the_last_dot_leaves_a_doubt_and_no_second_mail():
    run = a_run_of("ann@a.example", "ben@b.example")
    relay = ScriptedTransport([None])

    drain(relay)
    drain(relay, at(NOW + LEASE))

    assert relay.heard == ["ann@a.example", "ben@b.example"]
    assert states(run)["ann@a.example"] is State.IN_DOUBT
    assert queries.progress(run.pk).state is RunState.DONE


def test_a_run_may_say_that_doubts_are_sent_again():
    run = a_run_of("ann@a.example", "ben@b.example", policy=DoubtPolicy.RESEND)
    relay = ScriptedTransport()

    dies(lambda: drain(DyingTransport(after=0)))
    drain(relay, at(NOW + LEASE))

    assert relay.heard == ["ann@a.example", "ben@b.example"]
    assert set(states(run).values()) == {State.ACCEPTED}


def test_the_reserved_pipe_carries_no_digest():
    a_run_of("ann@a.example")
    relay = ScriptedTransport()

    drain(relay, urgent_only=True)

    assert relay.heard == []


def test_a_digest_leaves_the_reserved_pipe_to_alerts():
    newsletter = a_newsletter()
    many_readers(20, newsletter, domains=["gmail.com"])
    a_run_for(newsletter)
    urgent = ScriptedTransport()

    def breaks():
        a_run_of("eve@e.example", kind=RunKind.ALERT)
        drain(urgent, urgent_only=True)

    drain(ScriptedTransport(window=4, before_reply=meanwhile(breaks)))

    assert urgent.heard == ["eve@e.example"]


def test_more_workers_than_pipes_wait(settings):
    settings.RELAY_PIPES = 1
    newsletter = a_newsletter()
    many_readers(20, newsletter)
    a_run_for(newsletter)
    second = ScriptedTransport()

    drain(ScriptedTransport(window=4, before_reply=lambda: drain(second)))

    assert second.heard == []


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_held_is_free_at_once():
    many_readers(20, newsletter := a_newsletter(), domains=["gmail.com"])
    run = a_run_for(newsletter)
    other = ScriptedTransport()

    in_a_process_that_dies(lambda: dies(lambda: drain(DyingTransport(window=4))))
    drain(other, at(SOON))

    progress = queries.progress(run.pk)
    assert (progress.accepted, progress.in_doubt) == (16, 4)


@pytest.mark.django_db(transaction=True)
def test_the_pipe_of_a_killed_worker_is_free_at_once():
    in_a_process_that_dies(lambda: lease_a_pipe(relay_id=1, pipes=1, now=NOW))

    pipe = lease_a_pipe(relay_id=1, pipes=1, now=SOON)

    assert pipe is not None
    assert pipe.fence == 2


def test_a_pipe_is_held_while_its_worker_lives():
    lease_a_pipe(relay_id=1, pipes=1, now=NOW)

    assert lease_a_pipe(relay_id=1, pipes=1, now=SOON) is None
    assert lease_a_pipe(relay_id=1, pipes=1, now=NOW + PIPE_LEASE) is not None


@pytest.mark.django_db(transaction=True)
def test_a_step_says_anew_whose_connection_holds_the_batch():
    many_readers(20, newsletter := a_newsletter(), domains=["gmail.com"])
    run = a_run_for(newsletter)
    seen = []

    def reconnects():
        connection.close()
        seen.append(Batch.objects.get(run=run).holder)

    drain(ScriptedTransport(window=4, before_reply=reconnects))

    assert len(set(seen)) == len(seen) > 1


@pytest.mark.django_db(transaction=True)
def test_where_doubts_are_sent_again_only_the_end_of_the_lease_frees_a_batch():
    # Its holder may have lost its connection alone, and be about to settle.
    a_run_of("ann@a.example", policy=DoubtPolicy.RESEND)
    other = ScriptedTransport()

    in_a_process_that_dies(lambda: dies(lambda: drain(DyingTransport(after=0))))
    drain(other, at(SOON))
    assert other.heard == []
    drain(other, at(NOW + LEASE))

    assert other.heard == ["ann@a.example"]
