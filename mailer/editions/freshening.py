"""What happens to an edition between being filled and being sent.

Its stories are looked up at their sources again: what was withdrawn leaves, what was
edited is taken over (an editor's own words stay). What is past its deadline ends.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction

from mailer.audience import queries as audience
from mailer.audience.newsletter import Newsletter
from mailer.editions import wording
from mailer.editions.content import Block, EditionKind, EditionState
from mailer.editions.journal import (
    SOURCE,
    close_gaps,
    end,
    note,
    settle,
)
from mailer.editions.models import Edition, EditionItem, Recipe, Use
from mailer.editions.queries import content_of, items_of, items_of_all
from mailer.editions.recipe import SCHEDULE, Selection
from mailer.editions.selection import may_appear
from mailer.editions.snapshot import same_to_readers, story_from_json, story_to_json
from mailer.editions.states import GONE, UNSENT
from mailer.sources import queries as sources
from mailer.sources.story import Story

log = logging.getLogger(__name__)

LATELY = timedelta(days=14)  # a mail that went longer ago is no longer looked after
TOLD = frozenset({Block.LEAD, Block.LATEST, Block.SECTION, Block.OPINION})


class Refill(Protocol):
    """Chooses again for an edition that lost everything."""

    def __call__(self, row: Edition, newsletter: Newsletter, *, now: datetime) -> bool:
        """Return False if there is nothing else for it."""


def skip_stale(*, now: datetime) -> list[int]:
    """End every unsent edition whose deadline has passed. Returns their ids."""
    late = Edition.objects.filter(state__in=UNSENT, deadline_at__lt=now)
    skipped = []
    for edition_id in list(late.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic(durable=True):
            row = _locked(edition_id)
            if row.state not in UNSENT or row.deadline_at >= now:
                continue
            approved = row.state == EditionState.APPROVED
            reason = wording.too_late(
                approved=approved, deadline=row.deadline_at - row.release_at
            )
            if row.blocked:
                reason = f"{reason}. It could not be rendered: {row.blocked}"
            end(row, EditionState.SKIPPED, reason, by=SCHEDULE, now=now)
            skipped.append(edition_id)
    return skipped


@dataclass(frozen=True, slots=True)
class Freshened:
    """What moved: ids of editions, ended ones apart; failed: ids of newsletters."""

    changed: tuple[int, ...]
    emptied: tuple[int, ...]
    failed: tuple[int, ...]


def freshen(*, now: datetime, refill: Refill) -> Freshened:
    """Take over what moved at the sources.

    An edition that lost all it was made for, and found nothing else, ends. One that
    can't be looked at is named and keeps no other from it. Most passes find nothing
    and take no lock.
    """
    changed, emptied, failed = [], [], []
    unsent = list(Edition.objects.filter(state__in=UNSENT).order_by("pk"))
    items = items_of_all(row.pk for row in unsent)
    ids = {item.story_id for held in items.values() for item in held}
    current = sources.stories(ids) if ids else {}
    for row in unsent:
        try:
            newsletter = audience.newsletter(row.newsletter_id)
            if not _has_moved(row, newsletter, items[row.pk], current, now):
                continue
            has_changed, is_left = _freshen_one(row.pk, newsletter, refill, now)
        except Exception:  # one edition's fault is no other's
            log.exception("edition.freshen_failed edition=%s", row.pk)
            failed.append(row.newsletter_id)
            continue
        if not is_left:
            emptied.append(row.pk)
        elif has_changed:
            changed.append(row.pk)
    _mark_gone(now)
    return Freshened(tuple(changed), tuple(emptied), tuple(failed))


def _has_moved(
    row: Edition,
    newsletter: Newsletter,
    items: list[EditionItem],
    current: Mapping[int, Story],
    now: datetime,
) -> bool:
    """Tell whether a second look, under the lock, is needed."""
    leaving, edited = _look(items, current, now)
    return (
        bool(leaving or edited)
        or _alert_is_void(row)
        or content_of(row, newsletter, items).hash != row.hash
    )


def _freshen_one(
    edition_id: int, newsletter: Newsletter, refill: Refill, now: datetime
) -> tuple[bool, bool]:
    """Bring one edition up to date. Returns whether it changed, and if it is left."""
    with transaction.atomic(durable=True):
        Recipe.objects.select_for_update().filter(pk=newsletter.id).first()
        row = _locked(edition_id)
        if row.state not in UNSENT:
            return False, True
        before = row.hash
        if not _take_over(row, newsletter, refill, now):
            return True, False
        return settle(row, newsletter, now=now).hash != before, True


def _locked(edition_id: int) -> Edition:
    return Edition.objects.select_for_update().get(pk=edition_id)


def _look(
    items: Sequence[EditionItem], current: Mapping[int, Story], now: datetime
) -> tuple[list[EditionItem], list[tuple[EditionItem, Story]]]:
    """Return the items whose story has to leave, and those with a new revision."""
    leaving, edited = [], []
    for item in items:
        story = current.get(item.story_id)
        held = story_from_json(item.story)
        if story is None or not _may_stay(story, now):
            leaving.append(item)
        elif story.revision != held.revision or not same_to_readers(story, held):
            edited.append((item, story))
    return leaving, edited


def _may_stay(story: Story, now: datetime) -> bool:
    """Tell whether a story once chosen may stay: an editor may have put in any."""
    return story.seen or may_appear(story, now=now)


def _take_over(
    row: Edition, newsletter: Newsletter, refill: Refill, now: datetime
) -> bool:
    """Bring items up to date. Returns False if the edition ended for want of any."""
    if row.kind == EditionKind.ALERT:
        if _alert_is_void(row):
            reason = "Its story was withdrawn at the source"
            end(row, EditionState.WITHDRAWN, reason, by=SOURCE, now=now)
            return False
        return True
    items = items_of(row)
    current = sources.stories([item.story_id for item in items])
    leaving, edited = _look(items, current, now)
    for item, story in edited:
        item.story = story_to_json(story)
        item.save(update_fields=["story"])
        note(row, "story_edited", by=SOURCE, now=now, story=story.id)
    for item in leaving:
        item.delete()
        Use.objects.filter(edition=row, story_id=item.story_id).delete()
        note(row, "story_withdrawn", by=SOURCE, now=now, story=item.story_id)
    if not leaving:
        return True
    selection = close_gaps(row)
    if _is_worth_it(row, selection) or refill(row, newsletter, now=now):
        return True
    reason = "All its stories were withdrawn at the source"
    end(row, EditionState.SKIPPED, reason, by=SCHEDULE, now=now)
    return False


def _is_worth_it(row: Edition, selection: Selection) -> bool:
    """Tell whether anything is left of what the edition was made for."""
    return any(
        item.block in TOLD or story_from_json(item.story).kind in selection.carrying
        for item in items_of(row)
    )


def _alert_is_void(row: Edition) -> bool:
    return row.alert_story_id is not None and bool(
        sources.withdrawn([row.alert_story_id])
    )


def _mark_gone(now: datetime) -> None:
    """Write beside stories lately sent that they were withdrawn since, for the desk."""
    sent = EditionItem.objects.filter(
        edition__state__in=GONE, edition__slot_at__gt=now - LATELY, withdrawn_at=None
    )
    ids = set(sent.values_list("story_id", flat=True))
    for story_id in sources.withdrawn(ids) if ids else ():
        sent.filter(story_id=story_id).update(withdrawn_at=now)
