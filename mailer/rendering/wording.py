"""Dates, figures and lists as a paper prints them."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_SMALL = [
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]


def local(moment: datetime, time_zone: str) -> datetime:
    """Return the moment on the clock of a place."""
    return moment.astimezone(ZoneInfo(time_zone))


def long_date(moment: datetime) -> str:
    """Return "Tuesday 24 November 2026", in the moment's own zone."""
    return f"{weekday(moment)} {date(moment)}"


def weekday(moment: datetime) -> str:
    """Return "Tuesday"."""
    return _DAYS[moment.weekday()]


def date(moment: datetime) -> str:
    """Return "24 November 2026"."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def clock(moment: datetime) -> str:
    """Return "06:05"."""
    return f"{moment:%H:%M}"


def short_day(moment: datetime, today: datetime) -> str:
    """Return "Today", "Tomorrow" or "Thu 26", seen from another moment."""
    days = (moment.date() - today.date()).days
    if days in {0, 1}:
        return ("Today", "Tomorrow")[days]
    month = "" if 0 < days < 8 else f" {_MONTHS[moment.month - 1][:3]}"  # noqa: PLR2004
    return f"{_DAYS[moment.weekday()][:3]} {moment.day}{month}"


def figure(number: int) -> str:
    """Return "1,204"."""
    return f"{number:,}"


def in_words(number: int) -> str:
    """Return "nine" for small numbers, figures above twelve."""
    return _SMALL[number] if 0 <= number < len(_SMALL) else figure(number)


def counted(number: int, one: str, many: str = "") -> str:
    """Return "one story" or "17 stories"."""
    return f"{in_words(number)} {one if number == 1 else many or one + 's'}"


def joined(names: Sequence[str]) -> str:
    """Return "Ann", "Ann and Ben" or "Ann, Ben and Cat"."""
    if len(names) < 2:  # noqa: PLR2004
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def sentence(words: str) -> str:
    """Return the words with a capital first letter and a full stop."""
    words = words.strip()
    if words and words[-1] not in ".!?…":
        words += "."
    return words[:1].upper() + words[1:]


def shortened(words: str, most: int) -> str:
    """Return at most so many characters, cut between words, with "…" where cut."""
    words = " ".join(words.split())
    if len(words) <= most:
        return words
    cut = words[: most - 1]
    return (
        cut[: cut.rfind(" ")].rstrip(" ,;:.-\u2013\u2014") + "…"
        if " " in cut
        else cut + "…"
    )


def initials(name: str) -> str:
    """Return the first letters of the first and the last name: "WK"."""
    parts = [part for part in name.split() if part[0].isalnum()]
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()
