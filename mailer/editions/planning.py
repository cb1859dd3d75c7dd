"""Planning: each slot becomes one edition, or the reason why there is none.

However many schedulers run, and whatever their clocks say: a newsletter is planned
under the lock of its recipe, a slot is a unique row, and a story is a newsletter's
once, by a unique row too. Nothing here depends on having looked at the right moment.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from mailer.audience import queries as audience
from mailer.audience.newsletter import Newsletter
from mailer.editions import schedule, wording
from mailer.editions.content import EditionKind, EditionState
from mailer.editions.freshening import freshen, skip_stale
from mailer.editions.journal import (
    note,
    number_of_next,
    put_items,
    settle,
)
from mailer.editions.models import Edition, EditionEvent, Recipe, Use
from mailer.editions.queries import recipe_view
from mailer.editions.recipe import SCHEDULE
from mailer.editions.resulting import plan_results
from mailer.editions.schedule import Slot
from mailer.editions.selection import Choice, choose
from mailer.editions.view import RecipeView
from mailer.sources import queries as sources
from mailer.sources.story import Kind, Story

log = logging.getLogger(__name__)

MOST_MISSED = 500  # rows written for slots nobody filled; the oldest stands for more
LONGEST_LOOK = timedelta(days=366)  # back from now, when a scheduler was away
FIRST_LOOK = timedelta(days=1)  # … and how far first: each minute may be a slot
EVENT_LOOK = timedelta(days=60)  # events are announced long before they begin
PAGES = (500, 2000, 8000)  # stories asked for until enough unused ones are there
ENOUGH = 300


@dataclass(frozen=True, slots=True)
class Planned:
    """What one pass did, as ids of editions; failed: ids of newsletters."""

    filled: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    results: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()


def plan(*, now: datetime) -> Planned:
    """Bring every newsletter up to date, each in a transaction of its own.

    First what is stale ends and what was withdrawn or edited at its source is taken
    over, so that freed stories are there for the slots; then slots; then results.
    A newsletter that can't be planned is named and keeps no other from it.
    """
    stale = skip_stale(now=now)
    freshened = freshen(now=now, refill=refill)
    filled: list[int] = []
    skipped = [*stale, *freshened.emptied]
    results: list[int] = []
    failed = list(freshened.failed)
    newsletters = audience.newsletters()
    recipes = Recipe.objects.in_bulk([newsletter.id for newsletter in newsletters])
    for newsletter in newsletters:
        try:
            recipe = recipes.get(newsletter.id)
            made, not_made = _plan_newsletter(newsletter, recipe, now)
            if newsletter.by_place:
                results += plan_results(newsletter, now=now)
        except Exception:  # one newsletter's fault is no other's
            log.exception("edition.plan_failed newsletter=%s", newsletter.id)
            failed.append(newsletter.id)
        else:
            filled += made
            skipped += not_made
    return Planned(
        filled=tuple(filled),
        skipped=tuple(skipped),
        changed=freshened.changed,
        results=tuple(results),
        failed=tuple(failed),
    )


def _plan_newsletter(
    newsletter: Newsletter, row: Recipe | None, now: datetime
) -> tuple[list[int], list[int]]:
    """Plan a newsletter's slots. Returns ids of editions filled, and of those skipped.

    Most passes find nothing due and take no lock.
    """
    if row is None or not _due(row, now):
        return [], []
    with transaction.atomic(durable=True):
        row = Recipe.objects.select_for_update().get(pk=newsletter.id)
        due = _due(row, now)  # again, under the lock: another may just have planned
        if not due:
            return [], []
        return _plan_slots(row, newsletter, due, now)


def _due(row: Recipe, now: datetime) -> list[Slot]:
    """Return the slots that are to have a row now and have none.

    From where planning has come, or from what is still within its deadline if that is
    earlier: a row in the table is the truth, not how far somebody's clock once was.
    A slot that a clock ahead of ours called missed is due while it is not, by ours.
    """
    if not row.cron or schedule.faults_of(row.cron, row.time_zone):
        return []
    deadline = timedelta(minutes=row.deadline_minutes)
    found = _slots_to_account(row, now)
    known = set(
        Edition.objects.filter(
            newsletter_id=row.newsletter_id, slot__in=[slot.key for slot in found]
        )
        .exclude(_missed_too_soon(now - deadline))
        .values_list("slot", flat=True)
    )
    return [slot for slot in found if slot.key not in known]


def _slots_to_account(row: Recipe, now: datetime) -> list[Slot]:
    """Return the slots since planning stood still, the latest where they are many."""
    oldest = now - timedelta(minutes=row.deadline_minutes)
    horizon = now + timedelta(minutes=row.lead_minutes)
    floor = max(min(row.planned_to, oldest), row.since, oldest - LONGEST_LOOK)
    look = FIRST_LOOK
    while True:
        start = max(floor, oldest - look)
        found = list(
            schedule.slots(row.cron, row.time_zone, after=start, until=horizon)
        )
        late = sum(slot.at < oldest for slot in found)
        if start == floor or late >= MOST_MISSED:
            return found
        look *= 8


def _missed_too_soon(oldest: datetime) -> Q:
    """Return what was called missed though nobody looked and its time is not over."""
    return Q(state=EditionState.SKIPPED, filled_at=None, slot_at__gte=oldest)


def _plan_slots(
    row: Recipe, newsletter: Newsletter, due: list[Slot], now: datetime
) -> tuple[list[int], list[int]]:
    recipe = recipe_view(row)
    deadline = timedelta(minutes=row.deadline_minutes)
    late = [slot for slot in due if slot.at + deadline < now]
    skipped = _write_missed(row, late, deadline, now)
    filled: list[int] = []
    decided = late[-1:]
    still = [slot for slot in due if slot.at + deadline >= now]
    if still:
        recipe = _with_sources_named(recipe)
        known = Edition.objects.filter(
            newsletter_id=newsletter.id, slot__in=[slot.key for slot in still]
        )
        called_missed = {edition.slot: edition for edition in known}
        for slot in still:
            edition = called_missed.get(slot.key) or _new_row(recipe, slot)
            if not _fill(edition, recipe, newsletter, slot, now):
                break  # what comes next is this one's first
            decided.append(slot)
            is_there = edition.state == EditionState.READY
            (filled if is_there else skipped).append(edition.pk)
    if decided:
        row.planned_to = max(row.planned_to, decided[-1].at)
        row.save(update_fields=["planned_to"])
    return filled, skipped


def _write_missed(
    row: Recipe, late: list[Slot], deadline: timedelta, now: datetime
) -> list[int]:
    """Write down slots that nobody filled in time, the latest MOST_MISSED at most."""
    written = late[-MOST_MISSED:]
    recipe = recipe_view(row)
    rows = [_new_row(recipe, slot) for slot in written]
    for index, edition in enumerate(rows):
        edition.state = EditionState.SKIPPED
        is_for_more = not index and len(written) == MOST_MISSED
        edition.reason = wording.missed(
            deadline, also_from=row.planned_to if is_for_more else None
        )
    made = Edition.objects.bulk_create(rows)
    EditionEvent.objects.bulk_create(
        EditionEvent(
            edition=edition,
            at=now,
            by=SCHEDULE,
            verb="skipped",
            detail={"reason": edition.reason},
        )
        for edition in made
    )
    return [edition.pk for edition in made]


def _new_row(recipe: RecipeView, slot: Slot) -> Edition:
    return Edition(
        newsletter_id=recipe.newsletter_id,
        slot=slot.key,
        kind=EditionKind.DIGEST,
        slot_at=slot.at,
        time_zone=recipe.time_zone,
        release_at=slot.at,
        deadline_at=slot.at + timedelta(minutes=recipe.deadline_minutes),
    )


def _fill(
    row: Edition, recipe: RecipeView, newsletter: Newsletter, slot: Slot, now: datetime
) -> bool:
    """Make a slot's edition, or write down why there is none.

    Returns False, with nothing written, while there is nothing for it, but time.
    """
    row.filled_at = now
    row.state, row.reason = EditionState.SKIPPED, ""
    if recipe.faults:
        choice = None
        row.reason = f"The recipe can't be used: {'; '.join(recipe.faults)}"
    else:
        choice = _choice(recipe, slot.at, now)
        row.reason = "" if choice.placed else _why_not(recipe, choice, slot)
    if choice is None or not choice.placed:
        if now < slot.at:
            return False
        row.save()
        note(row, "skipped", by=SCHEDULE, now=now, reason=row.reason)
        return True
    row.state, row.number = EditionState.READY, number_of_next(newsletter.id)
    row.save()
    items = put_items(row, choice.placed)
    note(row, "filled", by=SCHEDULE, now=now, stories=len(choice.placed))
    settle(row, newsletter, now=now, items=items)
    return True


def refill(row: Edition, newsletter: Newsletter, *, now: datetime) -> bool:
    """Choose again for an unsent edition that lost all it was made for.

    Returns False, with the edition empty, if there is nothing else for it. The caller
    holds the locks of recipe and edition.
    """
    recipe = _with_sources_named(recipe_view(Recipe.objects.get(pk=newsletter.id)))
    Use.objects.filter(edition=row).delete()
    row.items.all().delete()
    choice = _choice(recipe, row.slot_at, now)
    put_items(row, choice.placed)
    return bool(choice.placed)


def _with_sources_named(recipe: RecipeView) -> RecipeView:
    """Return the recipe with all sources named where it names none."""
    if recipe.selection.sources:
        return recipe
    every = tuple(source.id for source in sources.sources())
    return replace(recipe, selection=replace(recipe.selection, sources=every))


def _choice(recipe: RecipeView, slot_at: datetime, now: datetime) -> Choice:
    unused = _unused(recipe, slot_at, now)
    return choose(unused, recipe.selection, slot_at=slot_at, now=now)


def _unused(recipe: RecipeView, slot_at: datetime, now: datetime) -> list[Story]:
    """Return what the newsletter has not used, of the time its recipe looks back to.

    An anti-join, not a cursor: a story committed at any moment before this statement
    is seen now, one committed after it is seen by the next slot's.
    """
    selection = recipe.selection
    hours = max(selection.max_age_hours, selection.backfill_hours)
    told = [kind for kind in selection.kinds if kind is not Kind.EVENT]
    unused = []
    if told:
        after = slot_at - timedelta(hours=hours, seconds=1)
        unused += _unused_of(recipe, told, after, now)
    if Kind.EVENT in selection.kinds:
        unused += _unused_of(recipe, [Kind.EVENT], slot_at - EVENT_LOOK, now)
    return unused


def _unused_of(
    recipe: RecipeView, kinds: Sequence[Kind], after: datetime, now: datetime
) -> list[Story]:
    unused: list[Story] = []
    for limit in PAGES:
        found = sources.candidates(
            source_ids=recipe.selection.sources,
            published_after=after,
            limit=limit,
            now=now,
            kinds=kinds,
        )
        used = _used(recipe.newsletter_id, (story.id for story in found))
        unused = [story for story in found if story.id not in used]
        if len(found) < limit or len(unused) >= ENOUGH:
            break
    return unused


def _used(newsletter_id: int, story_ids: Iterable[int]) -> set[int]:
    return set(
        Use.objects.filter(
            newsletter_id=newsletter_id, story_id__in=list(story_ids)
        ).values_list("story_id", flat=True)
    )


def _why_not(recipe: RecipeView, choice: Choice, slot: Slot) -> str:
    last = (
        Edition.objects.filter(
            newsletter_id=recipe.newsletter_id,
            kind=EditionKind.DIGEST,
            slot_at__lt=slot.at,
            number__isnull=False,
        )
        .order_by("-slot_at")
        .first()
    )
    return wording.nothing_new(
        new=choice.new,
        least=recipe.selection.least,
        undated=choice.undated,
        since=last.slot_at if last else recipe.since,
        time_zone=recipe.time_zone,
        slot_at=slot.at,
    )
