"""The newsroom's feeds: RSS 2.0, Atom and JSON Feed, as a careful paper writes them.

Beyond the formats they use Media RSS for pictures and `urn:stop-press:feed` (JSON:
`_stop_press`) for what no format has a word for: kind, section, who may read it.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from mailer.local.newsroom.piece import Piece
from mailer.local.newsroom.plate import HEIGHT, WIDTH
from mailer.local.newsroom.site import Out

NAME = "The Causeway"
MOST = 120
SPACES = (
    'xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:sp="urn:stop-press:feed"'
)


def html_of(piece: Piece) -> str:
    """Return a piece's body as HTML."""
    return "\n".join(f"<p>{escape(text)}</p>" for text in piece.paragraphs)


def picture_url(piece: Piece, base: str, *, width: int = WIDTH) -> str:
    """Return the address of a piece's picture at a width."""
    return f"{base}/pictures/{piece.picture}-{piece.slug}-{width}.jpg"


def guid_of(piece: Piece) -> str:
    """Return the name of a piece that never changes."""
    return f"tag:causeway.example,2026:{piece.slug}"


def rss(found: Sequence[Out], *, title: str, url: str, base: str) -> str:
    """Return an RSS 2.0 feed of what is out, newest first."""
    items = "\n".join(_item(o, found, base) for o in found[:MOST])
    built = max((_changed(o) for o in found), default=None)
    date = f"<lastBuildDate>{format_datetime(built)}</lastBuildDate>" if built else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {SPACES}>\n'
        f"<channel><title>{escape(title)}</title><link>{base}/</link>"
        f"<description>{escape(title)}, from Kessane, Karanda</description>"
        f"<language>en</language>{date}"
        f'<atom:link rel="self" type="application/rss+xml" href={quoteattr(url)}/>\n'
        f"{items}\n</channel></rss>\n"
    )


def _item(out: Out, found: Sequence[Out], base: str) -> str:
    piece = out.piece
    parts = [
        f"<title>{escape(piece.title)}</title>",
        f"<link>{base}{piece.path}</link>",
        f'<guid isPermaLink="false">{guid_of(piece)}</guid>',
        f"<pubDate>{format_datetime(out.published_at)}</pubDate>",
        f"<description>{escape(piece.standfirst)}</description>",
    ]
    if out.updated_at:
        parts.append(f"<atom:updated>{out.updated_at.isoformat()}</atom:updated>")
    if out.withdrawn_at:
        return f"<item>{''.join(parts)}<sp:withdrawn/></item>"
    parts += [f"<dc:creator>{escape(name)}</dc:creator>" for name in piece.by]
    parts += [f"<category>{escape(tag)}</category>" for tag in piece.tags]
    parts += [
        f"<sp:kind>{piece.kind}</sp:kind>",
        f"<sp:section>{escape(piece.section)}</sp:section>",
        f"<content:encoded>{escape(html_of(piece))}</content:encoded>",
    ]
    if piece.subscriber_only:
        parts.append("<sp:subscriberOnly>yes</sp:subscriberOnly>")
    parts += [
        f'<sp:related title={quoteattr(other.title)} href="{base}{other.path}"/>'
        for other in _related(piece, found)
    ]
    if piece.picture:
        parts.append(
            f'<media:content url="{picture_url(piece, base)}" medium="image" '
            f'type="image/jpeg" width="{WIDTH}" height="{HEIGHT}">'
            f"<media:description>{escape(alt_of(piece))}</media:description>"
            f"<media:credit>{NAME}</media:credit></media:content>"
        )
    return f"<item>{''.join(parts)}</item>"


def alt_of(piece: Piece) -> str:
    """Return the words of a piece's picture."""
    return f"Illustration: {piece.alt}"


def _related(piece: Piece, found: Sequence[Out]) -> list[Piece]:
    here = {o.piece.slug: o.piece for o in found if not o.withdrawn_at}
    return [here[slug] for slug in piece.related if slug in here]


def _changed(out: Out) -> datetime:
    return out.withdrawn_at or out.updated_at or out.published_at


def atom(found: Sequence[Out], *, title: str, url: str, base: str) -> str:
    """Return an Atom feed. What was withdrawn leaves a tombstone (RFC 6721)."""
    here = [o for o in found if not o.withdrawn_at][:MOST]
    gone = "".join(
        f'<at:deleted-entry ref="{guid_of(o.piece)}" '
        f'when="{o.withdrawn_at.isoformat()}"/>'
        for o in found
        if o.withdrawn_at
    )
    entries = "\n".join(_entry(o, base) for o in here)
    updated = max((_changed(o) for o in found), default=None)
    when = f"<updated>{updated.isoformat()}</updated>" if updated else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" '
        'xmlns:at="http://purl.org/atompub/tombstones/1.0" '
        'xmlns:media="http://search.yahoo.com/mrss/" xmlns:sp="urn:stop-press:feed">\n'
        f"<title>{escape(title)}</title><id>{escape(url)}</id>{when}"
        f'<link href="{base}/"/><link rel="self" href={quoteattr(url)}/>{gone}\n'
        f"{entries}\n</feed>\n"
    )


def _entry(out: Out, base: str) -> str:
    piece = out.piece
    updated = out.updated_at or out.published_at
    parts = [
        f"<title>{escape(piece.title)}</title><id>{guid_of(piece)}</id>",
        f'<link href="{base}{piece.path}"/>',
        f"<published>{out.published_at.isoformat()}</published>",
        f"<updated>{updated.isoformat()}</updated>",
        *(f"<author><name>{escape(name)}</name></author>" for name in piece.by),
        *(f"<category term={quoteattr(tag)}/>" for tag in piece.tags),
        f"<summary>{escape(piece.standfirst)}</summary>",
        f'<content type="html">{escape(html_of(piece))}</content>',
        f"<sp:kind>{piece.kind}</sp:kind>",
        f"<sp:section>{escape(piece.section)}</sp:section>",
    ]
    if piece.subscriber_only:
        parts.append("<sp:subscriberOnly>yes</sp:subscriberOnly>")
    if piece.picture:
        parts.append(
            f'<media:content url="{picture_url(piece, base)}" medium="image" '
            f'width="{WIDTH}" height="{HEIGHT}"><media:description>'
            f"{escape(alt_of(piece))}</media:description></media:content>"
        )
    return f"<entry>{''.join(parts)}</entry>"


def json_feed(found: Sequence[Out], *, title: str, url: str, base: str) -> str:
    """Return a JSON Feed 1.1."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": f"{base}/",
        "feed_url": url,
        "language": "en",
        "items": [_json_item(o, base) for o in found[:MOST] if not o.withdrawn_at],
        "_withdrawn": [guid_of(o.piece) for o in found if o.withdrawn_at],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1)


def _json_item(out: Out, base: str) -> dict[str, Any]:
    piece = out.piece
    ours: dict[str, Any] = {"kind": piece.kind, "section": piece.section}
    if piece.credit:
        ours["credit"] = piece.credit
    if piece.picture:
        ours["image"] = {"alt": alt_of(piece), "width": WIDTH, "height": HEIGHT}
    item: dict[str, Any] = {
        "id": guid_of(piece),
        "url": f"{base}{piece.path}",
        "title": piece.title,
        "summary": piece.standfirst,
        "content_html": html_of(piece),
        "date_published": out.published_at.isoformat(),
        "tags": list(piece.tags),
        "_stop_press": ours,
    }
    if piece.picture:
        item["image"] = picture_url(piece, base)
    if piece.by:
        item["authors"] = [{"name": name} for name in piece.by]
    if out.updated_at:
        item["date_modified"] = out.updated_at.isoformat()
    if out.starts_at:
        item["_event"] = {
            "starts_at": out.starts_at.isoformat(),
            "venue": piece.venue,
        }
    return item
