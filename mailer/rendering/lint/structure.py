"""Rules H: the document, its tables, headings and Outlook comments."""

import re
from collections import Counter
from collections.abc import Iterator

import html5lib
from lxml.html import HtmlElement

from mailer.rendering.lint.mail import Mail, error, spaced, warning, where
from mailer.rendering.variant import Finding

MOST_NESTED = 8  # Outlook of 2022 crashed on "complex tables"
WIDEST = 640
FORBIDDEN = frozenset(
    [
        "script",
        "iframe",
        "object",
        "embed",
        "form",
        "input",
        "button",
        "select",
        "textarea",
        "video",
        "audio",
        "svg",
        "math",
        "canvas",
        "dialog",
        "picture",
        "base",
    ]
)
_METAS = (
    "viewport", "format-detection", "x-apple-disable-message-reformatting",
    "color-scheme", "supported-color-schemes",
)  # fmt: skip
_BAD_SCHEMES = ("javascript:", "data:", "file:", "vbscript:")
_DIGITS = re.compile(r"\d+%?")
_CONDITIONAL = re.compile(
    r"<!--\[if [^\]]*\]>(?:<!-->)?|<!(?:--<!)?\[endif\](?:--)?>|<!\[if[^\]]*\]>"
)
_ALLOWED = re.compile(
    r"<!--\[if mso[^\]]*\]>|<!--\[if !mso\]><!-->|<!\[endif\]-->|<!--<!\[endif\]-->"
)
_GHOST = re.compile(r'<!--\[if mso\]><table\b[^>]*\bwidth="(\d+)"')
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def h01_language(mail: Mail) -> Iterator[Finding]:
    """Webmails replace the body by a div: lang and dir stand twice (H01, H02)."""
    wrapper = mail.body.find("*") if mail.body is not None else None
    for rule, name in (("H01", "lang"), ("H02", "dir")):
        if not mail.tree.get(name):
            yield error(rule, f"<html> has no {name}.")
        if wrapper is None or not wrapper.get(name):
            yield error(rule, f"The wrapper inside <body> has no {name}.")
    if wrapper is not None and wrapper.get("role") != "article":
        yield warning("H05", "The wrapper has no role=article.", where(wrapper))


def h03_title(mail: Mail) -> Iterator[Finding]:
    """The title is read out and shown in "view in browser"."""
    title = mail.tree.find("head/title")
    if title is None or not spaced(title.text or ""):
        yield error("H03", "The title is empty.")
    named = {e.get("name") for e in mail.named("meta")}
    for name in _METAS:
        if name not in named:
            yield warning("H04", f"<meta name={name}> is missing.")


def h06_forbidden(mail: Mail) -> Iterator[Finding]:
    """Removed, broken, or a reason to be filtered."""
    for element in mail.elements:
        if element.tag in FORBIDDEN or (
            element.tag == "link" and "stylesheet" in element.get("rel", "")
        ):
            yield error("H06", f"<{element.tag}> works in no mail.", where(element))
        for name, value in element.attrib.items():
            if name.startswith("on"):
                yield error("H07", f"{name} is stripped.", where(element))
            if name in {
                "href",
                "src",
                "background",
            } and value.strip().lower().startswith(_BAD_SCHEMES):
                yield error("H07", f"{value[:24]} is stripped.", where(element))


def h08_tables(mail: Mail) -> Iterator[Finding]:
    """Layout tables say so; data tables have a caption and scopes (H08, H09, H10)."""
    for table in mail.named("table"):
        missing = [
            f'{name}="{value}"'
            for name, value in (
                ("cellpadding", "0"),
                ("cellspacing", None),
                ("border", "0"),
            )
            if table.get(name) is None or (value and table.get(name) != value)
        ]
        if missing:
            yield error("H08", f"A table lacks {', '.join(missing)}.", where(table))
        heads = [e for e in table.iter("th") if _table_of(e) is table]
        if table.get("role") == "presentation":
            if heads or table.find("caption") is not None:
                yield error("H09", "A data table is called presentation.", where(table))
        elif not heads:
            yield error("H08", "A layout table lacks role=presentation.", where(table))
        else:
            caption = table.find("caption")
            if caption is None or not spaced(str(caption.text_content())):
                yield error("H09", "A data table has no caption.", where(table))
            for cell in heads:
                if cell.get("scope") not in {"row", "col"}:
                    yield error("H09", "A header cell has no scope.", where(cell))
        depth = sum(1 for _ in table.iterancestors("table")) + 1
        if depth > MOST_NESTED:
            yield warning("H10", f"Tables are {depth} deep.", where(table))


def h11_container(mail: Mail) -> Iterator[Finding]:
    """One container of at most 640 px, with a ghost table for Outlook."""
    widths = [
        int(t.get("width", "0"))
        for t in mail.named("table")
        if t.get("width", "").isdigit() and "max-width" in t.get("style", "")
    ]
    if len(widths) != 1 or widths[0] > WIDEST:
        yield error("H11", f"There is not one container of at most {WIDEST} px.")
    ghost = _GHOST.search(mail.html)
    if widths and (ghost is None or int(ghost[1]) != widths[0]):
        yield error("H11", "Outlook has no table of the container's width.")
    for element in mail.elements:
        for name in ("width", "height"):
            value = element.get(name)
            if value is not None and not _DIGITS.fullmatch(value):
                yield error("H12", f'{name}="{value}" is no number.', where(element))


def h13_outlook_comments(mail: Mail) -> Iterator[Finding]:
    """One lost end blanks the mail in Outlook (H13, H14)."""
    opened = len(re.findall(r"<!(?:--)?\[if ", mail.html))
    closed = mail.html.count("[endif]")
    if opened != closed:
        yield error("H13", f"{opened} [if] and {closed} [endif].")
    for found in _CONDITIONAL.finditer(mail.html):
        if not _ALLOWED.fullmatch(found[0]):
            line = mail.html.count("\n", 0, found.start()) + 1
            yield error("H14", f"{found[0]} is not a form we use.", f"line {line}")


def h18_headings(mail: Mail) -> Iterator[Finding]:
    """One h1, no level skipped, none empty: people jump by them."""
    headings = list(mail.named(*_HEADINGS))
    tops = sum(1 for h in headings if h.tag == "h1")
    if tops != 1:
        yield error("H18", f"There are {tops} h1.")
    level = 0
    for heading in headings:
        mine = int(str(heading.tag)[1])
        if level and mine > level + 1:
            yield error("H18", f"h{mine} follows h{level}.", where(heading))
        if not spaced(str(heading.text_content())):
            yield error("H18", "A heading is empty.", where(heading))
        level = mine


def h19_ids(mail: Mail) -> Iterator[Finding]:
    """Ids are unique, and nothing hangs on an anchor."""
    ids = Counter(e.get("id") for e in mail.elements if e.get("id"))
    for name, times in ids.items():
        if times > 1:
            yield error("H19", f'id="{name}" stands {times} times.')
    for link in mail.links:
        if link.get("href", "").startswith("#"):
            yield warning("H19", "An anchor is dead in Gmail on iOS.", where(link))


def h20_one_tree(mail: Mail) -> Iterator[Finding]:
    """libxml2 and the HTML standard read the same tree."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    standard = parser.parse(mail.html)
    theirs = [
        e.tag for e in standard.iter() if isinstance(e.tag, str) and e.tag != "tbody"
    ]
    ours = [e.tag for e in mail.elements if e.tag != "tbody"]
    if theirs != ours:
        at = next(
            (n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b),
            min(len(ours), len(theirs)),
        )
        place = where(mail.elements[min(at, len(mail.elements) - 1)])
        yield error("H20", "Parsers read two different trees.", place)
    for (line, _), code, _data in parser.errors[:3]:
        yield error("H20", f"The HTML is broken: {code}.", f"line {line}")


def _table_of(element: HtmlElement) -> HtmlElement | None:
    return next(element.iterancestors("table"), None)


RULES = (
    h01_language, h03_title, h06_forbidden, h08_tables, h11_container,
    h13_outlook_comments, h18_headings, h19_ids, h20_one_tree,
)  # fmt: skip
