"""How figures are written for people: grouped, exact where it matters, never guessed.

Unknown is None and is said so: it is never written as 0.
"""

from collections.abc import Sequence
from fractions import Fraction

UNKNOWN = "not known"
NARROW_SPACE = "\u202f"
# CLDR 46, the grouping separator of each language; what is not named takes the space
# that SI asks for (BIPM, The International System of Units, 5.4.4).
GROUPS = {"en": ",", "de": ".", "nl": ".", "es": ".", "pt": ".", "it": ".", "id": "."}
LEAST_SHARE = 1.5  # percent of a bar: 3 px beside the gap on a phone


def grouped(number: float | None, language: str = "en") -> str:
    """Return a number with its thousands grouped: 182,340."""
    if number is None:
        return UNKNOWN
    return f"{number:,}".replace(",", GROUPS.get(language[:2], NARROW_SPACE))


def people(number: int | None, language: str = "en") -> str:
    """Return how many people, in words: "1 person", "182,340 people"."""
    if number is None:
        return "an unknown number of people"
    return f"{grouped(number, language)} {'person' if number == 1 else 'people'}"


def counted(number: int | None, one: str, many: str = "", language: str = "en") -> str:
    """Return a count and its noun: "1 story", "12 stories". many: else one + "s"."""
    return f"{grouped(number, language)} {one if number == 1 else many or one + 's'}"


def percent(part: int | None, whole: int | None, places: int = 0) -> str:
    """Return a share: "100%" and "0%" only where they are exact."""
    if part is None or not whole:
        return UNKNOWN
    share = Fraction(part * 100, whole)
    step = Fraction(1, 10**places)
    if 0 < share < step / 2:
        return f"under {float(step):.{places}f}%"
    if 100 - step / 2 <= share < 100:  # noqa: PLR2004
        return f"{float(100 - step):.{max(places, 0)}f}%"
    return f"{float(round(share / step) * step):.{places if share % 100 else 0}f}%"


def bar(counts: Sequence[int]) -> list[tuple[float, float]]:
    """Return where each part of a bar starts and how wide it is, in percent.

    They add up to 100. A part that is not 0 is wide enough to be seen; the larger
    parts give the room for it.
    """
    total = sum(counts)
    if total <= 0:
        return [(0.0, 0.0) for _ in counts]
    least = min(LEAST_SHARE, 100 / len(counts))
    raw = [100 * n / total for n in counts]
    small = [0 < share < least for share in raw]
    room = 100 - least * sum(small)
    rest = sum(
        share for share, is_small in zip(raw, small, strict=True) if not is_small
    )
    parts, start = [], 0.0
    for share, is_small in zip(raw, small, strict=True):
        width = least if is_small else share * room / rest if rest else 0.0
        parts.append((round(start, 3), round(width, 3)))
        start += width
    return parts
