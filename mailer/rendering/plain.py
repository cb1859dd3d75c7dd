"""Plain text as it stands in a mail: folded at 73 columns, addresses never broken."""

import unicodedata
from collections.abc import Iterator

COLUMNS = 73  # RFC 5322 §2.1.1 asks for 78 at most; quoted twice, 73 still fits


def columns(words: str) -> int:
    """Return how many columns the words take; CJK and emoji take two (UAX #11)."""
    if words.isascii():
        return len(words)
    return sum(
        0
        if unicodedata.combining(letter) or letter in "\u200b\u200c\u200d\ufe0f"
        else 2
        if unicodedata.east_asian_width(letter) in "WF"
        else 1
        for letter in words
    )


def fold(words: str, width: int = COLUMNS, indent: str = "", first: str = "") -> str:
    """Return the words in lines of at most so many columns, their paragraphs kept.

    first stands before the first line, indent before every other. A web address is
    never broken: it stands on a line of its own, however long.
    """
    lines = [
        line
        for paragraph in words.strip().split("\n")
        for line in _lines(paragraph, width - columns(indent)) or [""]
    ]
    if not lines:
        return ""
    return "\n".join(
        [
            (first or indent) + lines[0],
            *((indent + line).rstrip() for line in lines[1:]),
        ]
    )


def item(words: str, mark: str = "* ") -> str:
    """Return the words as one item of a list, its further lines indented."""
    return fold(words, indent=" " * len(mark), first=mark)


def underlined(words: str, line: str = "-") -> str:
    """Return the words over a line of their length."""
    return f"{words}\n{line * min(columns(words), COLUMNS)}"


def _lines(paragraph: str, width: int) -> list[str]:
    lines: list[str] = []
    line, used = "", 0
    for word in _words(paragraph, width):
        size = columns(word)
        if line and used + 1 + size > width:
            lines.append(line)
            line, used = word, size
        else:
            line = f"{line} {word}" if line else word
            used += size + (1 if used else 0)
    return [*lines, line] if line else lines


def _words(paragraph: str, width: int) -> Iterator[str]:
    """Yield the words; one wider than a line comes in pieces, an address whole."""
    for word in paragraph.split():
        if columns(word) <= width or "://" in word:
            yield word
            continue
        piece, used = "", 0
        for letter in word:
            size = columns(letter)
            if used + size > width:
                yield piece
                piece, used = "", 0
            piece += letter
            used += size
        yield piece
