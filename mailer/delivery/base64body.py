"""Text as base64, in pieces: for texts that are mostly not ASCII.

Base64 turns three bytes into four letters, so a piece after a value of unknown length
may begin at any of three places. Each piece is encoded for all three once; for a mail,
only the few bytes around each value are encoded. Lines are 76 long or shorter: readers
ignore where they break (RFC 2045 §6.8).
"""

from binascii import b2a_base64
from collections.abc import Mapping, Sequence

BYTES_A_LINE = 57


class Base64:
    """A text cut at its marks."""

    encoding = "base64"

    def __init__(self, texts: Sequence[str], marks: Sequence[str]) -> None:
        """Encode the texts between the marks; there is one text more than marks."""
        self._marks = (*marks, None)
        raw = [text.replace("\n", "\r\n").encode("utf-8", "replace") for text in texts]
        self._pieces = [[_Rest(piece, skip) for skip in range(3)] for piece in raw]

    def fill(self, values: Mapping[str, bytes]) -> list[bytes]:
        """Return the parts of the body, to be joined; values are plain bytes."""
        parts: list[bytes] = []
        carried = b""
        for rests, mark in zip(self._pieces, self._marks, strict=True):
            rest = rests[-len(carried) % 3]
            carried += rest.head
            if rest.is_whole:
                parts += (_encoded(carried), rest.middle)
                carried = rest.tail
            if mark is not None:
                carried += values[mark]
        parts.append(_encoded(carried).removesuffix(b"\r\n"))
        return parts


class _Rest:
    """A piece whose first bytes complete the three begun before it."""

    __slots__ = ("head", "is_whole", "middle", "tail")

    def __init__(self, piece: bytes, skip: int) -> None:
        self.is_whole = len(piece) >= skip
        self.head = piece[:skip]
        end = len(piece) - (len(piece) - skip) % 3 if self.is_whole else len(piece)
        self.middle = _encoded(piece[skip:end])
        self.tail = piece[end:]


def _encoded(raw: bytes) -> bytes:
    """Return lines of base64, each ended."""
    return b"".join(
        b2a_base64(raw[at : at + BYTES_A_LINE], newline=False) + b"\r\n"
        for at in range(0, len(raw), BYTES_A_LINE)
    )
