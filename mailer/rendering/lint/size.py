"""Rules S: size, bytes, encoding, and the text part that says the same."""

import re
from collections.abc import Iterator

from mailer.kernel.personal import MARK, Personal
from mailer.rendering.lint.mail import Mail, error, packed, spaced, warning, where
from mailer.rendering.plain import COLUMNS, columns
from mailer.rendering.variant import Finding

CLIPPED_BYTES = 100_000  # Gmail clips near 102 KB, cases at 99 KB (email-bugs 41)
PERSONAL_BYTES = 160  # of an address that takes a mark's place
STYLE_BYTES, STYLE_BYTES_AT_MOST = 8_192, 16_384  # Gmail (email-bugs 90)
_BAD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffd\ufeff\ud800-\udfff]")
_BAD_ENTITY = re.compile(r"&#(?:0*(?:12[89]|1[345]\d)|x0*[89][0-9a-f]);", re.IGNORECASE)
_BRACES = re.compile(r"\{\{|\{%|\{#|%\}|\}\}")
_LEAKS = {"None", "NaN", "nan", "undefined", "null", "[object Object]"}
_MARK = re.compile(MARK)
_TAG_OR_ENTITY = re.compile(
    r"</?(?:a|br|div|h[1-6]|img|li|p|span|strong|style|t[dhr]|table|ul)\b[^<>\n]*>"
    r"|&(?:#\d+|#x[0-9a-f]+|[a-z]+);",
    re.IGNORECASE,
)
_MARKS = frozenset(Personal)


def bytes_of(html: str) -> int:
    """Return the size of a mail's HTML with all its marks filled in."""
    return len(html.encode(errors="replace")) + PERSONAL_BYTES * len(
        _MARK.findall(html)
    )


def s01_clipped(mail: Mail) -> Iterator[Finding]:
    """Gmail hides what comes after about 100 KB: the way out among it."""
    size = bytes_of(mail.html)
    if size > CLIPPED_BYTES:
        yield error("S01", f"The mail has {size:,} bytes; Gmail clips it.")
    elif size > mail.promises.budget_bytes:
        yield warning(
            "S01",
            f"The mail has {size:,} bytes, more than its "
            f"{mail.promises.budget_bytes:,}.",
        )


def s02_style(mail: Mail) -> Iterator[Finding]:
    """Gmail drops the style block that crosses its limit."""
    size = sum(len(block.encode(errors="replace")) for block in mail.style_blocks)
    if size > STYLE_BYTES_AT_MOST:
        yield error("S02", f"The style blocks have {size:,} bytes; Gmail drops them.")
    elif size > STYLE_BYTES:
        yield warning("S02", f"The style blocks have {size:,} bytes, above 8,192.")


def s04_charset(mail: Mail) -> Iterator[Finding]:
    """The charset stands in the first kilobyte."""
    if b'<meta charset="utf-8">' not in mail.html[:1024].encode(errors="replace"):
        yield error("S04", "<meta charset=utf-8> is not in the first 1,024 bytes.")


def s05_controls(mail: Mail) -> Iterator[Finding]:
    """A control clips, a lone surrogate cuts the page."""
    for name, part in (
        ("subject", mail.subject),
        ("HTML", mail.html),
        ("text", mail.text),
    ):
        found = _BAD.search(part) or (name == "HTML" and _BAD_ENTITY.search(part))
        if found:
            line = part.count("\n", 0, found.start()) + 1
            what = ascii(found[0])
            yield error("S05", f"The {name} holds {what}.", f"{name}, line {line}")


def s06_doctype(mail: Mail) -> Iterator[Finding]:
    """Anything else in front, and browsers fall into quirks mode."""
    if not mail.html.startswith("<!DOCTYPE html>"):
        yield error("S06", "The mail does not begin with <!DOCTYPE html>.")


def s07_text_part(mail: Mail) -> Iterator[Finding]:
    """The text part carries every headline and link, and no markup of ours."""
    for headline in mail.promises.headlines:
        if packed(headline).casefold() not in mail.joined_text.casefold():
            yield error("S07", f"The text part lacks the headline '{headline[:60]}'.")
    said = set(mail.text.split())
    for link in mail.links:
        href = link.get("href", "")
        if href not in said and not href.startswith(("#", "mailto:", "tel:")):
            yield error(
                "S07", f"The text part lacks the link {href[:80]}.", where(link)
            )
    told = packed(mail.promises.editorial).casefold()
    for found in _TAG_OR_ENTITY.finditer(mail.text):
        if packed(found[0]).casefold() not in told:
            yield error("S07", f"The text part holds markup: {found[0][:40]}.")
    for number, line in enumerate(mail.text.splitlines(), start=1):
        if columns(line) > COLUMNS and "://" not in line:
            yield warning(
                "S07",
                f"A line of the text part has more than {COLUMNS} columns.",
                f"text, line {number}",
            )


def s08_unfilled(mail: Mail) -> Iterator[Finding]:
    """Nothing a template should have filled is left."""
    for name, part in (
        ("subject", mail.subject),
        ("HTML", mail.words),
        ("text", mail.text),
    ):
        for found in _BRACES.finditer(part):
            if found[0] not in mail.promises.editorial:
                yield error("S08", f"{found[0]} is left in the {name}.")
        for mark in _MARK.findall(part):
            if mark not in _MARKS:
                yield error("S08", f"{mark} in the {name} is no mark of ours.")
    for element in mail.elements:
        for value in (element.text, element.tail, *element.attrib.values()):
            words = spaced(str(value or ""))
            braces = _BRACES.search(words) if value in element.attrib.values() else None
            leak = words if words in _LEAKS else braces and braces[0]
            if leak and leak not in mail.promises.editorial:
                yield error("S08", f"'{leak}' is left.", where(element))


RULES = (
    s01_clipped, s02_style, s04_charset, s05_controls, s06_doctype, s07_text_part,
    s08_unfilled,
)  # fmt: skip
