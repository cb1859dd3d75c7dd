"""Which way text runs: of a paper, by its language; of a headline, by its letters."""

import unicodedata

RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ur", "yi"}
)


def of_language(language: str) -> str:
    """Return "rtl" or "ltr" for a language tag."""
    return (
        "rtl" if language.split("-", maxsplit=1)[0].lower() in RIGHT_TO_LEFT else "ltr"
    )


def of_text(words: str, default: str) -> str:
    """Return the direction of the first letter that has one (UAX #9, P2 and P3)."""
    for letter in words:
        kind = unicodedata.bidirectional(letter)
        if kind == "L":
            return "ltr"
        if kind in {"R", "AL"}:
            return "rtl"
    return default
