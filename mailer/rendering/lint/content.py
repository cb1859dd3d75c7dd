"""Rules I, L, P, D: images, links, the law, and figures that are equal everywhere."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from mailer.kernel.personal import MARK, Personal
from mailer.rendering.lint.mail import (
    Mail,
    declarations,
    error,
    packed,
    spaced,
    warning,
    where,
)
from mailer.rendering.lint.size import CLIPPED_BYTES
from mailer.rendering.variant import Finding

LONGEST_ALT = 125
TALLEST = 1728  # Word clips images at 18 inches
MOST_LINKS = 100
LONGEST_LINK = 2000
LEAST_PX = 12
PREHEADER = (30, 200)
_HIDDEN_FORMATS = (".svg", ".svgz", ".webp", ".avif", ".heic", ".bmp", ".tif", ".tiff")
_FILE_NAME = re.compile(r"[\w%+.-]+\.(?:jpe?g|png|gif|webp)", re.IGNORECASE)
_HOST = re.compile(
    r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:/\S*)?", re.IGNORECASE
)
_SAYS_NOTHING = {"click here", "here", "read more", "more", "link", "this link"}
_MARK = re.compile(MARK)
_FONT_SIZE = re.compile(r"(\d+)px")


def i01_alt(mail: Mail) -> Iterator[Finding]:
    """Every image has words; one that is a link names where it leads (I01, I02)."""
    for image in mail.named("img"):
        alt = image.get("alt")
        if alt is None:
            yield error("I01", "An image has no alt.", where(image))
            continue
        link = next(image.iterancestors("a"), None)
        if (
            not alt.strip()
            and link is not None
            and not spaced(str(link.text_content()))
        ):
            yield error("I01", "A linked image has an empty alt.", where(image))
        if _FILE_NAME.fullmatch(alt.strip()):
            yield warning("I02", "An alt is a file's name.", where(image))
        if len(alt) > LONGEST_ALT:
            yield warning("I02", f"An alt has {len(alt)} characters.", where(image))


def i03_formats(mail: Mail) -> Iterator[Finding]:
    """Only what every program shows, from an address it can reach."""
    for image in mail.named("img"):
        source = image.get("src", "")
        path = urlsplit(source).path.lower() if "://" in source else ""
        if path.endswith(_HIDDEN_FORMATS):
            yield error("I03", f"Not every program shows {path[-24:]}.", where(image))
        elif not _reachable(source, mail):
            yield error("I03", "An image's address is not https.", where(image))
        elif not source.startswith("https://") and not _is_here(source):
            yield warning("I03", "An image's address is not https.", where(image))
        if (
            image.get("height", "").isdigit()
            and int(image.get("height", "0")) > TALLEST
        ):
            yield warning("I04", "Word clips this image.", where(image))


def l01_absolute(mail: Mail) -> Iterator[Finding]:
    """Every link is absolute and leads where its words say."""
    if len(mail.links) > MOST_LINKS:
        yield warning("L04", f"{len(mail.links)} links; filters count them.")
    for link in mail.links:
        href = link.get("href", "")
        words = spaced(str(link.text_content()))
        if _MARK.fullmatch(href) or href.startswith(("mailto:", "tel:", "#")):
            pass
        elif not _reachable(href, mail):
            yield error("L01", f"'{href[:40]}' is no absolute address.", where(link))
        elif not href.startswith("https://") and not _is_here(href):
            yield warning("L01", "A link is not https.", where(link))
        shown = _HOST.fullmatch(words)
        if shown and shown[1].lower() != (urlsplit(href).hostname or ""):
            said = error if "://" in words else warning  # "Booking.com" is a headline
            yield said("L02", f"'{words[:40]}' leads elsewhere.", where(link))
        if not words and not any(i.get("alt", "").strip() for i in link.iter("img")):
            yield error("L03", "A link has no words.", where(link))
        if words.casefold().strip(" .\u203a\u00bb") in _SAYS_NOTHING:
            yield warning("L03", f"'{words}' does not say where it leads.", where(link))
        if len(href) > LONGEST_LINK:
            yield warning("L04", "A link has more than 2,000 characters.", where(link))


def l06_way_out(mail: Mail) -> Iterator[Finding]:
    """The way out is visible, large enough, early enough, and in the text part."""
    if not mail.promises.can_leave:
        return
    ways = [link for link in mail.links if link.get("href") == Personal.UNSUBSCRIBE]
    if not ways:
        yield error("L06", "There is no unsubscribe link.")
    elif not any(_is_visible(link) for link in ways):
        yield error(
            "L06", "The unsubscribe link is hidden or too small.", where(ways[0])
        )
    at = mail.html.find(Personal.UNSUBSCRIBE)
    if len(mail.html[: max(at, 0)].encode(errors="replace")) > CLIPPED_BYTES:
        yield error("L06", "The unsubscribe link comes after what Gmail shows.")
    if Personal.UNSUBSCRIBE not in mail.text:
        yield error("L06", "The text part lacks the unsubscribe address.")
    for mark in (Personal.PREFERENCES, Personal.BROWSER):
        if mark not in mail.html:
            yield warning("L07", f"{mark} is missing.")


def l08_postal_address(mail: Mail) -> Iterator[Finding]:
    """15 U.S.C. 7704(a)(5): a valid physical postal address of the sender."""
    address = packed(mail.promises.postal_address)
    if not address:
        yield error("L08", "The brand has no postal address.", "BRAND_FILE")
        return
    for name, part in (("HTML", packed(mail.words)), ("text part", mail.joined_text)):
        if address not in part:
            yield error("L08", f"The {name} lacks the postal address.")


def l11_locked(mail: Mail) -> Iterator[Finding]:
    """What is for subscribers is not in the bytes of the free variant."""
    html, text = packed(mail.words), mail.joined_text
    hidden = packed(" ".join(v for e in mail.elements for v in e.attrib.values()))
    for passage in mail.promises.locked:
        needle = packed(passage)
        if needle in html or needle in text or needle in hidden:
            yield error("L11", f"Locked text is in the mail: '{passage[:40]}…'.")


def p01_preheader(mail: Mail) -> Iterator[Finding]:
    """The first words complete the subject."""
    wrapper = mail.body.find("*") if mail.body is not None else None
    first = wrapper.find("div") if wrapper is not None else None
    if first is None or "display:none" not in packed(first.get("style", "")):
        if mail.promises.can_leave:
            yield warning("P01", "There is no preheader.")
        return
    line = spaced(str(first.text_content()))
    if line.casefold() == mail.subject.casefold():
        yield warning("P01", "The preheader says the subject again.")
    if len(line) > PREHEADER[1]:
        yield warning("P01", f"The preheader has {len(line)} characters.")


def d01_figures(mail: Mail) -> Iterator[Finding]:
    """The figures of a result are equal in bar, table and text."""
    figures = mail.promises.figures
    for bar in (t for t in mail.named("table") if "bar" in t.get("class", "").split()):
        widths = [int(c.get("width", "0").rstrip("%") or 0) for c in bar.iter("td")]
        if sum(widths) != 100:  # noqa: PLR2004
            yield error("D01", f"The bar's parts add up to {sum(widths)}%.", where(bar))
        seats = {seat for _, seat in figures}
        for cell in bar.iter("td"):
            shown = re.findall(r"\d+$", spaced(" ".join(cell.itertext())))
            if figures and shown and shown[0] not in seats:
                others = sum(int(s) for s in seats if s.isdigit())
                if int(shown[0]) > others:
                    yield error(
                        "D01", f"The bar says {shown[0]}, no row does.", where(cell)
                    )
    rows = [
        (
            spaced(str(row.find("th").text_content())),
            [spaced(str(cell.text_content())) for cell in row.iter("td")][:1],
        )
        for row in mail.named("tr")
        if row.find("th") is not None and row.find("th").get("scope") == "row"
    ]
    for name, seat in figures:
        heads = (spaced(name), f"{spaced(name)} (")
        if not any(
            cells == [seat] and (head == heads[0] or head.startswith(heads[1]))
            for head, cells in rows
        ):
            yield error("D01", f"The table does not say {seat} for {name}.")
        if not _says(mail.text, name, seat):
            yield error("D01", f"The text part does not say {seat} for {name}.")
    as_at = mail.promises.as_at
    if as_at and (
        packed(as_at) not in packed(mail.words) or packed(as_at) not in mail.joined_text
    ):
        yield error("D01", "The as-at line is missing.")


def _says(text: str, name: str, seat: str) -> bool:
    """Tell whether a row of the text part, folded or not, gives a name its figure."""
    pattern = r"\s*".join(re.escape(letter) for letter in packed(name))
    return bool(
        re.search(rf"{pattern}(?:\s*\([^)]*\))?\s+{re.escape(seat)}(?!\S)", text)
    )


def _reachable(address: str, mail: Mail) -> bool:
    if _is_here(address):
        return mail.promises.may_link_this_machine
    parts = urlsplit(address)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _is_here(address: str) -> bool:
    """Tell whether an address is of the reader's own machine: a demo's."""
    host = urlsplit(address).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")


def _is_visible(link: HtmlElement) -> bool:
    for element in (link, *link.iterancestors()):
        for declaration in declarations(element.get("style", "")):
            if declaration.name == "display" and declaration.value == "none":
                return False
    for element in (link, *link.iterancestors()):
        for declaration in declarations(element.get("style", "")):
            if declaration.name in {"font", "font-size"}:
                size = _FONT_SIZE.search(declaration.value)
                return size is not None and int(size[1]) >= LEAST_PX
    return False


RULES = (
    i01_alt, i03_formats, l01_absolute, l06_way_out, l08_postal_address, l11_locked,
    p01_preheader, d01_figures,
)  # fmt: skip
