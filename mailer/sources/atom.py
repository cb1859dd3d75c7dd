"""Atom 1.0 (RFC 4287) and 0.3."""

import base64
import binascii

from mailer.sources.draft import Category, RawFeed, RawItem, Words
from mailer.sources.extensions import (
    MOST_ITEMS,
    base_of,
    categories_of,
    gone_from,
    images_of,
    marks_of,
    related_of,
    words,
)
from mailer.sources.html import pixels
from mailer.sources.markup import Node
from mailer.sources.story import Image


def read_atom(root: Node, *, url: str, notes: tuple[str, ...]) -> RawFeed:
    """Return an Atom document in its own words.

    root: a feed, or a single entry. url: of the document, "" for a file.
    """
    _without_prefix(root)
    entries = [root] if root.name == "entry" else root.all("entry")
    home = _link(root, "alternate")
    base = base_of(root, url or home)
    if len(entries) > MOST_ITEMS:
        notes += (f"it has {len(entries)} entries; the first {MOST_ITEMS} are read",)
    return RawFeed(
        format="Atom 0.3" if root.get("version").startswith("0.") else "Atom 1.0",
        title=_words(root.first("title"), base).value.strip(),
        home_url=home,
        language=root.get("xml:lang"),
        credit=_words(root.first("title"), base).value.strip(),
        items=tuple(_entry(entry, root, base) for entry in entries[:MOST_ITEMS]),
        gone=gone_from(root),
        notes=notes,
    )


def _without_prefix(root: Node) -> None:
    """Name Atom's own elements without their prefix, all the way down.

    Feeds without the namespace, and those with a wrong one, then read alike.
    """
    waiting = [root]
    while waiting:
        node = waiting.pop()
        node.name = node.name.removeprefix("atom:")
        waiting += node.children


def _entry(entry: Node, feed: Node, outer_base: str) -> RawItem:
    base = base_of(entry, outer_base)
    published = entry.text("published", "issued", "dc:date", "created")
    updated = entry.text("updated", "modified", "dcterms:modified")
    source = entry.first("source")
    authors = _people(entry) or (_people(source) if source else ())
    return RawItem(
        base=base,
        guid=entry.text("id"),
        guid_is_link="://" in entry.text("id"),
        link=_link(entry, "alternate") or _link(entry, "self"),
        title=_words(entry.first("title", "media:title"), base),
        summary=_words(entry.first("summary"), base),
        content=_words(entry.first("content"), base),
        published=published or updated,
        updated=updated,
        authors=authors or _people(feed),
        categories=(
            *(
                Category(node.get("label") or node.get("term"), node.get("scheme"))
                for node in entry.all("category")
            ),
            *categories_of(entry),
        ),
        images=(*_enclosures(entry), *images_of(entry)),
        related=related_of(entry, entry.all("link")),
        language=entry.get("xml:lang")
        or entry.text("dc:language")
        or (source.get("xml:lang") if source else ""),
        credit=entry.text("sp:credit", "dc:publisher")
        or (_words(source.first("title"), base).value.strip() if source else ""),
        marks=marks_of(entry),
    )


def _words(node: Node | None, base: str) -> Words:
    """Return a text construct (RFC 4287 §3.1), or content of Atom 0.3 with a mode."""
    if node is None:
        return Words()
    kind, mode, inside = node.get("type").lower(), node.get("mode"), base_of(node, base)
    if mode == "base64":
        return Words(_from_base64(node.inner_text()), "html" in kind, inside)
    if kind == "xhtml" or node.children:
        divs = node.all("div")
        inner = divs[0] if len(divs) == 1 and len(node.children) == 1 else node
        return Words(inner.inner_html(), is_html=True, base=base_of(inner, inside))
    if "html" in kind:
        return Words(node.inner_text(), is_html=True, base=inside)
    says_text = kind in {"text", "text/plain"} and mode != "escaped"
    # Where nothing is said, many mean HTML all the same.
    return Words(node.inner_text()) if says_text else words(node)


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text).decode("utf-8", errors="replace")
    except binascii.Error:
        return ""


def _link(node: Node, rel: str) -> str:
    """Return the address of the best link of this kind, a page before other types."""
    links = [
        link for link in node.all("link") if (link.get("rel") or "alternate") == rel
    ]
    pages = [link for link in links if link.get("type") in {"", "text/html"}]
    return next((link.get("href") for link in (*pages, *links) if link.get("href")), "")


def _people(node: Node) -> tuple[str, ...]:
    named = [
        author.text("name") or ("" if author.children else author.inner_text())
        for author in node.all("author")
    ]
    named = named or [creator.inner_text() for creator in node.all("dc:creator")]
    return tuple(name for name in named if name.strip())


def _enclosures(entry: Node) -> list[Image]:
    return [
        Image(
            link.get("href"),
            link.get("title"),
            pixels(link.get("width")),
            pixels(link.get("height")),
        )
        for link in entry.all("link")
        if link.get("rel") == "enclosure" and link.get("type").startswith("image/")
    ]
