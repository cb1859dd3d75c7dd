"""Which stories an edition takes, and where each of them stands.

A story's chance depends on what it is, never on when a scheduler happened to look:
what is future-dated, withdrawn or was there before its source was added is not taken,
not even as a must-have; what has no date that can be believed only fills up.

Pure: no clock, no table. Who asks has already left out what the newsletter used.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mailer.editions.content import Block
from mailer.editions.recipe import Order, Selection
from mailer.sources.story import Kind, Story

LEAD_REACH = 6  # how far down a picture is looked for before the first story leads
CARD_REACH = 12  # and for cards, which want different sections
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Placed:
    """A story and its block; the order of a sequence of these is the mail's."""

    block: Block
    story: Story


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen. new: how many pieces count towards the recipe's least.

    undated: how many of the others were held back for want of a date.
    """

    placed: tuple[Placed, ...]
    new: int
    undated: int


def may_appear(story: Story, *, now: datetime) -> bool:
    """Tell whether a story may be in any mail at all, now."""
    is_future = story.published_at is not None and story.published_at > now
    return not (is_future or story.withdrawn_at or story.seen)


def choose(
    stories: Iterable[Story], selection: Selection, *, slot_at: datetime, now: datetime
) -> Choice:
    """Choose and place the stories of one edition.

    stories: in any order, without those the newsletter used. Nothing is placed if
    fewer new ones than the recipe's least are there.
    """
    allowed = [
        story
        for story in {story.id: story for story in stories}.values()
        if may_appear(story, now=now) and fits(story, selection)
    ]
    oldest = slot_at - timedelta(hours=selection.max_age_hours)
    new = _in_order([s for s in allowed if is_new(s, selection, oldest)], selection)
    told = [s for s in new if s.kind in selection.carrying]
    undated = sum(s.published_at is None and s not in new for s in allowed)
    events = _events(allowed, selection, max(slot_at, now))
    if Kind.EVENT in selection.carrying:
        told = [s for s in told if s.kind is not Kind.EVENT] + events
    if len(told) < selection.least:
        return Choice((), len(told), undated)
    news = [s for s in new if s.kind is Kind.NEWS]
    opinions = [s for s in new if s.kind is Kind.OPINION]
    missing = selection.backfill_to - len(news) - len(opinions)
    fill = _backfill(allowed, new, selection, slot_at)[: max(0, missing)]
    placed = [
        *_story_blocks(news, fill, opinions, selection),
        *(Placed(Block.EVENT, s) for s in events),
        *_several(Block.PUZZLE, Kind.PUZZLE, new, selection.puzzles),
        *_several(Block.PRESS, Kind.PRESS_RELEASE, new, selection.press_releases),
    ]
    return Choice(tuple(placed), len(told), undated)


def fits(story: Story, selection: Selection) -> bool:
    """Tell whether a story is of the kind, section and language the recipe asks for.

    Not of its sources: a story comes through several, and who asks knows which.
    """
    section, tags = story.section.casefold(), {t.casefold() for t in story.tags}
    language = story.language.partition("-")[0].casefold()
    return (
        story.kind in selection.kinds
        and (not selection.sections or section in _folded(selection.sections))
        and section not in _folded(selection.not_sections)
        and (not selection.tags or not tags.isdisjoint(_folded(selection.tags)))
        and tags.isdisjoint(_folded(selection.not_tags))
        # A story that does not say its language is in the paper's.
        and (
            not (selection.languages and language)
            or language in _folded(selection.languages)
        )
    )


def is_new(story: Story, selection: Selection, oldest: datetime) -> bool:
    """Tell whether a story counts as new: published, or come, since `oldest`."""
    at = story.published_at
    if at is None and selection.undated_count:
        at = story.arrived_at
    return at is not None and at >= oldest


def is_must(story: Story, selection: Selection) -> bool:
    """Tell whether a story is a must-have."""
    musts = _folded(selection.must_tags)
    return any(tag.casefold() in musts for tag in story.tags)


def _folded(names: Iterable[str]) -> set[str]:
    return {name.casefold() for name in names}


def _in_order(stories: Iterable[Story], selection: Selection) -> list[Story]:
    """Sort: must-haves, then the recipe's order, then newest, then latest come."""
    ranks = {name.casefold(): i for i, name in enumerate(selection.section_order)}
    rank: Callable[[Story], int] = {
        Order.NEWEST: lambda _: 0,
        Order.SOURCES: lambda s: _index(selection.sources, s.source_id),
        Order.SECTIONS: lambda s: ranks.get(s.section.casefold(), len(ranks)),
    }[selection.order]
    newest = sorted(stories, key=lambda s: (_age_key(s), s.id), reverse=True)
    return sorted(newest, key=lambda s: (not is_must(s, selection), rank(s)))


def _index(ids: Sequence[int], wanted: int) -> int:
    return ids.index(wanted) if wanted in ids else len(ids)


def _age_key(story: Story) -> tuple[bool, datetime]:
    at = story.published_at
    come = story.arrived_at
    return (at is not None, at or come or LONG_AGO)


def _backfill(
    allowed: Iterable[Story],
    new: Sequence[Story],
    selection: Selection,
    slot_at: datetime,
) -> list[Story]:
    """Return the news that may fill up: older first by date, then without one."""
    oldest = slot_at - timedelta(hours=selection.backfill_hours)
    taken = {s.id for s in new}
    found = [
        s
        for s in allowed
        if s.id not in taken
        and s.kind is Kind.NEWS
        and (s.published_at or s.arrived_at or oldest) >= oldest
    ]
    return sorted(found, key=lambda s: (_age_key(s), s.id), reverse=True)


def _events(
    allowed: Iterable[Story], selection: Selection, from_: datetime
) -> list[Story]:
    """Return what is next, by its start: only what has not begun, and begins soon."""
    until = from_ + timedelta(days=selection.event_days)
    found = [
        (s.starts_at, s.id, s)
        for s in allowed
        if s.kind is Kind.EVENT and s.starts_at and from_ < s.starts_at <= until
    ]
    return [story for *_, story in sorted(found, key=lambda f: f[:2])][
        : selection.events
    ]


def _several(block: Block, kind: Kind, new: Iterable[Story], most: int) -> list[Placed]:
    return [Placed(block, s) for s in new if s.kind is kind][:most]


def _story_blocks(
    news: list[Story], fill: list[Story], opinions: list[Story], selection: Selection
) -> list[Placed]:
    """Place news and opinion: a lead, three cards, headlines by section, a column."""
    left = [*news, *fill]
    lead = _lead(news, selection) or (opinions[0] if opinions else None)
    left = [s for s in left if s is not lead]
    opinions = [s for s in opinions if s is not lead][: selection.opinions]
    cards = _cards(left, lead, selection)
    left = [s for s in left if s not in cards]
    return [
        *([Placed(Block.LEAD, lead)] if lead else []),
        *(Placed(Block.LATEST, s) for s in cards),
        *(Placed(Block.SECTION, s) for s in _sections(left, selection)),
        *(Placed(Block.OPINION, s) for s in opinions),
    ]


def _lead(news: Sequence[Story], selection: Selection) -> Story | None:
    """Return the first must-have, else the first with a picture near the top."""
    if not news or is_must(news[0], selection):
        return news[0] if news else None
    return next((s for s in news[:LEAD_REACH] if s.image), news[0])


def _cards(
    left: Sequence[Story], lead: Story | None, selection: Selection
) -> list[Story]:
    """Return the cards, each with a picture: as many as the recipe says, or none.

    Different sections first: three pictures of one match are no front page.
    """
    pictured = [s for s in left if s.image][:CARD_REACH]
    cards: list[Story] = []
    sections = {lead.section.casefold()} if lead else set()
    for story in pictured:
        if story.section.casefold() not in sections:
            cards.append(story)
            sections.add(story.section.casefold())
    cards = [*cards, *(s for s in pictured if s not in cards)][: selection.latest]
    cards.sort(key=left.index)
    return cards if len(cards) == selection.latest else []


def _sections(left: Sequence[Story], selection: Selection) -> list[Story]:
    """Return headlines, section by section.

    Sections stand as the recipe names them, then by their newest story. A must-have
    is never cut, nor is its section.
    """
    groups: dict[str, list[Story]] = {}
    for story in left:
        groups.setdefault(story.section.casefold(), []).append(story)
    ranks = {name.casefold(): i for i, name in enumerate(selection.section_order)}
    names = sorted(groups, key=lambda name: (ranks.get(name, len(ranks)), not name))
    musts = {n for n in names if any(is_must(s, selection) for s in groups[n])}
    room = max(0, selection.sections_shown - len(musts))
    others = [name for name in names if name not in musts][:room]
    return [
        story
        for name in names
        if name in musts or name in others
        for i, story in enumerate(groups[name])
        if i < selection.per_section or is_must(story, selection)
    ]


def mend(placed: Sequence[Placed], *, latest: int) -> tuple[Placed, ...]:
    """Close the gaps that withdrawn stories left, and move nothing else.

    A new lead comes up from the cards, the headlines, the opinion, in that order;
    missing cards come up from the headlines with pictures. Cards that stay too few
    become headlines.
    """
    blocks = {block: [p.story for p in placed if p.block is block] for block in Block}
    below = (Block.LATEST, Block.SECTION, Block.OPINION)
    if not blocks[Block.LEAD]:
        block = next((b for b in below if blocks[b]), None)
        if block:
            blocks[Block.LEAD] = [blocks[block].pop(0)]
    cards, headlines = blocks[Block.LATEST], blocks[Block.SECTION]
    if 0 < len(cards) < latest:
        pictured = [s for s in headlines if s.image][: latest - len(cards)]
        cards = [*cards, *pictured]
        headlines = [s for s in headlines if s not in pictured]
        if len(cards) < latest:
            cards, headlines = [], [*cards, *headlines]
        blocks[Block.LATEST], blocks[Block.SECTION] = cards, headlines
    return tuple(Placed(block, s) for block in Block for s in blocks[block])
