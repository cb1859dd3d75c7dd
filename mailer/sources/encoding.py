"""A document's bytes as characters, whatever its label says: labels lie."""

import codecs
import re

# WHATWG: who says Latin-1 or ASCII means Windows-1252.
WINDOWS_1252 = {"iso-8859-1", "iso8859-1", "latin-1", "latin1", "us-ascii", "ascii"}
CHARACTER_SETS = (
    "utf-8", "utf-16", "utf-32", "iso8859", "cp", "koi8", "mac", "shift_jis", "euc_",
    "gb", "big5", "iso2022", "tis", "hz", "johab", "kz", "ptcp",
)  # fmt: skip
ESCAPED_IN_ASCII = ("iso2022_jp", "iso2022_kr", "hz")
# Byte order marks; and "<?" as its first four bytes tell it (XML 1.0 appendix F).
_STARTS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)


def decode(body: bytes, *, content_type: str = "") -> tuple[str, list[str]]:
    """Return a document's characters, and a note where its label was wrong.

    A byte order mark counts first (RFC 7303 §3.2). Bytes beyond ASCII that are valid
    UTF-8 are UTF-8 whatever the label says: no other text looks like it by chance.
    """
    for start, encoding in _STARTS:
        if body.startswith(start):
            text = body.decode(encoding, errors="replace")
            return text.removeprefix("\ufeff"), []
    label = _label(body, content_type)
    if label in ESCAPED_IN_ASCII and body.isascii():
        return body.decode(label, errors="replace"), []
    notes = []
    try:
        text = body.decode("utf-8")
        if label != "utf-8" and not body.isascii():
            notes = [f"it says {label} and is UTF-8"]
    except UnicodeDecodeError:
        if label in {"utf-8", "windows-1252"}:
            text = _mixed(body)
        else:
            text = body.decode(label, errors="replace")
        if label == "utf-8":
            notes = ["it says UTF-8 and is not; read as Windows-1252 where needed"]
    return text, notes


def _label(body: bytes, content_type: str) -> str:
    said = _CHARSET.search(content_type)
    declared = _DECLARED.match(body[:300].lstrip())
    for found in (said[1] if said else "", declared[1].decode() if declared else ""):
        name = found.lower()
        if name in WINDOWS_1252:
            return "windows-1252"
        try:
            name = codecs.lookup(name).name if name else ""
        except LookupError:
            continue
        # Python has codecs that are no character sets: base64, idna, unicode_escape.
        if name.startswith(CHARACTER_SETS):
            return {"cp1252": "windows-1252"}.get(name, name)
    return "utf-8"


def _mixed(body: bytes) -> str:
    return body.decode("utf-8", errors="stop_press_windows_1252")


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101
    byte = error.object[error.start : error.start + 1]
    return byte.decode("windows-1252", errors="replace"), error.start + 1


codecs.register_error("stop_press_windows_1252", _windows_1252)
