"""Rules C: what the programs that must work can do with our CSS."""

import re
from collections.abc import Iterator
from functools import lru_cache

import tinycss2

from mailer.rendering.lint.mail import (
    Declaration,
    Mail,
    declarations,
    error,
    warning,
    where,
)
from mailer.rendering.lint.support import (
    DECLARATIONS,
    FUNCTIONS,
    KNOWN,
    PROPERTIES,
    UNITS,
)
from mailer.rendering.variant import Finding

# Accepted losses: without them a mail is plainer, and still whole.
ACCEPTED = frozenset(
    {
        "height",  # Yahoo makes min-height of it, which does as well
        "max-height",  # of the hidden preheader; Outlook has mso-hide
        "max-width",  # Outlook has the ghost table
        "opacity",
        "overflow",  # of the hidden preheader
        "table-layout",  # of the bar; its cells have widths
        "white-space",
    }
)
OBVIOUS = frozenset({"color"})  # older than the tests of caniemail
_COLOUR = re.compile(r"\bcolor$")
_SIX = re.compile(r"#[0-9a-f]{6}|transparent|inherit", re.IGNORECASE)
_SHORT_OR_FUNCTION = re.compile(
    r"#[0-9a-f]{3,4}\b(?![0-9a-f])|\b(?:rgb|hsl)a?\(", re.IGNORECASE
)
_MEDIA = re.compile(
    r"(?:screen and )?\((?:min|max)-width:\s*\d+px\)|\(prefers-color-scheme:\s*dark\)"
)
_CLASS = re.compile(r"\.([a-z][a-z0-9-]*)")


def c01_support(mail: Mail) -> Iterator[Finding]:
    """Nothing inline that a program which must work drops."""
    for element in mail.elements:
        style = element.get("style")
        if style is None:
            continue
        if element.tag == "style" or "/*" in style:
            yield warning("C09", "A comment in a style attribute.", where(element))
        for declaration in declarations(style):
            for rule, text in _faults(declaration):
                yield error(rule, text, where(element))
            if "url" in declaration.functions or "url(" in declaration.value:
                yield warning("C03", "url() in a style attribute.", where(element))


@lru_cache(maxsize=4096)
def _faults(declaration: Declaration) -> tuple[tuple[str, str], ...]:
    name, value = declaration.name, declaration.value
    found = []
    if name.startswith("mso-"):
        return ()
    missing = PROPERTIES.get(name)
    if missing and name not in ACCEPTED:
        found.append(("C01", f"{name} does not work in {missing}."))
    elif name not in KNOWN | OBVIOUS or name.startswith("--"):
        found.append(("C01", f"{name} is not known to work in any mail."))
    pair = f"{name}: {value}"
    if pair in DECLARATIONS:
        found.append(("C01", f"{pair} does not work in {DECLARATIONS[pair]}."))
    found += [
        ("C01", f"{function}() does not work in {FUNCTIONS[function]}.")
        for function in declaration.functions
        if function in FUNCTIONS
    ]
    found += [
        ("C01", f"The unit {unit} does not work in {UNITS[unit]}.")
        for unit in declaration.units
        if unit in UNITS
    ]
    if declaration.important:
        found.append(("C02", f"{name} is !important inline: Outlook drops it."))
    if (
        _COLOUR.search(name) and not _SIX.fullmatch(value)
    ) or _SHORT_OR_FUNCTION.search(value):
        found.append(("C12", f"{value} is not a colour of six digits."))
    return tuple(found)


def c04_blocks(mail: Mail) -> Iterator[Finding]:
    """Gmail drops a block with nested at-rules, and every block in the body."""
    if mail.body is not None:
        for element in mail.body.iter("style"):
            yield error("C05", "A style block in the body.", where(element))
    for number, block in enumerate(mail.style_blocks, start=1):
        for rule, blocks, text in _faults_of_block(block):
            yield (error if blocks else warning)(rule, text, f"style block {number}")


@lru_cache(maxsize=64)
def _faults_of_block(block: str) -> tuple[tuple[str, bool, str], ...]:
    found: list[tuple[str, bool, str]] = []
    if "/*" in block:
        found.append(("C09", False, "A comment in a style block."))
    rules = tinycss2.parse_stylesheet(block, skip_comments=True, skip_whitespace=True)
    for rule in rules:
        if rule.type == "error":
            found.append(("C04", True, f"The style block is broken: {rule.message}."))
        if rule.type != "at-rule":
            continue
        name = rule.lower_at_keyword
        if name in {"import", "font-face"} and len(rules) > 1:
            found.append(("C04", True, f"@{name} has no block of its own."))
        inside = tinycss2.serialize(rule.content or [])
        if "@" in inside:
            found.append(("C04", True, f"An @ inside @{name}: Gmail drops the block."))
        if name == "media":
            query = tinycss2.serialize(rule.prelude).strip()
            if not _MEDIA.fullmatch(query):
                found.append(("C06", True, f"@media {query} is not for every program."))
            if any(
                "!important" not in part
                for part in re.findall(r"[{;]([^{};]+:[^{};]+)", inside)
                if not part.startswith("opacity")
            ):
                found.append(("C06", False, "A rule in @media is not !important."))
    return tuple(found)


def c16_images(mail: Mail) -> Iterator[Finding]:
    """Outlook takes an image's size from its attributes.

    A height is asked for unless the source named none: width alone keeps proportions.
    """
    for image in mail.named("img"):
        if not image.get("width", "").isdigit():
            yield error("C16", "An image has no whole width.", where(image))
        if image.get("height") is not None and not image.get("height", "").isdigit():
            yield error("C16", "An image's height is no whole number.", where(image))
        names = {d.name: d.value for d in declarations(image.get("style", ""))}
        if names.get("display") != "block":
            yield error("C16", "An image is not display:block.", where(image))


def c18_dark(mail: Mail) -> Iterator[Finding]:
    """Whatever has an ink or a ground has one in the dark as well."""
    dark = next((b for b in mail.style_blocks if "prefers-color-scheme:dark" in b), "")
    ruled = set(_CLASS.findall(dark.partition("prefers-color-scheme:dark")[2]))
    seen: set[str] = set()
    for element in mail.elements:
        inks = {d.name for d in declarations(element.get("style", ""))}
        if not inks & {"color", "background-color"}:
            continue
        classes = element.get("class", "")
        if classes not in seen and not ruled & set(classes.split()):
            yield warning("C18", "A colour has no dark rule.", where(element))
        seen.add(classes)


RULES = (c01_support, c04_blocks, c16_images, c18_dark)
