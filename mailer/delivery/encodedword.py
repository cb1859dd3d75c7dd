"""Non-ASCII text in header fields: RFC 2047 encoded-words, by our own hand.

Python's encoder writes words of 77 characters and more (3.11, measured); the limit is
75 for a word and 76 for a line that holds one (RFC 2047 §2). A word holds whole
characters, and nothing but text and phrases is ever encoded: no address, no URI.
"""

from base64 import b64encode
from collections.abc import Iterator

LONGEST_WORD = 75
LONGEST_LINE = 76
_FRAME = len("=?utf-8?q??=")
# What may stand for itself also where the word is part of a phrase (RFC 2047 §5 (3)).
_AS_IS = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"
)


def encode(text: str, *, column: int) -> str:
    """Return the text as encoded-words, folded by CRLF and a space between them.

    column: how much of the first line is taken. B where a third is not ASCII: filters
    distrust a base64 subject that did not need to be one (SpamAssassin has a rule).
    """
    characters = [c.encode("utf-8", "replace") for c in text]
    is_foreign = 3 * sum(len(c) > 1 for c in characters) > len(characters)
    words = (_b_words if is_foreign else _q_words)(characters, column)
    return "\r\n ".join(words)


def _q_words(characters: list[bytes], column: int) -> Iterator[str]:
    word, room = "", _room(column)
    for character in characters:
        coded = _q(character)
        if word and len(word) + len(coded) > room:
            yield f"=?utf-8?q?{word}?="
            word, room = "", _room(1)
        word += coded
    yield f"=?utf-8?q?{word}?="


def _b_words(characters: list[bytes], column: int) -> Iterator[str]:
    word, room = b"", _room(column) // 4 * 3
    for character in characters:
        if word and len(word) + len(character) > room:
            yield f"=?utf-8?b?{b64encode(word).decode()}?="
            word, room = b"", _room(1) // 4 * 3
        word += character
    yield f"=?utf-8?b?{b64encode(word).decode()}?="


def _room(column: int) -> int:
    return min(LONGEST_WORD, LONGEST_LINE - column) - _FRAME


def _q(character: bytes) -> str:
    if character == b" ":
        return "_"
    return "".join(chr(b) if b in _AS_IS else f"={b:02X}" for b in character)
