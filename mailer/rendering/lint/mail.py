"""A rendered mail taken apart once, for all rules."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import lxml.html
import tinycss2
from lxml.html import HtmlElement

from mailer.rendering.facts import Facts
from mailer.rendering.variant import Finding, Rendered

_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SPACE = re.compile(r"\s+")
SHOWN = 60  # characters of a place in a finding


@dataclass(frozen=True, slots=True)
class Declaration:
    """One `name: value` of a style, with what the lint asks of it."""

    name: str
    value: str
    important: bool
    units: tuple[str, ...]
    functions: tuple[str, ...]


class Mail:
    """The HTML, its tree, its styles, its words; and the promises it must keep."""

    def __init__(self, rendered: Rendered, promises: Facts) -> None:
        self.subject = rendered.subject
        self.html = rendered.html
        self.text = rendered.text
        self.promises = promises

    @cached_property
    def tree(self) -> HtmlElement:
        """Return the tree as libxml2 builds it."""
        return lxml.html.document_fromstring(
            self.html.encode(errors="replace"),
            parser=lxml.html.HTMLParser(encoding="utf-8"),
        )

    @cached_property
    def elements(self) -> list[HtmlElement]:
        """Return every element, in order."""
        return [e for e in self.tree.iter() if isinstance(e.tag, str)]

    @cached_property
    def head(self) -> HtmlElement | None:
        """Return the head, where there is one."""
        return self.tree.find("head")

    @cached_property
    def body(self) -> HtmlElement | None:
        """Return the body, where there is one."""
        return self.tree.find("body")

    def named(self, *tags: str) -> Iterator[HtmlElement]:
        """Yield the elements with one of these names."""
        return (e for e in self.elements if e.tag in tags)

    @cached_property
    def style_blocks(self) -> list[str]:
        """Return the text of each style block outside comments."""
        return _STYLE.findall(_COMMENT.sub("", self.html))

    @cached_property
    def words(self) -> str:
        """Return what the HTML part says, white space made single."""
        body = self.body
        return spaced(str(body.text_content())) if body is not None else ""

    @cached_property
    def said(self) -> str:
        """Return what the text part says, white space made single."""
        return spaced(self.text)

    @cached_property
    def joined_text(self) -> str:
        """Return the text part without any white space: folding hides nothing."""
        return _SPACE.sub("", self.text)

    @cached_property
    def links(self) -> list[HtmlElement]:
        """Return every a element with an address."""
        return [e for e in self.named("a") if e.get("href") is not None]


def spaced(words: str) -> str:
    """Return words with single spaces, no-break ones among them."""
    return _SPACE.sub(" ", words.replace("\u00a0", " ")).strip()


def packed(words: str) -> str:
    """Return words without white space."""
    return _SPACE.sub("", words)


def where(element: HtmlElement) -> str:
    """Return where an element stands: "line 12: <img src=…>"."""
    attributes = " ".join(f'{k}="{v}"' for k, v in element.attrib.items())
    shown = f"<{element.tag} {attributes}".strip()
    if len(shown) > SHOWN:
        shown = shown[:SHOWN] + "…"
    return f"line {element.sourceline}: {shown}>"


@lru_cache(maxsize=2048)
def declarations(style: str) -> tuple[Declaration, ...]:
    """Return the declarations of a style attribute."""
    parsed = tinycss2.parse_blocks_contents(
        style, skip_comments=True, skip_whitespace=True
    )
    return tuple(
        Declaration(
            name=node.lower_name,
            value=tinycss2.serialize(node.value).strip(),
            important=bool(node.important),
            units=tuple(v.lower_unit for v in node.value if v.type == "dimension"),
            functions=tuple(v.lower_name for v in node.value if v.type == "function"),
        )
        for node in parsed
        if node.type == "declaration"
    )


def error(rule: str, text: str, place: str = "") -> Finding:
    """Return a finding that stops the edition."""
    return Finding(rule=rule, blocks=True, text=text, where=place)


def warning(rule: str, text: str, place: str = "") -> Finding:
    """Return a finding that is shown and stops nothing."""
    return Finding(rule=rule, blocks=False, text=text, where=place)
