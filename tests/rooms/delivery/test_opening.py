"""From an approved edition to an open run: once, whole, resumable, in time."""

from datetime import timedelta

import pytest

from mailer.delivery import opening, queries
from mailer.delivery import operations as delivery
from mailer.delivery.ledger import BATCH_SIZE, State
from mailer.delivery.models import Batch, Delivery, Run
from mailer.delivery.run import RunKind, RunState
from mailer.editions import operations as editing
from mailer.editions import queries as editions
from mailer.editions.content import EditionState
from mailer.sources import operations as sources
from tests.kit.audience import (
    a_newsletter,
    a_reader_of,
    a_subscriber,
    many_readers,
    readers_of,
)
from tests.kit.delivery import (
    Hands,
    ScriptedTransport,
    a_run_for,
    an_alert,
    an_approved_digest,
    drain,
    meanwhile,
    nothing,
    states,
)
from tests.kit.editions import NOW

pytestmark = pytest.mark.django_db


def test_an_approved_edition_becomes_one_run_however_many_look():
    edition = an_approved_digest(a_reader := "ann@a.example")

    delivery.open_due(now=edition.release_at)
    delivery.open_due(now=edition.release_at)

    run = Run.objects.get(edition_id=edition.id)
    assert run.state == RunState.OPEN
    assert states(run) == {a_reader: State.DUE}
    assert editions.edition(edition.id).state is EditionState.SENDING
    assert editions.edition(edition.id).run_id == run.pk


def test_rows_are_written_before_the_release_and_nothing_leaves_before_it():
    edition = an_approved_digest("ann@a.example")
    before = edition.release_at - timedelta(seconds=30)
    relay = ScriptedTransport()

    delivery.open_due(now=before)
    drain(relay, Hands(before))

    run = Run.objects.get(edition_id=edition.id)
    assert (run.state, run.audience) == (RunState.HELD, 1)
    assert relay.heard == []


def test_an_edition_not_approved_is_not_opened():
    edition = an_approved_digest("ann@a.example", approve=False)

    delivery.open_due(now=edition.release_at)

    assert not Run.objects.exists()


def test_an_edition_past_its_deadline_is_not_opened():
    edition = an_approved_digest("ann@a.example")

    delivery.open_due(now=edition.deadline_at + timedelta(seconds=1))

    assert not Run.objects.exists()


def test_a_held_run_whose_edition_lost_its_approval_waits_and_then_never_leaves():
    edition = an_approved_digest("ann@a.example")
    delivery.open_due(now=edition.release_at - timedelta(seconds=30))
    editing.set_words(
        edition_id=edition.id, subject="Another subject", by="Thandi", now=NOW
    )

    delivery.release_due(now=edition.release_at)
    waits = queries.progress_of_edition(edition.id).state
    delivery.release_due(now=edition.deadline_at + timedelta(minutes=1))

    assert waits is RunState.HELD
    progress = queries.progress_of_edition(edition.id)
    assert (progress.state, progress.cancelled) == (RunState.STOPPED, 1)


def test_an_edition_changed_and_approved_again_in_the_hold_goes_as_it_is_now():
    edition = an_approved_digest("ann@a.example")
    delivery.open_due(now=edition.release_at - timedelta(seconds=30))
    editing.set_words(
        edition_id=edition.id, subject="Another subject", by="Thandi", now=NOW
    )
    editing.approve(
        edition_id=edition.id,
        seen_hash=editions.edition(edition.id).hash,
        by="Sipho",
        now=NOW,
    )
    relay = ScriptedTransport()

    delivery.open_due(now=edition.release_at)
    drain(relay, Hands(edition.release_at))

    assert b"Subject: Another subject\r\n" in relay.envelopes[0].message


def test_a_story_withdrawn_in_the_hold_keeps_the_run_back():
    edition = an_approved_digest("ann@a.example")
    delivery.open_due(now=edition.release_at - timedelta(seconds=30))
    story = editions.content(edition_id=edition.id).items[0].story
    sources.withdraw(story_id=story.id, now=NOW)

    delivery.release_due(now=edition.release_at)

    assert queries.progress_of_edition(edition.id).state is RunState.HELD


def test_a_lead_withdrawn_during_the_send_stops_the_rest():
    edition = an_approved_digest(*(f"r{n}@a.example" for n in range(8)))
    delivery.open_due(now=edition.release_at)
    story = editions.content(edition_id=edition.id).items[0].story

    def pull():
        sources.withdraw(story_id=story.id, now=NOW)
        delivery.look(now=edition.release_at)

    relay = ScriptedTransport(window=2, before_reply=meanwhile(nothing, pull))
    drain(relay, Hands(edition.release_at))

    progress = queries.progress_of_edition(edition.id)
    assert len(relay.heard) == 4
    assert (progress.state, progress.cancelled) == (RunState.STOPPED, 4)
    assert editions.edition(edition.id).state is EditionState.STOPPED


def test_an_alert_waits_for_its_hold_and_goes_then():
    edition = an_alert("ann@a.example")
    relay = ScriptedTransport()

    delivery.open_due(now=NOW)
    drain(relay, Hands(NOW))
    assert relay.heard == []
    delivery.release_due(now=edition.release_at)
    drain(relay, Hands(edition.release_at))

    assert relay.heard == ["ann@a.example"]


def test_an_alert_undone_in_time_reaches_nobody():
    edition = an_alert("ann@a.example")
    delivery.open_due(now=NOW)
    relay = ScriptedTransport()

    undone = delivery.undo(edition_id=edition.id, by="Thandi", now=NOW)
    delivery.open_due(now=edition.release_at)
    drain(relay, Hands(edition.release_at))

    assert undone
    assert relay.heard == []
    progress = queries.progress_of_edition(edition.id)
    assert (progress.state, progress.cancelled) == (RunState.STOPPED, 1)


def test_an_alert_undone_before_its_run_was_made_reaches_nobody():
    edition = an_alert("ann@a.example")

    undone = delivery.undo(edition_id=edition.id, by="Thandi", now=NOW)
    delivery.open_due(now=edition.release_at)

    assert undone
    assert not Run.objects.exists()


def test_an_undo_that_comes_too_late_says_so_and_changes_nothing():
    edition = an_alert("ann@a.example")
    delivery.open_due(now=edition.release_at)

    undone = delivery.undo(edition_id=edition.id, by="Thandi", now=edition.release_at)

    assert not undone
    assert queries.progress_of_edition(edition.id).state is RunState.OPEN


def test_an_alert_is_opened_by_an_urgent_look_while_others_open_a_digest():
    digest = an_approved_digest("ann@a.example")
    alert = an_alert("ben@b.example")

    delivery.look(now=digest.release_at, urgent_only=True)

    assert queries.progress_of_edition(alert.id).audience == 1
    assert queries.progress_of_edition(digest.id) is None


def test_only_readers_of_the_place_are_written_to():
    newsletter = a_newsletter(by_place=True)
    here = a_reader_of(newsletter, place="TAMBA")
    a_reader_of(newsletter, place="KARANDA")
    a_reader_of(newsletter)

    run = a_run_for(newsletter, place_code="TAMBA")

    assert states(run) == {here.address: State.DUE}


def test_the_papers_own_people_come_first():
    newsletter = a_newsletter()
    readers_of(newsletter, "ann@a.example", "ben@b.example")
    staff = a_reader_of(newsletter, address="desk@z.example", is_staff=True)

    run = a_run_for(newsletter, seeds=[staff.id])

    assert next(iter(states(run))) == "desk@z.example"
    assert len(states(run)) == 3


def test_a_batch_holds_one_receiving_provider_and_a_thousand_at_most():
    newsletter = a_newsletter()
    many_readers(2500, newsletter, domains=["gmail.com"])
    many_readers(10, newsletter, domains=["outlook.com"])

    run = a_run_for(newsletter)

    sizes = sorted(b.last - b.first + 1 for b in Batch.objects.filter(run=run))
    assert sizes == [10, 500, BATCH_SIZE, BATCH_SIZE]


def test_positions_and_batches_cover_the_audience_without_a_gap():
    newsletter = a_newsletter()
    many_readers(2500, newsletter)
    run = a_run_for(newsletter, opened=False)

    while opening.write_a_slice(run_id=run.pk, now=NOW, limit=700) is not None:
        pass

    rows = Delivery.objects.filter(run_id=run.pk)
    positions = list(rows.order_by("position").values_list("position", flat=True))
    assert positions == list(range(1, 2501))
    stretches = Batch.objects.filter(run=run).values_list("first", "last")
    covered = sorted(p for first, last in stretches for p in range(first, last + 1))
    assert covered == positions


def test_a_run_half_open_is_gone_on_with_after_a_crash():
    newsletter = a_newsletter()
    many_readers(250, newsletter)
    run = a_run_for(newsletter, opened=False)
    opening.write_a_slice(run_id=run.pk, now=NOW, limit=100)
    opening.write_a_slice(run_id=run.pk, now=NOW, limit=100)  # and then a crash

    delivery.open_due(now=NOW)

    progress = queries.progress(run.pk)
    assert (progress.audience, progress.due, progress.opened) == (250, 250, True)


def test_the_first_mail_does_not_wait_for_the_last_row():
    newsletter = a_newsletter()
    many_readers(250, newsletter)
    run = a_run_for(newsletter, opened=False)
    opening.write_a_slice(run_id=run.pk, now=NOW, limit=100)
    opening.write_a_slice(run_id=run.pk, now=NOW, limit=100)
    relay = ScriptedTransport()

    drain(relay)

    assert len(relay.heard) == 100
    assert queries.progress(run.pk).state is RunState.OPEN  # not done: more will come


def test_the_sums_hold_while_a_run_opens():
    newsletter = a_newsletter()
    many_readers(250, newsletter)
    run = a_run_for(newsletter, opened=False)
    held = []

    while opening.write_a_slice(run_id=run.pk, now=NOW, limit=60) is not None:
        held.append(queries.progress(run.pk).adds_up)

    assert held == [True] * len(held)


def test_a_stop_while_a_run_opens_writes_no_more_rows():
    newsletter = a_newsletter()
    many_readers(250, newsletter)
    run = a_run_for(newsletter, opened=False)
    opening.write_a_slice(run_id=run.pk, now=NOW, limit=100)
    opening.write_a_slice(run_id=run.pk, now=NOW, limit=100)

    stopped = delivery.stop(run_id=run.pk, by="Thandi", reason="wrong list", now=NOW)
    delivery.open_due(now=NOW)

    assert (stopped.gone, stopped.left) == (0, 100)
    assert queries.progress(run.pk).audience == 100


def test_one_person_in_two_audiences_of_one_alert_gets_one_mail():
    here, there = a_newsletter(), a_newsletter()
    both = a_reader_of(here, there)
    only_there = a_reader_of(there)

    first = a_run_for(here, kind=RunKind.ALERT, supersede_key="dam bursts")
    second = a_run_for(there, kind=RunKind.ALERT, supersede_key="dam bursts")

    assert states(first) == {both.address: State.DUE}
    assert states(second) == {only_there.address: State.DUE}


def test_nobody_who_does_not_want_it_is_in_the_audience():
    newsletter = a_newsletter()
    a_reader_of(newsletter, state="left")
    a_subscriber()

    assert a_run_for(newsletter).audience == 0


def test_an_edition_that_cannot_be_rendered_opens_no_run_and_holds_no_other():
    broken = an_approved_digest("ann@a.example")
    edition = an_approved_digest("ben@b.example")
    editing.block(edition_id=broken.id, reason="digest.html:7: no such thing")

    delivery.open_due(now=edition.release_at)

    assert [r.edition_id for r in Run.objects.all()] == [edition.id]
