"""A story as one variant shows it: what every component of a digest is filled with."""

import unicodedata
from dataclasses import dataclass

from mailer.editions.content import Block, Item
from mailer.rendering import cleaning, direction, wording
from mailer.rendering.pictures import Picture, in_slot
from mailer.rendering.variant import Tier

LONG_TITLE = 90  # characters; above, a lead is set smaller
CARD_STANDFIRST = 170
LEAD_STANDFIRST = 480


@dataclass(frozen=True, slots=True)
class Link:
    """Words and where they lead; url is "" where the source gave none to trust."""

    title: str
    url: str
    direction: str = ""  # only where it differs from the page's


@dataclass(frozen=True, slots=True)
class Piece:
    """One story in its place. A locked one carries its headline and nothing more."""

    title: str
    url: str
    kicker: str = ""
    standfirst: str = ""
    byline: str = ""
    authors: tuple[str, ...] = ()
    minutes: int = 0
    picture: Picture | None = None
    related: tuple[Link, ...] = ()
    sender: str = ""
    about: str = ""  # what the author does, or who made it
    is_locked: bool = False
    is_long: bool = False
    direction: str = ""
    language: str = ""

    @property
    def initials(self) -> str:
        """Return what stands for a portrait."""
        return wording.initials(self.authors[0]) if self.authors else ""


@dataclass(frozen=True, slots=True)
class Setting:
    """What all pieces of a variant share: its tier and the language of its page."""

    tier: str
    language: str
    direction: str

    def turned(self, words: str) -> str:
        """Return the direction of words where it is not the page's, else ""."""
        way = direction.of_text(words, self.direction)
        return "" if way == self.direction else way

    def foreign(self, language: str) -> str:
        """Return a story's language where it is another than the page's, else ""."""
        mine = self.language.split("-")[0].lower()
        return (
            language
            if language and language.split("-", maxsplit=1)[0].lower() != mine
            else ""
        )


def is_locked(item: Item, tier: str) -> bool:
    """Tell whether a reader of this tier may see the headline only."""
    return item.story.subscriber_only and tier != Tier.SUBSCRIBER


def headline_of(item: Item) -> str:
    """Return the headline of an item; one without a letter names its source."""
    for words in (item.title, item.story.title):
        line = cleaning.one_line(words)
        if any(unicodedata.category(letter)[0] in "LNPS" for letter in line):
            return line
    return f"From {cleaning.one_line(item.story.source_name) or 'our newsroom'}"


def piece(item: Item, setting: Setting, *, width: int = 0) -> Piece:
    """Return an item as this variant shows it, with a picture if it has a slot.

    What a locked story says is left out here, so that no template can show it.
    """
    story, title = item.story, headline_of(item)
    locked = is_locked(item, setting.tier)
    longest = LEAD_STANDFIRST if item.block is Block.LEAD else CARD_STANDFIRST
    standfirst = "" if locked else wording.shortened(item.standfirst, longest)
    if standfirst.casefold().rstrip(".") == title.casefold().rstrip("."):
        standfirst = ""  # said already
    authors = tuple(filter(None, (cleaning.one_line(name) for name in story.authors)))
    return Piece(
        title=title,
        url=cleaning.address(story.url),
        kicker=cleaning.one_line(story.section),
        standfirst=standfirst,
        byline=f"By {wording.joined(authors)}" if authors else "",
        authors=authors,
        minutes=story.minutes if story.body_text else 0,
        picture=in_slot(story.image, width=width, instead=title) if width else None,
        related=tuple(
            Link(cleaning.one_line(r.title), url, setting.turned(r.title))
            for r in story.related
            if (url := cleaning.address(r.url)) and r.title.strip()
        ),
        sender=cleaning.one_line(story.credit or story.source_name),
        about=cleaning.one_line(story.credit),
        is_locked=locked,
        is_long=len(title) > LONG_TITLE,
        direction=setting.turned(title),
        language=setting.foreign(story.language),
    )
