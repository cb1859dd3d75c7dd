"""What may not pass into a mail, taken out of every string of a content at once.

Editorial text is data from outside. A lone surrogate makes the inliner cut the page
without a word, U+0092 makes Gmail clip a small mail, a bidi override turns the rest of
the page round, and a personal mark in a headline would become somebody's link.
"""

import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

from mailer.kernel.personal import MARK

# What Windows-1252 means by the C1 controls that careless software passes on.
_FROM_1252 = {
    code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)
}
_DROPPED = dict.fromkeys(
    [
        *range(0x09),
        0x0B,
        *range(0x0E, 0x20),
        0x7F,
        *range(0x202A, 0x202F),  # bidi embeddings and overrides
        *range(0x2066, 0x206A),  # bidi isolates
        0xFEFF,
        0xFFFD,
        0xFFFE,
        0xFFFF,
        *range(0xD800, 0xE000),  # surrogates: never alone in a real string
    ]
)
_LINE_ENDS = {0x0C: "\n", 0x0D: "\n", 0x2028: "\n", 0x2029: "\n"}
_TABLE: dict[int, str | None] = {**_FROM_1252, **_DROPPED, **_LINE_ENDS}

_MARK = re.compile(MARK)
_PICTURES_NOBODY_SHOWS = (".svg", ".svgz", ".webp", ".avif", ".heic", ".bmp", ".tif")
_KEPT_IN_ADDRESSES = "!#$%&'()*+,/:;=?@[]~"

Value = TypeVar("Value")


def text(dirty: str) -> str:
    """Return a string without what breaks mails; all line ends are line feeds."""
    clean = dirty.replace("\r\n", "\n").translate(_TABLE)
    while _MARK.search(clean):  # twice, if taking one out would make another
        clean = _MARK.sub("", clean)
    return clean


def whole(value: Value) -> Value:
    """Return the same value with every string in it clean, however deep."""
    return _whole(value)  # type: ignore[no-any-return]


def _whole(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Enum):
        return text(value)
    if isinstance(value, tuple | list):
        return type(value)(_whole(part) for part in value)
    if isinstance(value, dict):
        return {_whole(key): _whole(part) for key, part in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: _whole(getattr(value, f.name)) for f in fields(value)}
        return replace(value, **changed)
    return value


def address(url: str) -> str:
    """Return a web address as plain ASCII, or "" where it may not be linked.

    Only http and https: a feed may say `javascript:`, `data:` or nothing at all. The
    inliner would percent-encode; doing it here keeps HTML and text part the same.
    """
    try:
        parts = urlsplit("".join(url.split()))
        host = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # also what the IDNA codec raises
        return ""
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return ""
    return urlunsplit(
        (
            parts.scheme,
            f"[{host}]{port}" if ":" in host else host + port,
            *(
                quote(part, safe=_KEPT_IN_ADDRESSES).replace("'", "%27")
                for part in (parts.path, parts.query, parts.fragment)
            ),
        )
    )


def picture_address(url: str) -> str:
    """Return the address of a picture every reader's program shows, else "".

    Gmail shows no SVG, Outlook for Windows neither WebP nor AVIF (caniemail,
    image-svg, image-webp, image-avif).
    """
    clean = address(url)
    path = urlsplit(clean).path.lower()
    return "" if path.endswith(_PICTURES_NOBODY_SHOWS) else clean


def one_line(words: str) -> str:
    """Return text without line ends and doubled white space: for headlines."""
    return " ".join(words.split())
