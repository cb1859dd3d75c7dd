"""RSS 0.90 to 0.94, 1.0 and 2.0, as they are written and not only as they should be."""

from mailer.sources.draft import Category, RawFeed, RawItem
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
from mailer.sources.markup import Node


def read_rss(root: Node, *, url: str, notes: tuple[str, ...]) -> RawFeed:
    """Return an RSS document in its own words.

    root: `rss`, `rdf:RDF` or a bare `channel`. url: of the document, "" for a file.
    """
    channel = root if root.name == "channel" else root.first("channel") or root
    home = channel.text("link") or _link(channel.all("atom:link"), "alternate")
    base = base_of(channel, base_of(root, home if "://" in home else url))
    items = _items(root)
    if len(items) > MOST_ITEMS:
        notes += (f"it has {len(items)} items; the first {MOST_ITEMS} are read",)
    return RawFeed(
        format=_format(root),
        title=words(channel.first("title")).value.strip(),
        home_url=home,
        language=channel.text("language", "dc:language") or root.get("xml:lang"),
        credit=channel.text("dc:publisher", "title"),
        items=tuple(_item(item, base) for item in items[:MOST_ITEMS]),
        gone=gone_from(channel) + (gone_from(root) if channel is not root else ()),
        notes=notes,
    )


def _format(root: Node) -> str:
    if root.name == "rdf:RDF":
        old = any(node.first("description") is None for node in root.all("channel"))
        return "RSS 0.90" if old else "RSS 1.0"
    return f"RSS {root.get('version') or '2.0'}"


def _items(root: Node) -> list[Node]:
    """Return all items, wherever they stand: beside the channel in RSS 1.0, and
    anywhere in documents that were not well-formed."""
    found, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        if node.name == "item":
            found.append(node)
        waiting += reversed(node.children)
    return found


def _item(item: Node, outer_base: str) -> RawItem:
    base = base_of(item, outer_base)
    guid = item.first("guid")
    about = item.get("rdf:about")
    links = item.all("atom:link")
    content = item.first("content:encoded", "atom:content", "body", "fullitem")
    summary = item.first("description", "atom:summary", "dc:description")
    if content is not None and summary is None:
        summary = item.first("media:description")
    said_guid = guid.inner_text().strip() if guid is not None else ""
    return RawItem(
        base=base,
        guid=said_guid or about or item.text("dc:identifier", "atom:id"),
        guid_is_link=bool(about)
        or (guid is not None and guid.get("isPermaLink").lower() != "false"),
        link=item.text("feedburner:origLink", "link") or _link(links, "alternate"),
        title=words(item.first("title", "atom:title", "dc:title", "media:title")),
        summary=words(summary),
        content=words(content),
        published=item.text(
            "pubDate", "dc:date", "dcterms:issued", "dcterms:created",
            "atom:published", "pubdate", "date",
        ),
        updated=item.text("atom:updated", "dcterms:modified"),
        authors=_authors(item),
        categories=(
            *(
                Category(node.inner_text(), node.get("domain"))
                for node in item.all("category")
            ),
            *categories_of(item),
        ),
        images=images_of(item),
        related=related_of(item, links),
        language=item.text("dc:language", "language") or item.get("xml:lang"),
        credit=item.text("sp:credit", "dc:publisher", "source", "dc:source"),
        marks=marks_of(item),
    )  # fmt: skip


def _authors(item: Node) -> tuple[str, ...]:
    named = [node.inner_text() for node in item.all("dc:creator")]
    named += [node.text("atom:name") for node in item.all("atom:author")]
    return tuple(named or [node.inner_text() for node in item.all("author")])


def _link(links: list[Node], rel: str) -> str:
    return next(
        (link.get("href") for link in links if (link.get("rel") or rel) == rel), ""
    )
