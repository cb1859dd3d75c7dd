"""JSON Feed 1.0 and 1.1, with our extension `_stop_press` and its short forms."""

import json
import re
from collections.abc import Mapping
from typing import Any

from mailer.sources.characters import storable
from mailer.sources.draft import Category, Gone, RawFeed, RawItem, Words
from mailer.sources.encoding import decode
from mailer.sources.extensions import MOST_ITEMS
from mailer.sources.html import looks_like_html
from mailer.sources.story import Image, Related

_ITEMS = re.compile(r'"items"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
WIDEST = 100_000  # pixels; beyond it is no picture
MARKS = ("kind", "section", "subscriber_only", "withdrawn", "starts_at", "venue")


class NotJsonFeed(ValueError):
    """This document is no JSON Feed; str() says why, and in which line."""


def read_json_feed(body: bytes, *, url: str, content_type: str = "") -> RawFeed:
    """Return a JSON Feed in its own words.

    Of a document that is cut off, the items before the cut come in.
    Raises NotJsonFeed.
    """
    text, notes = decode(body, content_type=content_type)
    try:
        said = json.loads(text)
    except RecursionError as error:
        raise NotJsonFeed("its JSON is nested too deep") from error
    except ValueError as error:
        where = (
            f"line {error.lineno}: {error.msg}"
            if isinstance(error, json.JSONDecodeError)
            else "a number is too long"
        )
        items = _items_before_the_fault(text)
        if not items:
            raise NotJsonFeed(f"it is not JSON ({where})") from error
        said = {"version": "1", "items": items}
        notes.append(f"it is not JSON ({where}); the items before that are read")
    if not isinstance(said, dict) or not isinstance(said.get("items"), list):
        raise NotJsonFeed("it is JSON, but no JSON Feed: it has no list of items")
    items = said["items"]
    if len(items) > MOST_ITEMS:
        notes.append(f"it has {len(items)} items; the first {MOST_ITEMS} are read")
    home = _text(said.get("home_page_url"))
    base = home if "://" in home else url
    authors = _authors(said)
    version = _text(said.get("version")).rstrip("/").rpartition("/")[2]
    return RawFeed(
        format=f"JSON Feed {version or '1'}",
        title=_text(said.get("title")),
        home_url=home,
        language=_text(said.get("language")),
        credit=_text(said.get("title")),
        items=tuple(_item(item, base, authors) for item in items[:MOST_ITEMS]),
        gone=_gone(said.get("_withdrawn")),
        notes=tuple(notes),
    )


def _items_before_the_fault(text: str) -> list[Any]:
    start = _ITEMS.search(text)
    if not start:
        return []
    items: list[Any] = []
    decoder, at = json.JSONDecoder(), start.end()
    while True:
        found = _BETWEEN.match(text, at)
        at = found.end() if found else at
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return items
        items.append(item)


def _item(said: Any, base: str, feed_authors: tuple[str, ...]) -> RawItem:
    """Return one item. What has the wrong type counts as not said."""
    if not isinstance(said, dict):
        return RawItem(base=base)
    ours = _object(said.get("_stop_press"))
    html, text = _text(said.get("content_html")), _text(said.get("content_text"))
    summary = _text(said.get("summary"))
    guid = _text(said.get("id"))
    title = _text(said.get("title"))
    return RawItem(
        base=base,
        guid=guid,
        guid_is_link="://" in guid,
        link=_text(said.get("url")) or _text(said.get("external_url")),
        title=Words(title, is_html=looks_like_html(title)),
        summary=Words(summary, is_html=looks_like_html(summary)),
        content=Words(html, is_html=True) if html else Words(text),
        published=_text(said.get("date_published")) or _text(said.get("date_modified")),
        updated=_text(said.get("date_modified")),
        authors=_authors(said) or feed_authors,
        categories=tuple(
            Category(tag) for tag in map(_text, _list(said.get("tags"))) if tag
        ),
        images=_images(said, ours),
        related=tuple(
            Related(_text(link.get("title")), _text(link.get("url")))
            for link in map(_object, _list(ours.get("related")))
        ),
        language=_text(said.get("language")),
        credit=_text(ours.get("credit")),
        marks=_marks(said, ours),
    )


def _marks(
    said: Mapping[str, Any], ours: Mapping[str, Any]
) -> tuple[tuple[str, str], ...]:
    event = _object(said.get("_event"))
    marks = {
        "subscriber_only": _text(said.get("_paywall")),
        "withdrawn": _text(said.get("_withdrawn")),
        "starts_at": _text(event.get("starts_at") or event.get("start")),
        "venue": _text(event.get("venue") or event.get("location")),
    }
    marks.update({name: _text(ours[name]) for name in MARKS if name in ours})
    return tuple((name, value) for name, value in marks.items() if value)


def _images(said: Mapping[str, Any], ours: Mapping[str, Any]) -> tuple[Image, ...]:
    words = _object(ours.get("image")) or _object(said.get("_image"))
    urls = [_text(said.get("image")), _text(said.get("banner_image"))]
    urls += [
        _text(attachment.get("url"))
        for attachment in map(_object, _list(said.get("attachments")))
        if _text(attachment.get("mime_type")).startswith("image/")
    ]
    found = [Image(url) for url in dict.fromkeys(urls) if url]
    if found and words:
        found[0] = Image(
            found[0].url,
            _text(words.get("alt")),
            _pixels(words.get("width")),
            _pixels(words.get("height")),
            _text(words.get("credit")),
        )
    return tuple(found)


def _authors(said: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names in `authors` (1.1) or `author` (1.0)."""
    people = _list(said.get("authors")) or [said.get("author")]
    names = (_text(person) or _text(_object(person).get("name")) for person in people)
    return tuple(name for name in names if name)


def _gone(said: Any) -> tuple[Gone, ...]:
    """Return what the document itself lists as withdrawn: ids, or objects with one."""
    found = (
        Gone(
            _text(one) or _text(_object(one).get("id")), _text(_object(one).get("url"))
        )
        for one in _list(said)
    )
    return tuple(gone for gone in found if gone.guid or gone.url)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return storable(value).strip()
    return str(value) if isinstance(value, int | float) else ""


def _list(value: Any) -> list[Any]:
    if isinstance(value, str):
        return value.split(",")
    return value if isinstance(value, list) else []


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _pixels(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and 0 < value < WIDEST else None
