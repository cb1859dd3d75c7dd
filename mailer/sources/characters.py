"""Which characters a text of strangers may keep."""

import re

# Controls, halves of characters, and what is no character. PostgreSQL takes neither
# NUL nor surrogates; a page and a mail take none of them.
_NO_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)


def storable(text: str) -> str:
    """Return a text without the characters that no text may hold."""
    return _NO_TEXT.sub("", text)
