"""What people decide about an edition: approve, hold, skip, bring back, take back."""

from datetime import datetime

from django.db import transaction

from mailer.editions.content import EditionKind, EditionState
from mailer.editions.guard import Refused, check_seen, locked, unsent
from mailer.editions.journal import (
    approve_row,
    end,
    note,
    number_of_next,
    settle,
    unapprove_row,
)
from mailer.editions.models import Edition, EditionItem, Use
from mailer.editions.queries import items_of
from mailer.editions.states import check_move
from mailer.sources import queries as sources


@transaction.atomic
def approve(*, edition_id: int, seen_hash: str, by: str, now: datetime) -> None:
    """Let an edition go at its time, as it was seen.

    Raises ChangedSince if its content is another by now, NotNow if its state does not
    allow it, Refused if it can't be rendered or its deadline has passed.
    """
    row, newsletter = unsent(edition_id)
    settle(row, newsletter, now=now)
    check_seen(row, seen_hash)
    if row.blocked:
        raise Refused(f"This edition can't be rendered: {row.blocked}")
    if now > row.deadline_at:
        raise Refused("Its deadline has passed; nothing was changed.")
    if row.state == EditionState.APPROVED:
        return  # the same content: a doubled press
    approve_row(row, by=by, now=now)
    row.save()


@transaction.atomic
def unapprove(*, edition_id: int, by: str, now: datetime) -> None:
    """Take an approval back; the edition waits for another one.

    Also where the schedule approves: then a person has to. Raises NotNow.
    """
    row, _newsletter = unsent(edition_id)
    row.held_by = by
    if row.state == EditionState.APPROVED:
        unapprove_row(row)
        note(row, "unapproved", by=by, now=now)
    row.save()


@transaction.atomic
def skip(*, edition_id: int, reason: str, by: str, now: datetime) -> None:
    """Send no such edition. Its stories are free for the next.

    Raises NotNow; Refused without a reason.
    """
    if not reason.strip():
        raise Refused("Say why: the reason is shown where the edition would be.")
    row, _newsletter = unsent(edition_id)
    end(row, EditionState.SKIPPED, reason.strip(), by=by, now=now)


@transaction.atomic
def unskip(*, edition_id: int, by: str, now: datetime) -> None:
    """Bring a skipped edition back, with those of its stories that are still free.

    Somebody has to approve it. Raises NotNow; Refused past its deadline, or if none of
    its stories is free.
    """
    row, newsletter = locked(edition_id, and_recipe=True)
    check_move(EditionState(row.state), EditionState.READY)
    if now > row.deadline_at:
        raise Refused("Its deadline has passed; nothing was changed.")
    if row.kind == EditionKind.DIGEST:
        _take_back_stories(row)
    row.state, row.reason, row.held_by = EditionState.READY, "", by
    row.number = number_of_next(row.newsletter_id)
    row.hash = ""
    row.save()
    note(row, "unskipped", by=by, now=now)
    settle(row, newsletter, now=now)


@transaction.atomic
def withdraw(
    *, edition_id: int, by: str, now: datetime, before: datetime | None = None
) -> bool:
    """Take an edition back for good; return whether that came in time.

    before: only if its release is later than this moment. One that was released by a
    clock ahead of ours is not in time either. The row is compared and set under its
    lock: of a release and a withdrawal, one wins.
    """
    row, _newsletter = locked(edition_id)
    if row.state not in {EditionState.READY, EditionState.APPROVED}:
        return False
    if before is not None and row.release_at <= before:
        return False
    end(row, EditionState.WITHDRAWN, f"Taken back by {by}", by=by, now=now)
    return True


def _take_back_stories(row: Edition) -> None:
    items = items_of(row)
    ids = [item.story_id for item in items]
    used = set(
        Use.objects.filter(
            newsletter_id=row.newsletter_id, story_id__in=ids
        ).values_list("story_id", flat=True)
    )
    current = sources.stories(ids)
    free = []
    for item in items:
        story = current.get(item.story_id)
        if item.story_id in used or story is None or story.withdrawn_at:
            item.delete()
        else:
            free.append(item)
    if not free:
        raise Refused("None of its stories is free any more; nothing was changed.")
    for position, item in enumerate(free, start=1):
        item.position = position
    EditionItem.objects.bulk_update(free, ["position"])
    Use.objects.bulk_create(
        Use(newsletter_id=row.newsletter_id, story_id=item.story_id, edition=row)
        for item in free
    )
