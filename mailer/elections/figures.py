"""How election figures are rounded and written: shares, numbers, plurals.

Shares come from whole numbers, half up. Nothing is rounded across a half: 49.97 % is
never printed as 50.0 %. Columns that must fill 100 are rounded by largest remainder.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MOST_DIGITS = 4


def tenths(part: int, whole: int) -> int | None:
    """Return a share in tenths of a percent, half up; None of nothing."""
    return (part * 2000 + whole) // (whole * 2) if whole else None


def share(part: int, whole: int) -> str:
    """Return a share for the table: "42.9%", "49.97%", "less than 0.1%"."""
    if not whole:
        return "not yet"
    if not part:
        return "none"
    if part * 2000 < whole:
        return "less than 0.1%"
    for digits in range(1, MOST_DIGITS + 1):
        scale = 10 ** (digits + 2)
        units = (part * scale * 2 + whole) // (whole * 2)
        if units * 2 != scale or part * 2 == whole:
            return f"{units // 10**digits}.{units % 10**digits:0{digits}d}%"
    return "just under 50%" if part * 2 < whole else "just over 50%"


def whole_share(part: int, whole: int) -> str:
    """Return a share without decimals, for counts that have barely begun."""
    if part * 200 < whole:
        return "less than 1%"
    percent = (part * 200 + whole) // (whole * 2)
    if percent == 50 and part * 2 != whole:  # noqa: PLR2004
        return "just under 50%" if part * 2 < whole else "just over 50%"
    return f"{percent}%"


def percents(parts: Sequence[int]) -> list[int]:
    """Return whole percents that add up to 100, by largest remainder.

    Of nothing, nothing: all zeros. Equal remainders go to the earlier part.
    """
    whole = sum(parts)
    if not whole:
        return [0] * len(parts)
    shares = [part * 100 // whole for part in parts]
    by_remainder = sorted(
        range(len(parts)), key=lambda i: (-(parts[i] * 100 % whole), i)
    )
    for i in by_remainder[: 100 - sum(shares)]:
        shares[i] += 1
    return shares


def number(value: int) -> str:
    """Return a number with commas: 46,843."""
    return f"{value:,}"


def word(value: int) -> str:
    """Return a small number in words, a larger one in figures."""
    return SMALL[value] if 0 <= value < len(SMALL) else number(value)


def count(value: int, one: str, many: str = "") -> str:
    """Return "no seats", "1 seat" or "1,204 seats"."""
    noun = one if value == 1 else many or f"{one}s"
    return f"{number(value) if value else 'no'} {noun}"


def change(before: int, now: int) -> str:
    """Return a change of seats in words: "5 fewer", "1 more", "no change"."""
    if before == now:
        return "no change"
    return f"{number(abs(now - before))} {'more' if now > before else 'fewer'}"


def points(tenths_of_percent: int) -> str:
    """Return a difference of shares: "3.6 points", "1 point"."""
    whole, rest = divmod(abs(tenths_of_percent), 10)
    if not rest:
        return count(whole, "point")
    return f"{whole}.{rest} points"


def listing(names: Sequence[str]) -> str:
    """Return "A", "A and B" or "A, B and C"."""
    if len(names) < 2:  # noqa: PLR2004
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def moment(at: datetime, *, time_zone: str, zone_name: str = "") -> str:
    """Return a time that stays true in an inbox.

    "05:42 on 24 November 2026 (Karanda time, UTC+2)". Raises KeyError for a time zone
    that does not exist.
    """
    local = at.astimezone(ZoneInfo(time_zone))
    offset = local.utcoffset()
    minutes = round(offset.total_seconds() / 60) if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    utc = f"UTC{sign}{hours}{f':{rest:02d}' if rest else ''}" if minutes else "UTC"
    zone = f"{zone_name}, {utc}" if zone_name and zone_name != utc else utc
    return f"{local:%H:%M} on {local.day} {local:%B %Y} ({zone})"
