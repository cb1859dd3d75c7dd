"""Writing an edition down: its history, and what a change of its content does to it.

Inside this room only. Callers own the transaction and hold the row's lock.
"""

import logging
from datetime import datetime
from typing import Any

from mailer import bell
from mailer.audience.newsletter import Newsletter
from mailer.editions.content import Block, Content, EditionKind, EditionState
from mailer.editions.models import Edition, EditionEvent, EditionItem, Recipe, Use
from mailer.editions.queries import content_of, items_of
from mailer.editions.recipe import SCHEDULE, Approval, Selection, read_selection
from mailer.editions.selection import Placed, mend
from mailer.editions.snapshot import story_from_json, story_to_json
from mailer.editions.states import check_move
from mailer.kernel.bells import Bell

log = logging.getLogger(__name__)

SOURCE = "the source"


def note(
    row: Edition, verb: str, *, by: str, now: datetime | None = None, **detail: Any
) -> None:
    """Add a line to an edition's history."""
    event = EditionEvent(edition=row, by=by, verb=verb, detail=detail)
    if now is not None:
        event.at = now
    event.save(force_insert=True)
    log.info("edition.%s edition=%s", verb, row.pk)


def is_automatic(row: Edition) -> bool:
    """Tell whether an edition needs no person to let it go."""
    if row.kind == EditionKind.ALERT or row.held_by:
        return False
    approval = Recipe.objects.filter(pk=row.newsletter_id).values_list(
        "approval", flat=True
    )
    return approval.first() == Approval.AUTOMATIC


def settle(
    row: Edition,
    newsletter: Newsletter,
    *,
    now: datetime,
    items: list[EditionItem] | None = None,
) -> Content:
    """Bring hash, subject and approval up to what the content is now.

    If it moved: a block is lifted, an approval by a person ends, one by the schedule
    is given again. Rendering is rung. items: if they are at hand.
    """
    content = content_of(row, newsletter, items)
    if content.hash == row.hash:
        return content
    row.hash, row.said_subject, row.blocked = content.hash, content.subject, ""
    if is_automatic(row):
        approve_row(row, by=SCHEDULE, now=now)
    elif row.state == EditionState.APPROVED:
        unapprove_row(row)
        note(row, "asks_again", by=SCHEDULE, now=now, hash=row.hash)
    row.save()
    bell.ring(Bell.RENDER, edition_id=row.pk)
    return content


def approve_row(row: Edition, *, by: str, now: datetime) -> None:
    """Bind an approval to the content as it is. The caller saves the row."""
    if row.state != EditionState.APPROVED:
        check_move(EditionState(row.state), EditionState.APPROVED)
    row.state = EditionState.APPROVED
    row.approved_hash, row.approved_by, row.approved_at = row.hash, by, now
    row.held_by = ""
    note(row, "approved", by=by, now=now, hash=row.hash)
    bell.ring(Bell.OPEN)


def unapprove_row(row: Edition) -> None:
    """End an approval. The caller saves the row."""
    row.state = EditionState.READY
    row.approved_hash, row.approved_by, row.approved_at = "", "", None


def end(
    row: Edition, state: EditionState, reason: str, *, by: str, now: datetime
) -> None:
    """Skip or withdraw an edition: its stories are free for the next, its number too.

    Its items stay, to be looked at and for an editor who wants it back.
    """
    check_move(EditionState(row.state), state)
    row.state, row.reason, row.number = state, reason, None
    row.approved_hash, row.approved_by, row.approved_at = "", "", None
    row.save()
    Use.objects.filter(edition=row).delete()
    note(row, str(state), by=by, now=now, reason=reason)


def put_items(row: Edition, placed: tuple[Placed, ...]) -> list[EditionItem]:
    """Put stories into an edition that has none, and mark them used."""
    items = EditionItem.objects.bulk_create(
        EditionItem(
            edition=row,
            story_id=p.story.id,
            block=p.block,
            position=position,
            story=story_to_json(p.story),
        )
        for position, p in enumerate(placed, start=1)
    )
    Use.objects.bulk_create(
        Use(newsletter_id=row.newsletter_id, story_id=p.story.id, edition=row)
        for p in placed
    )
    return items


def close_gaps(row: Edition) -> Selection:
    """Mend what stories left behind, and return the selection it was mended by."""
    stored = Recipe.objects.filter(pk=row.newsletter_id).values_list("selection")
    selection, _faults = read_selection((stored.first() or ({},))[0])
    items = items_of(row)
    by_story = {item.story_id: item for item in items}
    placed = [Placed(Block(i.block), story_from_json(i.story)) for i in items]
    for position, one in enumerate(mend(placed, latest=selection.latest), start=1):
        item = by_story[one.story.id]
        item.block, item.position = one.block, position
    EditionItem.objects.bulk_update(items, ["block", "position"])
    return selection


def number_of_next(newsletter_id: int) -> int:
    """Return the number of a newsletter's next edition. Holds under its lock only."""
    last = Edition.objects.filter(
        newsletter_id=newsletter_id, number__isnull=False
    ).order_by("-number")
    return (last.values_list("number", flat=True).first() or 0) + 1
