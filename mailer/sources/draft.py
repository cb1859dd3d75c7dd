"""What a feed offers before anybody decided whether it is a story: plain values.

An adapter turns a document into raw items (the document's own words), `drafting`
turns a raw item into a Draft (clean, dated, filed) or refuses it with a reason.
"""

from dataclasses import dataclass
from datetime import datetime

from mailer.sources.story import Image, Kind, Related


@dataclass(frozen=True, slots=True)
class Category:
    """A word an item is filed under, and the scheme (or domain) it belongs to."""

    term: str
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of a document: plain text, or HTML that nobody has cleaned yet.

    base: what its relative links start from, where not what its item's do.
    """

    value: str = ""
    is_html: bool = False
    base: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawItem:
    """One item in the words of its document. Empty means: not said.

    base: what its relative links start from. guid_is_link: the guid is an address.
    marks: what our own words say ("kind", "section", "venue", "starts_at", …).
    """

    base: str = ""
    guid: str = ""
    guid_is_link: bool = False
    link: str = ""
    title: Words = Words()
    summary: Words = Words()
    content: Words = Words()
    published: str = ""
    updated: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    images: tuple[Image, ...] = ()
    related: tuple[Related, ...] = ()
    language: str = ""
    credit: str = ""
    marks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """A source's word that a story is withdrawn: by guid or by address."""

    guid: str = ""
    url: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    """A whole document in its own words. notes: what was wrong with it."""

    format: str  # "RSS 2.0", "Atom 1.0", "JSON Feed 1.1" …
    title: str = ""
    home_url: str = ""
    language: str = ""
    credit: str = ""
    items: tuple[RawItem, ...] = ()
    gone: tuple[Gone, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One item that can be a story. Texts are plain unless named; times aware, UTC.

    url is absolute. withdrawn: its source says so on the item itself. position: in
    its document, 1…n.
    notes: what was odd and how it was taken; the item came in all the same.
    """

    url: str
    title: str
    guid: str = ""
    standfirst: str = ""
    body_html: str = ""  # sanitised
    body_text: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    tags: tuple[str, ...] = ()
    image: Image | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str = ""
    kind: Kind = Kind.NEWS
    subscriber_only: bool = False
    related: tuple[Related, ...] = ()
    credit: str = ""
    starts_at: datetime | None = None
    venue: str = ""
    withdrawn: bool = False
    position: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """What was wrong with one item. refused: it did not come in."""

    position: int  # in its document, 1…n; 0: the document itself
    title: str
    reason: str
    refused: bool

    def __str__(self) -> str:
        if not self.position:
            return self.reason
        named = f" (“{self.title}”)" if self.title else ""
        return f"item {self.position}{named}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A document that was read: what can come in, and what cannot and why."""

    format: str
    title: str = ""
    home_url: str = ""
    language: str = ""
    drafts: tuple[Draft, ...] = ()
    gone: tuple[Gone, ...] = ()
    problems: tuple[Problem, ...] = ()
