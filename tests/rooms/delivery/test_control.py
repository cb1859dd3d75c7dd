"""Undo, pause, resume, stop; and everything at once."""

import pytest

from mailer.delivery import operations as delivery
from mailer.delivery import queries
from mailer.delivery.ledger import LEASE, State
from mailer.delivery.models import Batch, Tally
from mailer.delivery.run import RunKind, RunState
from mailer.editions import queries as editions
from mailer.editions.content import EditionState
from tests.kit.audience import NOW, a_newsletter, many_readers
from tests.kit.delivery import (
    BUSY,
    DyingTransport,
    Hands,
    ScriptedTransport,
    a_run_for,
    a_run_of,
    an_alert,
    at,
    dies,
    drain,
    meanwhile,
    nothing,
    states,
)

pytestmark = pytest.mark.django_db


def a_digest_for(readers: int):
    many_readers(readers, newsletter := a_newsletter(), domains=["gmail.com"])
    return a_run_for(newsletter)


def test_a_pause_is_seen_by_the_next_window():
    run = a_digest_for(20)
    relay = ScriptedTransport(
        window=4,
        before_reply=meanwhile(
            nothing, lambda: delivery.pause(run_id=run.pk, by="Thandi", now=NOW)
        ),
    )

    drain(relay)

    progress = queries.progress(run.pk)
    assert (progress.accepted, progress.due, progress.in_doubt) == (8, 12, 0)
    assert (progress.state, progress.moved_by) == (RunState.PAUSED, "Thandi")


def test_a_paused_run_goes_on_where_it_was():
    run = a_digest_for(20)
    relay = ScriptedTransport(
        window=4,
        before_reply=meanwhile(
            lambda: delivery.pause(run_id=run.pk, by="Thandi", now=NOW)
        ),
    )

    drain(relay)
    drain(relay)
    assert len(relay.heard) == 4
    delivery.resume(run_id=run.pk, by="Sipho", now=NOW)
    drain(relay)

    assert len(set(relay.heard)) == len(relay.heard) == 20
    assert queries.progress(run.pk).state is RunState.DONE


def test_a_stop_says_exactly_how_many_had_gone_and_how_many_are_left():
    run = a_digest_for(20)
    said = []
    relay = ScriptedTransport(
        window=4,
        before_reply=meanwhile(
            nothing,
            lambda: said.append(
                delivery.stop(run_id=run.pk, by="Thandi", reason="wrong", now=NOW)
            ),
        ),
    )

    drain(relay)

    [stopped] = said
    assert (stopped.gone, stopped.left) == (8, 12)  # four of them on the wire
    progress = queries.progress(run.pk)
    assert (progress.accepted, progress.cancelled, progress.in_doubt) == (8, 12, 0)
    assert progress.adds_up


def test_a_second_stop_says_the_same():
    run = a_digest_for(5)

    first = delivery.stop(run_id=run.pk, by="Thandi", reason="wrong", now=NOW)
    second = delivery.stop(run_id=run.pk, by="Sipho", reason="also", now=NOW)

    assert first == second
    assert queries.progress(run.pk).moved_by == "Thandi"


def test_a_stopped_run_never_goes_on_and_its_edition_says_why():
    run = a_digest_for(5)
    delivery.stop(run_id=run.pk, by="Thandi", reason="the wrong list", now=NOW)
    relay = ScriptedTransport()

    drain(relay)
    with pytest.raises(delivery.NotNow, match="stopped"):
        delivery.resume(run_id=run.pk, by="Sipho", now=NOW)

    assert relay.heard == []
    edition = editions.edition(run.edition_id)
    assert (edition.state, edition.reason) == (EditionState.STOPPED, "the wrong list")
    assert not Batch.objects.filter(done=False).exists()


def test_what_was_put_off_when_a_run_is_stopped_is_cancelled_too():
    run = a_run_of("ann@a.example")
    drain(ScriptedTransport([BUSY]))

    stopped = delivery.stop(run_id=run.pk, by="Thandi", reason="", now=NOW)

    assert (stopped.gone, stopped.left) == (0, 1)


def test_what_is_put_off_after_the_stop_is_cancelled_when_its_batch_comes_back():
    run = a_run_of("ann@a.example")
    relay = ScriptedTransport(
        [BUSY],
        before_reply=meanwhile(
            lambda: delivery.stop(run_id=run.pk, by="Thandi", reason="", now=NOW)
        ),
    )

    drain(relay)

    assert states(run) == {"ann@a.example": State.CANCELLED}


def test_a_stop_of_a_run_whose_worker_died_puts_its_window_in_doubt_later():
    run = a_digest_for(10)
    dies(lambda: drain(DyingTransport(after=0, window=4)))

    stopped = delivery.stop(run_id=run.pk, by="Thandi", reason="", now=NOW)
    delivery.upkeep(now=NOW + LEASE)

    assert (stopped.gone, stopped.left) == (4, 6)
    progress = queries.progress(run.pk)
    assert (progress.in_doubt, progress.cancelled) == (4, 6)
    assert not Batch.objects.filter(done=False).exists()


def test_an_undo_by_a_clock_behind_the_release_does_not_say_that_it_came_in_time():
    edition = an_alert("ann@a.example")
    delivery.open_due(now=edition.release_at)

    undone = delivery.undo(edition_id=edition.id, by="Thandi", now=edition.slot_at)

    assert not undone
    assert queries.progress_of_edition(edition.id).state is RunState.OPEN


def test_a_stop_in_the_hold_is_an_undo():
    edition = an_alert("ann@a.example")
    delivery.open_due(now=edition.release_at.replace(second=0))
    run_id = queries.progress_of_edition(edition.id).run_id

    stopped = delivery.stop(run_id=run_id, by="O", reason="", now=edition.slot_at)

    assert (stopped.gone, stopped.left) == (0, 1)
    assert editions.edition(edition.id).state is EditionState.WITHDRAWN


def test_a_run_that_is_done_can_be_neither_paused_nor_stopped():
    run = a_run_of("ann@a.example")
    drain(ScriptedTransport())

    with pytest.raises(delivery.NotNow, match="done"):
        delivery.pause(run_id=run.pk, by="Thandi", now=NOW)
    with pytest.raises(delivery.NotNow, match="done"):
        delivery.stop(run_id=run.pk, by="Thandi", reason="", now=NOW)


def test_a_run_nobody_knows_is_named():
    with pytest.raises(delivery.NoSuchRun, match="no run 4711"):
        delivery.pause(run_id=4711, by="Thandi", now=NOW)


def test_everything_paused_is_seen_by_the_next_window_of_every_run():
    digest = a_digest_for(20)
    a_run_of("eve@e.example", kind=RunKind.ALERT)
    relay = ScriptedTransport(
        window=4,
        before_reply=meanwhile(
            nothing, lambda: delivery.pause_everything(by="Thandi", now=NOW)
        ),
    )

    drain(relay)
    drain(relay)

    assert len(relay.heard) == 5  # the alert, and one window of the digest
    assert queries.pause().by == "Thandi"
    assert queries.progress(digest.pk).in_doubt == 0


def test_everything_goes_on_when_the_switch_is_lifted():
    a_digest_for(20)
    relay = ScriptedTransport()
    delivery.pause_everything(by="Thandi", now=NOW)
    drain(relay)

    delivery.resume_everything(by="Sipho", now=NOW)
    drain(relay)

    assert len(relay.heard) == 20
    assert queries.pause() is None


def test_the_state_of_a_run_adds_up_at_every_moment():
    run = a_digest_for(30)
    seen = []
    clock = Hands()
    relay = ScriptedTransport(
        [BUSY, None, BUSY],
        window=4,
        before_reply=lambda: seen.append(queries.progress(run.pk)),
    )

    drain(relay, clock)
    clock.turn(minutes=2)
    drain(relay, clock)

    assert [p.total for p in seen] == [30] * len(seen)
    assert delivery.upkeep(now=clock()).wrong == ()


def test_a_tally_that_went_wrong_is_found_by_the_recount():
    run = a_digest_for(3)
    Tally.objects.filter(run_id=run.pk).update(n=2)

    [wrong] = delivery.upkeep(now=NOW).wrong

    assert wrong.wrong == {"due": (2, 3)}


def test_a_look_finds_what_no_bell_announced():
    a_run_of("ann@a.example")

    assert delivery.look(now=NOW) == [1]
    assert delivery.look(now=NOW, urgent_only=True) == []
    drain(ScriptedTransport(), at(NOW))
    assert delivery.look(now=NOW) == []


def test_relays_that_work_take_over_from_one_that_does_not(settings):
    settings.RELAYS = ("smtp://127.0.0.1:1", "smtp://127.0.0.1:2")
    run = a_digest_for(20)
    clock = Hands()

    for _ in range(3):
        drain(ScriptedTransport(away=True), clock)
        clock.turn(seconds=31)
    delivery.upkeep(now=clock())

    assert set(Batch.objects.values_list("relay_id", flat=True)) == {2}
    assert queries.progress(run.pk).adds_up
