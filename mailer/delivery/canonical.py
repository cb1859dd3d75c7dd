"""The relaxed forms of RFC 6376 §3.4, in pieces: what is equal for many is done once.

Header fields: names in lower case, unfolded, white space as one space. Bodies: white
space as one space, none at the end of a line, no empty lines at the end.
"""

import hashlib
import re
from collections.abc import Sequence

_FIELD_END = re.compile(rb"\r\n(?![ \t])")
_WHITE = re.compile(rb"[ \t]+")
_CRLF = b"\r\n"


def relaxed_fields(raw: bytes) -> dict[str, bytes]:
    """Return the relaxed form of each field, CRLF at its end, by its name.

    Names keep their letters and their order. raw: whole fields of our own printing, no
    two with one name; headers.py lets no control characters into them.
    """
    return dict(map(_relaxed_field, _FIELD_END.split(raw.removesuffix(_CRLF))))


def _relaxed_field(field: bytes) -> tuple[str, bytes]:
    name, _, value = field.partition(b":")
    return name.decode(), b"%b:%b\r\n" % (name.lower(), b" ".join(value.split()))


class BodyHash:
    """Hashes the bodies that one variant becomes: SHA-256 of their relaxed form.

    All up to the first personal value is hashed once; the pieces behind it are put into
    their relaxed form once. That needs pieces that begin and end at the end of a line
    wherever they hold white space, and values without any: quotedprintable.py sees to
    both, and base64 has none.
    """

    def __init__(self, sample: Sequence[bytes], other: Sequence[bytes]) -> None:
        """Set up from two bodies, as parts: all their personal values differ."""
        self._relaxed = {
            part: relaxed for part in sample if (relaxed := _relaxed(part)) != part
        }
        last = min(len(sample), len(other)) - 2  # where empty lines may be cut off
        self._done = 0
        while self._done < last and sample[self._done] == other[self._done]:
            self._done += 1
        self._begun = hashlib.sha256(
            b"".join(map(self._relaxed_part, sample[: self._done]))
        )

    def digest(self, parts: Sequence[bytes]) -> bytes:
        """Return the hash of one body, given as parts."""
        rest = list(map(self._relaxed_part, parts[self._done :]))
        while rest and not rest[-1].strip(_CRLF):
            rest.pop()
        if rest:
            rest[-1] = rest[-1].rstrip(_CRLF) + _CRLF
        state = self._begun.copy()
        state.update(b"".join(rest))
        return state.digest()

    def _relaxed_part(self, part: bytes) -> bytes:
        return self._relaxed.get(part, part)


def _relaxed(part: bytes) -> bytes:
    return _WHITE.sub(b" ", part).replace(b" \r\n", _CRLF)
