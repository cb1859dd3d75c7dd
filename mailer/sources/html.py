"""HTML of strangers: made safe (nh3), made plain, and its pictures.

Everything after `sanitise` is well-formed and holds no script, style, form, frame or
event handler, and only absolute http(s) and mailto: addresses.
"""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser

import nh3

from mailer.sources.addresses import NotALink, resolve
from mailer.sources.story import Image

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "div",
    "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "img", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span", "strong",
    "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
DROPPED_WHOLE = {
    "applet", "audio", "button", "canvas", "embed", "form", "frameset", "head",
    "iframe", "math", "noembed", "noframes", "noscript", "object", "script", "select",
    "style", "svg", "template", "textarea", "title", "video", "xmp",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "*": {"lang", "dir"},
}
BLOCKS = {
    "blockquote", "caption", "dd", "div", "dl", "dt", "figcaption", "figure", "h1",
    "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "table", "tr", "ul",
}  # fmt: skip
# nh3 takes time with the square of the depth: 0.02 s for 1,000 <div> in one another,
# 7.5 s for 50,000 (measured). No article is deeper than this.
DEEPEST = 200
_OPEN_OR_CLOSE = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_NEVER_DEEP = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "li", "link", "meta",
    "p", "param", "source", "td", "th", "tr", "track", "wbr", "dd", "dt", "option",
}  # fmt: skip
_IMG = re.compile(r"<img\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_ANY_TAG = re.compile(r"<[^<>]*>")
_LOOKS_LIKE_HTML = re.compile(
    r"</?[a-zA-Z][a-zA-Z0-9]*(\s[^<>]*)?/?>|&(#\d+|#x[0-9a-f]+|[a-z]+\d*);",
    re.IGNORECASE,
)


def looks_like_html(text: str) -> bool:
    """Say whether this text has tags or escaped characters in it.

    RSS does not tell: "AT&amp;amp;T" and "<b>" in a title are both common.
    """
    return bool(_LOOKS_LIKE_HTML.search(text))


def sanitise(html: str, *, base: str) -> str:
    """Return the same text as HTML that is safe in a page and in a mail.

    base: what relative addresses start from. Pictures of 1 or 2 pixels (they count
    readers) and those without an address are gone. HTML nested beyond reason comes
    back as its text alone.
    """
    if _depth(html) > DEEPEST:
        html = _ANY_TAG.sub(" ", html)

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name not in {"href", "src"}:
            return value
        if tag == "a" and value.strip().lower().startswith("mailto:"):
            return value.strip()
        try:
            return resolve(value, base)
        except NotALink:
            return None

    cleaned = nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags=DROPPED_WHOLE,
        attributes=ATTRIBUTES,
        attribute_filter=attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
        strip_comments=True,
    )
    return _IMG.sub(lambda found: found[0] if _picture(found) else "", cleaned).strip()


def plain(html: str) -> str:
    """Return sanitised HTML as text: a blank line between blocks, links as words."""
    reader = _Plain()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def one_line(text: str) -> str:
    """Return text with every run of white space as one blank."""
    return " ".join(text.split())


def pictures(html: str) -> Iterator[Image]:
    """Return the pictures of sanitised HTML, in order."""
    for found in _IMG.finditer(html):
        image = _picture(found)
        if image:
            yield image


def pixels(text: str | None) -> int | None:
    """Return a width or height in pixels, or None where it is not said in pixels."""
    found = re.fullmatch(r"\s*(\d{1,5})(\.\d+)?(px)?\s*", text or "")
    return int(found[1]) if found and int(found[1]) else None


def _picture(found: re.Match[str]) -> Image | None:
    said = {name: unescape(value) for name, value in _ATTRIBUTE.findall(found[1])}
    width, height = pixels(said.get("width")), pixels(said.get("height"))
    counts_readers = min(width or 99, height or 99) <= 2  # noqa: PLR2004
    if not said.get("src") or counts_readers:
        return None
    return Image(said["src"], one_line(said.get("alt", "")), width, height)


def _depth(html: str) -> int:
    depth = deepest = 0
    for found in _OPEN_OR_CLOSE.finditer(html):
        if found[2].lower() not in _NEVER_DEEP:
            depth = max(0, depth - 1) if found[1] else depth + 1
            deepest = max(deepest, depth)
    return deepest


class _Plain(HTMLParser):
    """Collects text; marks where blocks begin and end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._in_caption = 0

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self._in_caption += tag == "figcaption"
        if tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n• ")
        elif tag in {"td", "th"}:
            self.parts.append(" ")
        elif tag in BLOCKS:
            self.parts.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        self._in_caption -= tag == "figcaption"
        if tag in BLOCKS - {"li"}:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._in_caption:  # a caption without its picture confuses
            self.parts.append(data.replace("\n", " "))
