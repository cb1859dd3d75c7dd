"""Where a sent edition stands in the archive: the day of its slot, its turn then.

    /n/<slug>/2026-11-24      the first of that day
    /n/<slug>/2026-11-24-2    the second

Pure: no clock, no table.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from mailer.editions.view import EditionView

PATH = re.compile(r"(\d{4}-\d{2}-\d{2})(?:-([1-9]\d{0,3}))?")


@dataclass(frozen=True, slots=True)
class Place:
    """A day and the turn of an edition within it, from 1."""

    on: date
    turn: int

    @property
    def path(self) -> str:
        """Return the last part of the address."""
        return f"{self.on}" if self.turn == 1 else f"{self.on}-{self.turn}"


def read_place(text: str) -> Place | None:
    """Return the place an address names, None for what is none or another spelling."""
    found = PATH.fullmatch(text)
    if not found or found[2] == "1":
        return None
    try:
        return Place(date.fromisoformat(found[1]), int(found[2] or 1))
    except ValueError:
        return None


def whole_days(
    editions: Sequence[EditionView], *, asked: int
) -> list[list[EditionView]]:
    """Return the editions by day, newest first; a day that may be cut is left out.

    editions: newest first, `asked` at most; where there are so many, there may be more
    of the last day.
    """
    days = [list(day) for _, day in groupby(editions, key=_day)]
    return days[:-1] if len(editions) >= asked else days


def placed(editions: Iterable[EditionView]) -> list[tuple[EditionView, Place]]:
    """Return each edition with its place; days must be whole, newest first."""
    out = []
    for on, day in groupby(editions, key=_day):
        of_day = list(day)
        out += [
            (edition, Place(on, turn))
            for edition, turn in zip(of_day, range(len(of_day), 0, -1), strict=True)
        ]
    return out


def _day(edition: EditionView) -> date:
    return edition.slot_at.date()


def bound_words(edition: EditionView) -> str:
    """Return what a reader should know before the click, or ""."""
    if edition.newsletter.subscriber_only:
        return "For paying subscribers"
    if not edition.locked:
        return ""
    verb = "is" if edition.locked == 1 else "are"
    return (
        f"{edition.locked} of {edition.stories} stories {verb} for paying subscribers"
    )
