"""Results editions: each result of a council, to the readers of its place.

One edition per newsletter by place, place and result. A newer result supersedes an
edition that has not gone; one that corrects what has gone says so.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from mailer.audience.newsletter import Newsletter
from mailer.editions.content import EditionKind, EditionState
from mailer.editions.journal import end, note, number_of_next, settle
from mailer.editions.models import Edition, Recipe
from mailer.editions.recipe import SCHEDULE
from mailer.editions.states import GONE, UNSENT
from mailer.elections import queries as elections
from mailer.elections.result import CouncilResult

# Ids are given before a commit: a result may appear behind one that was seen.
LOOK_BACK = 200
MOST = 500  # results a pass
STALE = timedelta(hours=24)  # a figure as at yesterday is a page, no mail


def plan_results(newsletter: Newsletter, *, now: datetime) -> list[int]:
    """Make the editions of results that have none. Returns their ids."""
    recipe = recipe_row(newsletter.id, now=now)
    found = elections.results_after(
        id=max(0, recipe.results_to - LOOK_BACK), limit=MOST
    )
    fresh = [result for result in found if result.as_at > now - STALE]
    if not _without_edition(newsletter, fresh):
        _look_on(newsletter, found, recipe.results_to)
        return []
    with transaction.atomic(durable=True):
        recipe = Recipe.objects.select_for_update().get(pk=newsletter.id)
        made = [
            _make(recipe, newsletter, result, now)
            for result in _without_edition(newsletter, fresh)
        ]
        _look_on(newsletter, found, recipe.results_to)
    return made


def recipe_row(newsletter_id: int, *, now: datetime) -> Recipe:
    """Return a newsletter's recipe; without one, a careful one: an editor approves."""
    row, _created = Recipe.objects.get_or_create(
        pk=newsletter_id,
        defaults={
            "since": now,
            "planned_to": now,
            "time_zone": settings.BRAND.time_zone,
        },
    )
    return row


def _look_on(newsletter: Newsletter, found: list[CouncilResult], seen: int) -> None:
    last = max((result.id for result in found), default=0)
    if last > seen:
        Recipe.objects.filter(pk=newsletter.id, results_to__lt=last).update(
            results_to=last
        )


def _slot(result: CouncilResult) -> str:
    return f"results {result.place_code} {result.id}"


def _without_edition(
    newsletter: Newsletter, results: list[CouncilResult]
) -> list[CouncilResult]:
    known = set(
        Edition.objects.filter(
            newsletter_id=newsletter.id, slot__in=[_slot(r) for r in results]
        ).values_list("slot", flat=True)
    )
    return [result for result in results if _slot(result) not in known]


def _make(
    recipe: Recipe, newsletter: Newsletter, result: CouncilResult, now: datetime
) -> int:
    """Make one result's edition; a newer one that is there already supersedes it."""
    same_place = Edition.objects.filter(
        newsletter_id=newsletter.id,
        kind=EditionKind.RESULTS,
        place_code=result.place_code,
    )
    gone_before = same_place.filter(state__in=GONE, result_id__lt=result.id)
    row = Edition(
        newsletter_id=newsletter.id,
        slot=_slot(result),
        kind=EditionKind.RESULTS,
        slot_at=now,
        time_zone=recipe.time_zone,
        release_at=now,
        deadline_at=now + timedelta(minutes=recipe.deadline_minutes),
        filled_at=now,
        place_code=result.place_code,
        result_id=result.id,
        is_correction=result.corrects is not None and gone_before.exists(),
    )
    newer = same_place.filter(result_id__gt=result.id).order_by("-result_id").first()
    row.save()
    note(row, "filled", by=SCHEDULE, now=now, result=result.id)
    if newer is not None:
        _supersede(row, newer.result_id, now)
        return row.pk
    older = same_place.filter(state__in=UNSENT, result_id__lt=result.id)
    for edition in older.select_for_update().order_by("pk"):
        _supersede(edition, result.id, now)
    row.number = number_of_next(newsletter.id)
    settle(row, newsletter, now=now)
    return row.pk


def _supersede(row: Edition, newer: int | None, now: datetime) -> None:
    reason = f"Superseded by result {newer}"
    end(row, EditionState.SKIPPED, reason, by=SCHEDULE, now=now)
