"""What stands in a digest, in which order, and what is left out when empty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailer.editions.content import Block, Content, Item
from mailer.rendering import cleaning, wording
from mailer.rendering.facts import locked_passages, passages
from mailer.rendering.pictures import CARD_WIDTH, LEAD_WIDTH, PAIR_WIDTH
from mailer.rendering.pieces import Piece, Setting, headline_of, is_locked, piece
from mailer.sources.story import WORDS_A_MINUTE

CARDS_IN_A_ROW = 3
WITHOUT_SECTION = "More news"
AFTER_THE_CARDS = "Also new"


@dataclass(frozen=True, slots=True)
class Section:
    """Headlines under one name."""

    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """A row of "What's next"; time and day are "" where the source gave none."""

    time: str
    day: str
    piece: Piece
    venue: str


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest as its templates see it; an empty part is an empty tuple."""

    edition_name: str
    date: str
    number: str
    note: tuple[str, ...]
    note_by: str
    note_job: str
    extent: str  # "17 stories, about two minutes"
    leads: tuple[Piece, ...]
    cards: tuple[Piece, ...]
    section_rows: tuple[tuple[Section, ...], ...]
    opinions: tuple[Piece, ...]
    events: tuple[Event, ...]
    puzzles: tuple[Piece, ...]
    releases: tuple[Piece, ...]
    preheader: str


def digest(content: Content, setting: Setting) -> Digest:
    """Return what the digest of this variant says."""
    today = wording.local(content.slot_at, content.time_zone)
    by_block = {
        block: sorted(
            (i for i in content.items if i.block is block), key=lambda i: i.position
        )
        for block in Block
    }

    def pieces(block: Block, width: int = 0) -> tuple[Piece, ...]:
        return tuple(piece(item, setting, width=width) for item in by_block[block])

    latest, rest = (
        by_block[Block.LATEST][:CARDS_IN_A_ROW],
        by_block[Block.LATEST][CARDS_IN_A_ROW:],
    )
    width = CARD_WIDTH if len(latest) == CARDS_IN_A_ROW else PAIR_WIDTH
    name, _, job = content.note_by.partition(",")
    return Digest(
        edition_name=content.newsletter.name,
        date=wording.long_date(today),
        number=f"No. {wording.figure(content.number)}",
        note=tuple(filter(None, (p.strip() for p in content.note.split("\n\n")))),
        note_by=name.strip(),
        note_job=job.strip(),
        extent=_extent(content, setting.tier),
        leads=pieces(Block.LEAD, LEAD_WIDTH),
        cards=tuple(piece(item, setting, width=width) for item in latest),
        section_rows=_in_pairs(_sections(rest, by_block[Block.SECTION], setting)),
        opinions=pieces(Block.OPINION),
        events=tuple(
            _event(item, setting, content.time_zone, today)
            for item in sorted(
                by_block[Block.EVENT],
                key=lambda i: (i.story.starts_at is None, i.story.starts_at or today),
            )
        ),
        puzzles=pieces(Block.PUZZLE),
        releases=pieces(Block.PRESS),
        preheader=preheader(content, setting.tier),
    )


def preheader(content: Content, tier: str) -> str:
    """Return the line after the subject, without a word a reader may not see.

    Whoever made it may have taken it from a story that is locked for this tier; then,
    or where there is none, two further headlines take its place.
    """
    line = cleaning.one_line(content.preheader)
    said = passages(line)
    locked = locked_passages(content, tier)
    leaks = any(
        mine in told or told in mine
        for told in map(str.casefold, locked)
        for mine in map(str.casefold, (line, *said))
    )
    if line and not leaks:
        return line
    titles = [headline_of(item) for item in content.items]
    others = [t for t in titles if t.casefold() not in content.subject.casefold()]
    return wording.shortened(
        " · ".join(others[:2]) or wording.sentence(_extent(content, tier)), 140
    )


def _sections(
    rest: Sequence[Item], items: Sequence[Item], setting: Setting
) -> list[Section]:
    named: dict[str, list[Piece]] = {}
    if rest:
        named[AFTER_THE_CARDS] = [piece(item, setting) for item in rest]
    for item in items:
        name = cleaning.one_line(item.story.section) or WITHOUT_SECTION
        named.setdefault(name, []).append(piece(item, setting))
    return [Section(name, tuple(pieces)) for name, pieces in named.items()]


def _in_pairs(sections: Sequence[Section]) -> tuple[tuple[Section, ...], ...]:
    return tuple(tuple(sections[i : i + 2]) for i in range(0, len(sections), 2))


def _event(item: Item, setting: Setting, time_zone: str, today: datetime) -> Event:
    starts_at = item.story.starts_at
    moment = wording.local(starts_at, time_zone) if starts_at else None
    return Event(
        time=wording.clock(moment) if moment else "",
        day=wording.short_day(moment, today) if moment else "",
        piece=piece(item, setting),
        venue=cleaning.one_line(item.story.venue),
    )


def _extent(content: Content, tier: str) -> str:
    """How many stories, and how long the mail itself takes to read."""
    told = [i for i in content.items if i.block not in {Block.EVENT, Block.PRESS}]
    words = len(content.note.split()) + sum(
        len(f"{i.title} {'' if is_locked(i, tier) else i.standfirst}".split())
        for i in content.items
    )
    minutes = max(1, round(words / WORDS_A_MINUTE))
    stories = wording.counted(len(told), "story", "stories")
    return f"{stories}, about {wording.counted(minutes, 'minute')}"
