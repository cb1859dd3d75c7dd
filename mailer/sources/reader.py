"""One document in, one Feed out: which format it is, and who reads it."""

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin

from mailer.kernel.errors import Permanent
from mailer.sources.atom import read_atom
from mailer.sources.characters import storable
from mailer.sources.draft import Feed, Gone, RawFeed
from mailer.sources.drafting import draft_all, tidy_language
from mailer.sources.encoding import decode
from mailer.sources.filing import Rules
from mailer.sources.html import one_line
from mailer.sources.jsonfeed import NotJsonFeed, read_json_feed
from mailer.sources.markup import Node, NotMarkup, read_markup
from mailer.sources.rss import read_rss

FEED_TYPES = {
    "application/rss+xml", "application/atom+xml", "application/feed+json",
    "application/rdf+xml", "application/json", "application/xml", "text/xml",
}  # fmt: skip
_TAG = re.compile(r"<(link|base)\b([^>]{0,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"(?<![\w-])([\w-]+)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]++))"
)
HEAD = 300_000  # characters of a page in which its head ends


class NotAFeed(Permanent):
    """Nobody can read this document as a feed; str() says why."""


@dataclass(frozen=True, slots=True)
class PageLink:
    """A feed a page links to."""

    url: str
    title: str
    media_type: str


class IsAPage(NotAFeed):
    """It is an HTML page; `links` are the feeds it names, the best first."""

    def __init__(self, links: tuple[PageLink, ...]) -> None:
        super().__init__("it is a web page that links to no feed")
        self.links = links


def read(body: bytes, *, rules: Rules, url: str = "", content_type: str = "") -> Feed:
    """Return what a document offers, and what was wrong with it.

    url: its address, for relative links. Raises IsAPage or NotAFeed.
    """
    raw = _raw(body, url=url, content_type=content_type)
    drafts, problems = draft_all(raw, rules)
    return Feed(
        format=storable(raw.format)[:40],
        title=one_line(storable(raw.title))[:200],
        home_url=raw.home_url,
        language=tidy_language(raw.language),
        drafts=drafts,
        gone=tuple(
            Gone(storable(gone.guid), storable(gone.url), gone.at) for gone in raw.gone
        ),
        problems=problems,
    )


def _raw(body: bytes, *, url: str, content_type: str) -> RawFeed:
    start = body[:4_096].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if not start:
        raise NotAFeed("it is empty")
    if start.startswith((b"{", b"[")):
        try:
            return read_json_feed(body, url=url, content_type=content_type)
        except NotJsonFeed as why:
            raise NotAFeed(one_line(storable(str(why)))[:300]) from why
    if b"<" not in body:
        raise NotAFeed("it is neither XML nor JSON")
    if re.match(rb"<!doctype html|<html|<head", start, re.IGNORECASE):
        raise IsAPage(_links(body, url=url, content_type=content_type))
    try:
        markup = read_markup(body, content_type=content_type)
    except NotMarkup as why:
        raise NotAFeed(str(why)) from why
    root = _feed_root(markup.root)
    if root is None and _is_html(markup.root):
        raise IsAPage(_links(body, url=url, content_type=content_type))
    if root is None:
        raise NotAFeed("it is XML, but no feed we know")
    if root.name in {"rss", "rdf:RDF", "channel"}:
        return read_rss(root, url=url, notes=markup.notes)
    return read_atom(root, url=url, notes=markup.notes)


def _feed_root(root: Node) -> Node | None:
    """Return the element a feed begins with, also where something is wrapped round."""
    names = {"rss", "rdf:RDF", "channel", "atom:feed", "feed", "atom:entry", "entry"}
    for node in (root, *root.children):
        local = node.name.lower()
        if node.name in names or local in {"rss", "feed"}:
            node.name = "rss" if local == "rss" else node.name
            return node
    return None


def _is_html(root: Node) -> bool:
    return root.name.lower() in {"html", "head", "body", "div", "p", "main"}


def _links(body: bytes, *, url: str, content_type: str) -> tuple[PageLink, ...]:
    """Return the feeds of a page (RSS Board, "RSS Autodiscovery"), in its order.

    Feeds of comments come last: nobody wants a newsletter made of them.
    """
    text, _notes = decode(body[: 4 * HEAD], content_type=content_type)
    found: dict[str, PageLink] = {}
    for tag in _TAG.finditer(text[:HEAD]):
        said = {
            match[1].lower(): unescape(match[2] or match[3] or match[4] or "").strip()
            for match in _ATTRIBUTE.finditer(tag[2])
        }
        href = said.get("href", "")
        if tag[1].lower() == "base":
            url = _joined(url, href)
        elif (
            href
            and "alternate" in said.get("rel", "").lower().split()
            and said.get("type", "").partition(";")[0].lower() in FEED_TYPES
        ):
            address = _joined(url, href)
            link = PageLink(address, said.get("title", ""), said.get("type", ""))
            found.setdefault(address, link)
    return tuple(sorted(found.values(), key=_is_about_comments))


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return base


def _is_about_comments(link: PageLink) -> bool:
    return "comment" in f"{link.url} {link.title}".lower()
