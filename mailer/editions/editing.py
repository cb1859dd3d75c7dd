"""What editors do to what an edition says: drop, move, add, rewrite.

Whatever changes the content ends an approval by a person. Each takes, if the page has
it, the hash of the content that was seen: a stale page changes nothing.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from mailer.editions import wording
from mailer.editions.content import Block
from mailer.editions.guard import Refused, unsent
from mailer.editions.journal import close_gaps, note, settle
from mailer.editions.models import Edition, EditionItem, Use
from mailer.editions.queries import content_of, items_of
from mailer.editions.selection import may_appear
from mailer.editions.snapshot import story_from_json, story_to_json
from mailer.sources import queries as sources

LONGEST_NOTE = 1200


@transaction.atomic
def drop_story(  # noqa: PLR0913  keywords
    *,
    edition_id: int,
    story_id: int,
    by: str,
    now: datetime,
    for_good: bool = False,
    seen_hash: str | None = None,
) -> None:
    """Take a story out; the next one takes its place. It is free for the next edition.

    for_good: it is not; the newsletter never takes it by itself.
    Raises NotNow, ChangedSince; Refused if the story is not in it.
    """
    row, newsletter = unsent(edition_id, seen_hash)
    item = _item(row, story_id)
    item.delete()
    if not for_good:
        Use.objects.filter(edition=row, story_id=story_id).delete()
    close_gaps(row)
    note(row, "dropped", by=by, now=now, story=story_id, for_good=for_good)
    settle(row, newsletter, now=now)


@transaction.atomic
def move_item(  # noqa: PLR0913  keywords
    *,
    edition_id: int,
    story_id: int,
    to: int,
    by: str,
    now: datetime,
    block: Block | None = None,
    seen_hash: str | None = None,
) -> int:
    """Put a story at place `to`, 1…n, and return the place it has now.

    It takes the block of that place, unless one is named; the stories between move by
    one, and each of them takes the block its new place had, so that a lead stays one
    story and the cards stay three. A moved story is pinned.
    Raises NotNow, ChangedSince; Refused if the story is not in it.
    """
    row, newsletter = unsent(edition_id, seen_hash)
    items = items_of(row)
    moved = _item(row, story_id)
    order = [item for item in items if item.pk != moved.pk]
    place = min(max(to, 1), len(items))
    blocks = [item.block for item in items]
    order.insert(place - 1, moved)
    _follow_places(order, blocks)
    moved = order[place - 1]
    if block is not None:
        moved.block = block
        order.sort(key=lambda item: list(Block).index(Block(item.block)))
    moved.pinned = True
    _number(order)
    place = order.index(moved) + 1
    note(row, "moved", by=by, now=now, story=story_id, to=place, block=moved.block)
    settle(row, newsletter, now=now)
    return place


@transaction.atomic
def add_story(  # noqa: PLR0913  keywords
    *,
    edition_id: int,
    story_id: int,
    block: Block,
    by: str,
    now: datetime,
    seen_hash: str | None = None,
) -> None:
    """Put a story at the end of a block, also one that selection passed over.

    Raises NotNow, ChangedSince; Refused if the newsletter used it, if it is withdrawn,
    or if its time has not come.
    """
    row, newsletter = unsent(edition_id, seen_hash, and_recipe=True)
    story = sources.stories([story_id]).get(story_id)
    if story is None or not (story.seen or may_appear(story, now=now)):
        raise Refused("This story can't be in a mail now: it is withdrawn or to come.")
    used = Use.objects.filter(newsletter_id=row.newsletter_id, story_id=story_id)
    if used.exclude(edition=row).exists() or row.items.filter(story_id=story_id):
        raise Refused(f"{newsletter.name} has had this story already.")
    item = EditionItem.objects.create(
        edition=row,
        story_id=story_id,
        block=block,
        position=row.items.count() + 1,
        story=story_to_json(story),
        pinned=True,
    )
    Use.objects.get_or_create(
        newsletter_id=row.newsletter_id, story_id=story_id, defaults={"edition": row}
    )
    order = [i for i in items_of(row) if i.pk != item.pk] + [item]
    order.sort(key=lambda i: list(Block).index(Block(i.block)))
    _number(order)
    note(row, "added", by=by, now=now, story=story_id, block=str(block))
    settle(row, newsletter, now=now)


@transaction.atomic
def rewrite(  # noqa: PLR0913  keywords
    *,
    edition_id: int,
    story_id: int,
    by: str,
    now: datetime,
    title: str | None = None,
    standfirst: str | None = None,
    seen_hash: str | None = None,
) -> None:
    """Give a story other words, in this mail only. None leaves what is there.

    An empty title, or the story's own words, give the text back to the source: later
    edits there are taken over again. An empty standfirst is no standfirst.
    Raises NotNow, ChangedSince; Refused if the story is not in it.
    """
    row, newsletter = unsent(edition_id, seen_hash)
    item = _item(row, story_id)
    story = story_from_json(item.story)
    changed: dict[str, Any] = {}
    if title is not None:
        own = wording.one_line(title, wording.LONGEST_SUBJECT)
        item.title = changed["title"] = "" if own == story.title else own
    if standfirst is not None:
        own = " ".join(standfirst.split())
        changed["standfirst"] = own
        item.standfirst = None if own == story.standfirst else own
    item.save()
    note(row, "rewrote", by=by, now=now, story=story_id, **changed)
    settle(row, newsletter, now=now)


@transaction.atomic
def set_words(  # noqa: PLR0913  keywords
    *,
    edition_id: int,
    by: str,
    now: datetime,
    subject: str | None = None,
    preheader: str | None = None,
    note: str | None = None,
    note_by: str | None = None,
    seen_hash: str | None = None,
) -> None:
    """Set subject, preheader, the editor's note and who signs it. None leaves it.

    Empty, or what the content says by itself, gives subject and preheader back to the
    content. Raises NotNow, ChangedSince; Refused if the note is too long.
    """
    row, newsletter = unsent(edition_id, seen_hash)
    if note is not None and len(note) > LONGEST_NOTE:
        raise Refused(
            f"The note has {len(note)} characters; five lines have {LONGEST_NOTE}."
        )
    kept = row.subject, row.preheader
    row.subject = row.preheader = ""
    plain = content_of(row, newsletter)
    row.subject, row.preheader = (
        before if said is None else _own(said, by_itself, most)
        for before, said, by_itself, most in zip(
            kept,
            (subject, preheader),
            (plain.subject, plain.preheader),
            (wording.LONGEST_SUBJECT, wording.LONGEST_PREHEADER),
            strict=True,
        )
    )
    row.note = row.note if note is None else note.strip()
    if note_by is not None:
        row.note_by = wording.one_line(note_by, wording.LONGEST_SUBJECT)
    row.save()
    _write(row, "set_words", by, now)
    settle(row, newsletter, now=now)


def _item(row: Edition, story_id: int) -> EditionItem:
    item = row.items.filter(story_id=story_id).first()
    if item is None:
        raise Refused("This story is not in the edition any more.")
    return item


def _number(order: list[EditionItem]) -> None:
    for position, item in enumerate(order, start=1):
        item.position = position
    EditionItem.objects.bulk_update(order, ["position", "block", "pinned"])


def _follow_places(order: list[EditionItem], blocks: list[str]) -> None:
    """Give each item the block its place had, where both hold the newsroom's stories.

    Events, puzzles and press releases keep theirs: a press release is never the lead
    because somebody moved the weather.
    """
    told = {Block.LEAD, Block.LATEST, Block.SECTION}
    free = [block for block in blocks if block in told]
    for item in order:
        if item.block in told:
            item.block = free.pop(0)


def _own(said: str, by_itself: str, most: int) -> str:
    line = wording.one_line(said, most)
    return "" if line == by_itself else line


def _write(row: Edition, verb: str, by: str, now: datetime) -> None:
    note(
        row,
        verb,
        by=by,
        now=now,
        subject=row.subject,
        preheader=row.preheader,
        note=row.note,
        note_by=row.note_by,
    )
