"""Text as quoted-printable, in pieces: cut once at its marks, joined for each mail.

Each mark's value gets lines of its own, by soft breaks before and after it, so the
pieces can be encoded before the value is known, and no line grows beyond 76 (RFC 2045
§6.7). No line begins with a dot: a dot there is written =2E, after a soft break too.
So SMTP's dot-stuffing changes nothing, at no join either, and a body hash holds on the
wire. "From " at the start of a line is written =46rom: old mailboxes would change it.
"""

import re
from collections.abc import Mapping, Sequence

LONGEST_LINE = 76
SOFT_BREAK = b"=\r\n"
_AS_IT_IS = re.compile(r"[!-\-/-<>-~][!-<>-~]{,74}")  # most URLs of ours are so
_UNSAFE = re.compile(rb"[^\t -<>-~]")  # not printable ASCII, or the sign itself


class QuotedPrintable:
    """A text cut at its marks."""

    encoding = "quoted-printable"

    def __init__(self, texts: Sequence[str], marks: Sequence[str]) -> None:
        """Encode the texts between the marks; there is one text more than marks."""
        last = len(texts) - 1
        self._marks = tuple(marks)
        self._pieces = [
            _piece(text, after_mark=number > 0, before_mark=number < last)
            for number, text in enumerate(texts)
        ]

    def fill(self, values: Mapping[str, bytes]) -> list[bytes]:
        """Return the parts of the body, to be joined; values come from `value`."""
        parts = [self._pieces[0]]
        for mark, piece in zip(self._marks, self._pieces[1:], strict=True):
            parts += (values[mark], piece)
        return parts


def value(text: str) -> bytes:
    """Return a personal value as it stands between two pieces, from column 0 on.

    No white space stands in it: a body hash has nothing to relax (canonical.py).
    """
    if _AS_IT_IS.fullmatch(text):
        return text.encode()
    safe = _escaped(text).replace(b" ", b"=20").replace(b"\t", b"=09")
    return SOFT_BREAK.join(_lines(safe, end_room=1))


def _piece(text: str, *, after_mark: bool, before_mark: bool) -> bytes:
    if not text and after_mark and before_mark:
        return SOFT_BREAK  # two values in a row
    lines = text.split("\n")
    encoded = []
    for number, line in enumerate(lines):
        goes_on = before_mark and number == len(lines) - 1  # a soft break follows
        safe = _escaped(line)
        if not goes_on:
            safe = _end_visibly(safe)
        parts = _lines(safe, end_room=1 if goes_on else 0)
        encoded.append(SOFT_BREAK.join(parts))
    if before_mark and encoded[-1]:
        encoded[-1] += SOFT_BREAK
    if after_mark and encoded[0]:
        encoded[0] = SOFT_BREAK + encoded[0]
    return b"\r\n".join(encoded)


def _escaped(text: str) -> bytes:
    return _UNSAFE.sub(lambda m: b"=%02X" % m[0][0], text.encode("utf-8", "replace"))


def _end_visibly(line: bytes) -> bytes:
    """Encode white space at the end of a line, which relays cut off."""
    if line[-1:] in {b" ", b"\t"}:
        return line[:-1] + b"=%02X" % line[-1]
    return line


def _lines(line: bytes, *, end_room: int) -> list[bytes]:
    """Cut one line of text into lines of the wire, never inside an escape.

    end_room: how many characters the last one must leave free.
    """
    cut = []
    while True:
        line = _begin_harmlessly(line)
        if len(line) <= LONGEST_LINE - end_room:
            cut.append(line)
            return cut
        at = LONGEST_LINE - 1
        if line[at - 1] == 0x3D:  # noqa: PLR2004  the sign '='
            at -= 1
        elif line[at - 2] == 0x3D:  # noqa: PLR2004
            at -= 2
        cut.append(line[:at])
        line = line[at:]


def _begin_harmlessly(line: bytes) -> bytes:
    if line.startswith(b"."):
        return b"=2E" + line[1:]
    if line.startswith(b"From "):
        return b"=46" + line[1:]
    return line
