"""Open a run: its audience becomes rows of the ledger, slice after slice.

    approved edition ─▶ held run ─▶ first wave, slices …    the audience is all there
                            └─────▶ open                    its release time has come

A slice is one statement and one commit, and the run remembers how far it came: after a
crash, whoever looks next goes on there. Batches come with their slice, so that the
first mail does not wait for the last row.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from mailer.audience import queries as audience
from mailer.delivery import dealing
from mailer.delivery.ending import cancel_rest, finish_if_over
from mailer.delivery.ledger import SLICE_SIZE
from mailer.delivery.models import Run
from mailer.delivery.partitions import make_room
from mailer.delivery.ringing import ring_for
from mailer.delivery.run import (
    LIFETIMES,
    PRIORITIES,
    RunKind,
    RunState,
    rest_reason,
)
from mailer.delivery.slices import write_rows
from mailer.delivery.superseding import end_older, replaces_key
from mailer.delivery.waves import as_stored, delay_of, plan_waves
from mailer.editions import operations as edition_operations
from mailer.editions import queries as editions
from mailer.editions.content import EditionKind, EditionState
from mailer.editions.view import EditionView, RecipeView
from mailer.kernel.priority import Priority
from mailer.rendering import operations as rendering

NOT_RELEASED = "not approved, or withdrawn, when its time came"
AHEAD = timedelta(seconds=60)  # rows are written before the release, not after it

log = logging.getLogger(__name__)


def open_due(*, now: datetime, urgent_only: bool = False) -> list[int]:
    """Open a run for each edition whose time has come; return the runs worked on.

    An edition gets one run, however many workers look; one that another crash left
    half open is gone on with. What can't be rendered stays with its editor.

    urgent_only: alerts alone, so that none waits while a great digest is opened.
    """
    for edition_id in editions.releasable(now=now, ahead=AHEAD):
        if not urgent_only or editions.edition(edition_id).kind is EditionKind.ALERT:
            start_run(edition_id=edition_id, now=now)
    release_due(now=now)
    least = Priority.BREAKING if urgent_only else Priority.NEWSLETTER
    unopened = list(
        Run.objects.filter(opened_at=None, priority__lte=least)
        .exclude(state=RunState.STOPPED)
        .order_by("priority", "release_at", "pk")
        .values_list("pk", flat=True)
    )
    for run_id in unopened:
        open_run(run_id=run_id, now=now)
    return unopened


def start_run(*, edition_id: int, now: datetime) -> int | None:
    """Make the held run of an approved edition; return it, also if it was there.

    None if the edition cannot be rendered.
    """
    edition = editions.edition(edition_id)
    made = rendering.render(edition_id=edition_id, now=now)  # what is stored stays
    if not made or any(finding.blocks for one in made for finding in one.findings):
        return None
    make_room(now=now)
    kind = RunKind(edition.kind.value)
    recipe = editions.recipe(edition.newsletter.id)
    waves = plan_waves(edition, recipe)
    last_at = edition.release_at + delay_of(waves, edition.release_at)
    run, new = Run.objects.exclude(kind=RunKind.TEST).get_or_create(
        edition_id=edition_id,
        defaults={
            "kind": kind,
            "newsletter_id": edition.newsletter.id,
            "content_hash": edition.hash,
            "place_code": edition.place_code,
            "priority": PRIORITIES[kind],
            "state": RunState.HELD,
            "seeds": [person.id for person in audience.staff()],
            "asked_at": now,
            "release_at": edition.release_at,
            "give_up_at": last_at + lifetime_of(kind, recipe),
            "waves": as_stored(waves),
            "supersede_key": supersede_key(edition),
            "replaces_key": replaces_key(edition),
        },
    )
    if new:
        log.info("delivery.run.held run=%s edition=%s", run.pk, edition_id)
    return run.pk


def lifetime_of(kind: RunKind, recipe: RecipeView | None) -> timedelta:
    """Return how long after its release a mail is worth sending."""
    if recipe is None or recipe.expires_minutes is None:
        return LIFETIMES[kind]
    return timedelta(minutes=recipe.expires_minutes)


def supersede_key(edition: EditionView) -> str:
    """Return what two editions of the same alert share; empty for all others."""
    if edition.kind is not EditionKind.ALERT:
        return ""
    return f"{edition.alert_story_id}: {edition.subject}"


def release_due(*, now: datetime) -> list[int]:
    """Let go the held runs whose time has come; return them.

    Each is looked at once more: an edition that is not approved as it stands, or holds
    a story withdrawn at its source, waits until its deadline and then never leaves.
    """
    held = Run.objects.filter(state=RunState.HELD, release_at__lte=now)
    rows = list(held.order_by("priority", "release_at", "pk"))
    may_go = set(editions.releasable(now=now)) if rows else set()
    released = []
    for run in rows:
        edition_id = run.edition_id or 0
        if edition_id in may_go:
            ended = _release(run.pk, edition_id, now=now)
            if ended is not None:
                released.append(run.pk)
            for older in ended or ():
                cancel_rest(run_id=older, reason=rest_reason(run.pk), now=now)
        elif _has_missed_it(editions.edition(edition_id), now):
            _drop(run.pk, now=now)
    return released


@transaction.atomic
def _release(run_id: int, edition_id: int, *, now: datetime) -> list[int] | None:
    """Let a run go, and end those it makes old; return these.

    None where it was undone at the same moment.
    """
    try:
        edition_operations.mark_sending(edition_id=edition_id, run_id=run_id, now=now)
    except (edition_operations.NotNow, edition_operations.ChangedSince):
        # Undone, or opened to change, since we looked.
        return None
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.state != RunState.HELD:  # another worker was quicker, or it was stopped
        transaction.set_rollback(True)
        return None
    run.state = RunState.OPEN
    run.content_hash = editions.edition(edition_id).hash  # as approved last
    run.save(update_fields=["state", "content_hash"])
    ring_for(run_id=run_id)
    log.info("delivery.run.released run=%s", run_id)
    return end_older(run, now=now)


def _has_missed_it(edition: EditionView, now: datetime) -> bool:
    return edition.state is EditionState.WITHDRAWN or edition.deadline_at < now


def _drop(run_id: int, *, now: datetime) -> None:
    held = Run.objects.filter(pk=run_id, state=RunState.HELD)
    if held.update(state=RunState.STOPPED, reason=NOT_RELEASED):
        cancel_rest(run_id=run_id, reason=NOT_RELEASED, now=now)
        log.info("delivery.run.dropped run=%s", run_id)


def open_run(*, run_id: int, now: datetime) -> None:
    """Write the rest of a run's audience into the ledger, a slice a commit.

    Ends early where another worker is at it, or the run was stopped meanwhile.
    """
    while (count := write_a_slice(run_id=run_id, now=now)) is not None:
        if count:
            dealing.deal(now=now)  # some relays may take nothing just now
            ring_for(run_id=run_id)
    finish_if_over(run_id=run_id, now=now)


@transaction.atomic(durable=True)
def write_a_slice(*, run_id: int, now: datetime, limit: int = SLICE_SIZE) -> int | None:
    """Write the next rows of a run, with their batches; return how many.

    The first slice is the first wave: the paper's own people. None once all are there,
    the run is stopped, or another worker holds it.
    """
    siblings = _siblings(run_id)
    run = (
        Run.objects.select_for_update(skip_locked=True)
        .filter(pk=run_id, opened_at=None)
        .exclude(state=RunState.STOPPED)
        .first()
    )
    if run is None:
        return None
    is_first = run.reached is None
    count, last = write_rows(
        run, siblings=siblings, is_first=is_first, limit=limit, now=now
    )
    run.audience += count
    run.reached = run.reached or 0
    if not is_first:
        run.reached = last or run.reached
        if count < limit:
            run.opened_at = now
    run.save(update_fields=["audience", "reached", "opened_at"])
    log.info("delivery.run.slice run=%s rows=%s of=%s", run_id, count, run.audience)
    return count


def _siblings(run_id: int) -> list[int]:
    """Return the other runs of the same alert; all of them are locked, in one order.

    So two of them write one after the other, and each sees whom the other has.
    """
    key = Run.objects.values_list("supersede_key", flat=True).get(pk=run_id)
    if not key:
        return []
    alike = Run.objects.select_for_update().filter(supersede_key=key).order_by("pk")
    return [run.pk for run in alike if run.pk != run_id]
