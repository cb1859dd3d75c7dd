"""What a story is, wherever it came from.

A story is one row however often, and through however many feeds, it arrives. An edit
at its source is a new revision of the same story.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

WORDS_A_MINUTE = 230  # silent reading of English prose: Brysbaert 2019, 238 ± 51


class Kind(StrEnum):
    """What sort of piece it is. Values are stored: never renamed."""

    NEWS = "news"
    OPINION = "opinion"
    PRESS_RELEASE = "press_release"
    EVENT = "event"
    PUZZLE = "puzzle"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture: an https address, pixels where the source says them, its words."""

    url: str
    alt: str = ""
    width: int | None = None
    height: int | None = None
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """A link a story carries to another piece."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Story:
    """One revision of one story, as other rooms see it. Texts are plain unless named.

    published_at is None where the source gave no date that can be believed; such a
    story is never breaking news. seen: it was there at a source's first poll, so no
    edition picks it up by itself. starts_at and venue belong to events.
    """

    id: int
    revision: int  # 1…n
    source_id: int
    source_name: str
    guid: str
    url: str
    title: str
    standfirst: str = ""
    body_html: str = ""  # sanitised
    body_text: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    tags: tuple[str, ...] = ()
    image: Image | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    arrived_at: datetime | None = None
    language: str = ""
    kind: Kind = Kind.NEWS
    subscriber_only: bool = False
    related: tuple[Related, ...] = ()
    credit: str = ""  # who made it, where not the paper: a press release's sender
    starts_at: datetime | None = None
    venue: str = ""
    seen: bool = False
    withdrawn_at: datetime | None = None

    @property
    def minutes(self) -> int:
        """Return how long it takes to read, in whole minutes, at least 1."""
        words = len(self.body_text.split()) or len(self.standfirst.split())
        return max(1, round(words / WORDS_A_MINUTE))
