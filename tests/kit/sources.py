"""Builders for stories and sources, and a web that answers from a script."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from mailer.sources import operations as sources
from mailer.sources import queries
from mailer.sources.story import Image, Kind, Story
from mailer.sources.web import Answer, Unreachable

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def a_story(number: int | None = None, **fields: Any) -> Story:
    """Return a story as a value, not in any table; fields as in Story."""
    n = number if number is not None else next(_numbers)
    said: dict[str, Any] = {
        "id": n,
        "revision": 1,
        "source_id": 1,
        "source_name": "The Causeway",
        "guid": f"story-{n}",
        "url": f"https://causeway.example/news/{n}",
        "title": f"Harbour wall {n} holds through the spring tide",
        "standfirst": "Engineers had given it even odds. It held, and the town slept.",
        "body_html": "<p>The wall held.</p><p>Nobody cheered before noon.</p>",
        "body_text": "The wall held.\n\nNobody cheered before noon.",
        "authors": ("Nomsa Dlamini",),
        "section": "News",
        "tags": ("News",),
        "image": Image(
            f"https://causeway.example/images/{n}.jpg", "A sea wall at dawn", 1200, 675
        ),
        "published_at": NOW,
        "arrived_at": NOW,
        "language": "en",
        "kind": Kind.NEWS,
    }
    return Story(**(said | fields))


def an_item(number: int = 1, **said: str) -> str:
    """Return one RSS item; said: elements by name, "" leaves one out."""
    elements = {
        "title": f"Story {number}",
        "link": f"https://causeway.example/news/{number}",
        "guid": f"story-{number}",
        "pubDate": format_datetime(NOW),
        "description": f"What story {number} is about.",
    } | said
    inside = "".join(
        f"<{name}>{escape(text)}</{name}>" for name, text in elements.items() if text
    )
    return f"<item>{inside}</item>"


def a_feed(*items: str, more: str = "") -> bytes:
    """Return an RSS 2.0 document with these items. more: into the channel, as it is."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<rss version="2.0" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
        "<channel><title>The Causeway</title><link>https://causeway.example/</link>"
        f"<language>en</language>{''.join(items)}{more}</channel></rss>"
    ).encode()


@dataclass
class ScriptedWeb:
    """A web of documents in a dictionary; keeps the contract of `web.Web`.

    An address holds a body, an Answer, or an exception to raise. It answers 304 to
    whoever sends the ETag of what is there. asked: the addresses, in order.
    """

    pages: dict[str, bytes | Answer | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    before_answer: Any = None  # called with the address, while the server thinks

    def get(self, url: str, *, etag: str = "", last_modified: str = "") -> Answer:
        """Answer from the script."""
        self.asked.append(url)
        if self.before_answer is not None:
            self.before_answer(url)
        page = self.pages.get(url, Unreachable("its host is not known"))
        if isinstance(page, Exception):
            raise page
        if isinstance(page, bytes):
            page = Answer(status=200, url=url, body=page)
        known = (page.etag and etag == page.etag) or (
            page.last_modified and last_modified == page.last_modified
        )
        if known and page.status == 200:
            return Answer(status=304, url=page.url, moved_to=page.moved_to)
        return page


FEED_URL = "https://causeway.example/feed.xml"


def a_source(url: str = FEED_URL, **settings: Any) -> int:
    """Add a source that takes what is there at its first poll; return its id."""
    named: dict[str, Any] = {"name": "The Causeway", "now": NOW, "take_existing": True}
    return sources.add_source(url=url, **(named | settings))


def stories_in_the_tables(
    items: Iterable[str] = (), *, now: datetime = NOW, **settings: Any
) -> list[int]:
    """Collect these items (default: three) from a source; return the stories' ids.

    For the tests of other rooms: real rows by the real way.
    """
    chosen = list(items) or [an_item(number) for number in (1, 2, 3)]
    url = settings.pop("url", FEED_URL)
    source_id = a_source(url, **settings)
    web = ScriptedWeb({url: a_feed(*chosen)})
    sources.collect(source_id=source_id, now=now, web=web)
    from mailer.sources import queries  # noqa: PLC0415  after Django is set up

    found = queries.candidates(source_ids=[source_id], published_after=None, now=now)
    return [story.id for story in found]


def collect(
    source_id: int,
    *items: str,
    now: datetime = NOW,
    url: str = FEED_URL,
    more: str = "",
    **said: Any,
) -> sources.Collected:
    """Collect a source while its feed has these items."""
    web = ScriptedWeb({url: a_feed(*items, more=more, **said)})
    return sources.collect(source_id=source_id, now=now, web=web)


def collect_answer(
    source_id: int, answer: Any, now: datetime = NOW, url: str = FEED_URL
) -> sources.Collected:
    """Collect a source while its address answers so."""
    web = ScriptedWeb({url: answer})
    return sources.collect(source_id=source_id, now=now, web=web)


def the_story() -> Story:
    """Return the only story there is."""
    (story,) = queries.recent(limit=10)
    return story


def pickable(*source_ids: int, now: datetime = NOW) -> list[str]:
    """Return the titles that an edition may choose from."""
    found = queries.candidates(source_ids=source_ids, published_after=None, now=now)
    return [story.title for story in found]
