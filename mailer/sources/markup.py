"""A feed's XML as a plain tree, also where it is not quite XML.

Bytes become characters (encoding.py), entities of HTML become characters, stray
ampersands become text. A document type never reaches a parser, so that entities
defined in it stay the words they are: nothing to expand, nothing to fetch. What is
then well-formed, lxml reads; what is not is read tag by tag, as browsers do.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from html.entities import html5

from lxml import etree

from mailer.sources.encoding import decode

DEEPEST = 100  # elements in one another; an XHTML article in Atom has 20
CUT_OFF = "cut-off"  # our attribute on an item that the document ends within
LONGEST_TEXT = 1_000_000  # characters of one text in a document that is not XML
# The one name we use for each namespace; feeds write them in many ways.
PREFIXES = {
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns#": "atom",
    "http://www.w3.org/1999/xhtml": "",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/xml/1998/namespace": "xml",
    "http://purl.org/rss/1.0": "",
    "http://my.netscape.com/rdf/simple/0.9": "",
    "http://channel.netscape.com/rdf/simple/0.9": "",
    "http://purl.org/net/rss1.1#": "",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://cyber.law.harvard.edu/rss": "",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/elements/1.0": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://purl.org/rss/1.0/modules/event": "ev",
    "urn:ietf:params:xml:ns:xcal": "xcal",
    "http://search.yahoo.com/mrss": "media",
    "http://www.rssboard.org/media-rss": "media",
    "http://purl.org/atompub/tombstones/1.0": "at",
    "http://www.google.com/schemas/sitemap-news/0.9": "news",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "urn:stop-press:feed": "sp",
}
_STRAY = re.compile(r"&(?![A-Za-z#])")
_REFERENCE = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:(#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});)?"
)
_ASIDE = re.compile(r"<!\[CDATA\[|<!--")
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Possessive ("*+"): what was taken is never given back, so each is read once.
_NAME = r"[A-Za-z_][\w.:-]*+"
_TAG = re.compile(
    rf"<(?:/\s*+({_NAME})[^<>]*+|({_NAME})((?:[^<>\"']|\"[^\"]*+\"|'[^']*+')*+))>"
)
_ATTRIBUTE = re.compile(
    rf"(?<![\w.:-])({_NAME})\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]++))"
)
_VOID_IN_HTML = {"br", "hr", "img", "input", "wbr"}


class NotMarkup(ValueError):
    """These bytes are no XML document; str() says why."""


@dataclass(slots=True)
class Node:
    """An element: its name with our prefix ("media:content"), its parts in order."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    parts: list["Node | str"] = field(default_factory=list)

    @property
    def children(self) -> list["Node"]:
        """Return the elements directly inside."""
        return [part for part in self.parts if isinstance(part, Node)]

    def all(self, *names: str) -> list["Node"]:
        """Return the elements directly inside that have one of these names."""
        return [child for child in self.children if child.name in names]

    def first(self, *names: str) -> "Node | None":
        """Return the first one inside, by the order of the names; None if none."""
        for name in names:
            for child in self.children:
                if child.name == name:
                    return child
        return None

    def text(self, *names: str) -> str:
        """Return the text of the first such element that has any, or ""."""
        for name in names:
            for child in self.all(name):
                said = child.inner_text().strip()
                if said:
                    return said
        return ""

    def get(self, name: str) -> str:
        """Return an attribute, or ""."""
        return self.attributes.get(name, "").strip()

    def inner_text(self) -> str:
        """Return all text inside, without tags."""
        return "".join(
            part if isinstance(part, str) else part.inner_text() for part in self.parts
        )

    def inner_html(self) -> str:
        """Return what is inside as HTML."""
        return "".join(
            escape(part, quote=False) if isinstance(part, str) else part.outer_html()
            for part in self.parts
        )

    def outer_html(self) -> str:
        """Return this element as HTML, its name without a prefix."""
        name = self.name.rpartition(":")[2]
        said = "".join(f' {k}="{escape(v)}"' for k, v in self.attributes.items())
        if name in _VOID_IN_HTML:
            return f"<{name}{said}>"
        return f"<{name}{said}>{self.inner_html()}</{name}>"


@dataclass(frozen=True, slots=True)
class Markup:
    """A tree and what had to be overlooked to grow it."""

    root: Node
    notes: tuple[str, ...]


def read_markup(body: bytes, *, content_type: str = "") -> Markup:
    """Return the tree of a document.

    Raises NotMarkup where there is no element at all.
    """
    text, notes = decode(body, content_type=content_type)
    text, defines_entities = _without_doctype(text)
    if defines_entities:
        notes.append("it defines entities of its own; they are not expanded")
    text = _repaired(text)
    try:
        return Markup(_strict(text), tuple(notes))
    except etree.XMLSyntaxError as error:
        line, why = error.position[0], (error.msg or "").partition(", line")[0]
    except _Undeclared:
        line, why = 0, "a prefix without its namespace"
    except _TooDeep:
        line, why = 0, f"more than {DEEPEST} elements in one another"
    root = _lenient(text)
    where = f"line {line}: " if line else ""
    notes.append(f"it is not well-formed ({where}{why}); read as far as it makes sense")
    return Markup(root, tuple(notes))


def _without_doctype(text: str) -> tuple[str, bool]:
    """Return the document from its first element on, and whether it made entities.

    What stands before (a server's warnings, blank lines) becomes as many line ends,
    so that later faults name the right line.
    """
    start, defines = max(0, text.find("<?xml", 0, 5_000)), False
    while True:
        start = text.find("<", start)
        if start < 0:
            raise NotMarkup("it is no XML: there is no element in it")
        if text.startswith("<?", start):
            start = _after(text, "?>", start)
        elif text.startswith("<!--", start):
            start = _after(text, "-->", start)
        elif text[start : start + 9].upper() == "<!DOCTYPE":
            start, made = _end_of_doctype(text, start)
            defines = defines or made
        elif re.match(r"[A-Za-z_]", text[start + 1 : start + 2]):
            return "\n" * text.count("\n", 0, start) + text[start:], defines
        else:
            start += 1


def _after(text: str, end: str, start: int) -> int:
    at = text.find(end, start)
    return at + len(end) if at >= 0 else len(text)


def _end_of_doctype(text: str, start: int) -> tuple[int, bool]:
    bracket, close = text.find("[", start), text.find(">", start)
    if 0 <= bracket < close:
        end = re.compile(r"\]\s*>").search(text, bracket)
        subset = text[bracket : end.start()] if end else text[bracket:]
        return (end.end() if end else len(text)), "<!ENTITY" in subset
    return (close + 1 if close > 0 else len(text)), False


def _repaired(text: str) -> str:
    """Return text in which every `&` outside CDATA begins what XML knows."""
    return "".join(
        _NOT_XML.sub("", part) if is_cdata else _NOT_XML.sub("", _references(part))
        for part, is_cdata in _pieces(text)
    )


def _pieces(text: str) -> list[tuple[str, bool]]:
    """Cut a document into what is outside (False) and inside (True) CDATA.

    Comments are gone. What never ends is no comment and no CDATA.
    """
    pieces, at = [], 0
    last = {"<![CDATA[": text.rfind("]]>"), "<!--": text.rfind("-->")}
    for found in _ASIDE.finditer(text):
        start, opening = found.start(), found[0]
        if start < at or last[opening] < start:
            continue
        end = text.index("]]>" if opening == "<![CDATA[" else "-->", start) + 3
        pieces.append((text[at:start], False))
        if opening == "<![CDATA[":
            pieces.append((text[start:end], True))
        at = end
    pieces.append((text[at:], False))
    return pieces


def _references(text: str) -> str:
    if "&" not in text:
        return text
    return _REFERENCE.sub(_reference, _STRAY.sub("&amp;", text))


def _reference(found: re.Match[str]) -> str:
    name = found[1]
    if name and name[0] == "#":
        return escape(unescape(found[0]))  # also repairs &#150; and &#0;
    if name and f"{name};" in html5:
        return escape(html5[f"{name};"])
    return "&amp;" + found[0][1:]


class _Undeclared(Exception):
    """A prefix that no namespace was declared for; lxml forgets it."""


class _TooDeep(Exception):
    """More elements in one another than any feed has."""


class _Grower:
    """Grows a tree from starts, texts and ends: lxml's target, and ours."""

    def __init__(self, named: Callable[[str], str]) -> None:
        self.root: Node | None = None
        self.stack: list[Node] = []
        self._named = named

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.stack) >= DEEPEST:
            raise _TooDeep
        named = {self._named(key): value for key, value in attributes.items()}
        node = Node(self._named(name), named)
        if self.stack:
            self.stack[-1].parts.append(node)
        elif self.root is None:
            self.root = node
        self.stack.append(node)

    def data(self, text: str) -> None:
        if self.stack:
            self.stack[-1].parts.append(text)

    def end(self, _name: str) -> None:
        self.stack.pop()

    def close(self) -> Node:
        if self.root is None:
            raise NotMarkup("it is no XML: there is no element in it")
        return self.root


def _strict(text: str) -> Node:
    target = _Grower(_from_clark)
    parser = etree.XMLParser(
        target=target, resolve_entities=False, no_network=True, load_dtd=False
    )
    parser.feed(text.encode())
    root = parser.close()
    if any("Namespace prefix" in error.message for error in parser.feed_error_log):
        raise _Undeclared
    assert isinstance(root, Node)  # noqa: S101  what our target returns
    return root


def _from_clark(name: str) -> str:
    uri, _, local = name.rpartition("}")
    prefix = _prefix(uri.removeprefix("{")) if uri else ""
    return f"{prefix}:{local}" if prefix else local


def _prefix(uri: str) -> str:
    uri = uri.strip().lower().replace("https://", "http://").rstrip("/")
    known = PREFIXES.get(uri)
    if known is None and uri.startswith("http://my.netscape.com/"):
        return ""
    return "other" if known is None else known


def _lenient(text: str) -> Node:
    """Read tag by tag. An end closes what it can, an end of nothing is nothing."""
    declared: dict[str, str] = {}
    grower = _Grower(lambda name: name)
    overflow = 0  # starts that were too deep, whose ends are still to come
    for start, end, words in _tokens(text):
        if words:
            grower.data(unescape(words[:LONGEST_TEXT]))
        elif start is not None and len(grower.stack) >= DEEPEST:
            overflow += 1
        elif start is not None:
            grower.start(*_start(start, declared))
            if start[3].endswith("/") or start[2].lower() in _VOID_IN_HTML:
                grower.end(start[2])
        elif overflow:
            overflow -= 1
        else:
            _close(grower, _from_prefix(end, declared))
    for node in reversed(grower.stack):  # what the document's end cut off
        if node.name.rpartition(":")[2] in {"item", "entry"}:
            node.attributes[CUT_OFF] = "yes"
            break
    return grower.close()


def _start(tag: re.Match[str], declared: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return the name and attributes of a start; learn the prefixes it declares."""
    said = {
        found[1]: unescape(found[2] or found[3] or found[4] or "")
        for found in _ATTRIBUTE.finditer(tag[3])
    }
    for key, uri in said.items():
        if key == "xmlns" or key.startswith("xmlns:"):
            declared.setdefault(key.partition(":")[2], uri)
    attributes = {
        # An attribute without a prefix is in no namespace.
        _from_prefix(key, declared) if ":" in key else key: value
        for key, value in said.items()
        if not key.startswith("xmlns")
    }
    return _from_prefix(tag[2], declared), attributes


def _close(grower: _Grower, name: str) -> None:
    for depth in range(len(grower.stack) - 1, -1, -1):
        if grower.stack[depth].name == name:
            del grower.stack[depth:]
            return


def _from_prefix(name: str, declared: dict[str, str]) -> str:
    prefix, _, local = name.rpartition(":")
    if prefix not in declared:
        return name  # never declared: the usual meaning of the usual prefix
    known = _prefix(declared[prefix])
    return f"{known}:{local}" if known else local


def _tokens(text: str) -> Iterator[tuple[re.Match[str] | None, str, str]]:
    """Cut a document into starts, names of ends, and texts; one of three each."""
    for part, is_cdata in _pieces(text):
        if is_cdata:
            yield None, "", escape(part[9:-3], quote=False)
            continue
        at = 0
        for found in _TAG.finditer(part):
            if found.start() > at:
                yield None, "", part[at : found.start()]
            at = found.end()
            yield (None, found[1], "") if found[1] else (found, "", "")
        if at < len(part):
            yield None, "", part[at:]
