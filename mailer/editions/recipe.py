"""What a recipe says: what a newsletter is made of, and who lets it go.

The selection is stored as JSON with the fields of `Selection`. Reading it names every
fault by its field, so that a recipe is either whole or refused.

Pure: no clock, no table.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from mailer.sources.story import Kind

MOST = 500  # stories in a block; more is a slip of the keyboard
LONGEST_HOURS = 24 * 366


SCHEDULE = "the schedule"  # who did it, where no person did


class Approval(StrEnum):
    """Who lets an edition go. Values are stored: never renamed."""

    AUTOMATIC = "automatic"  # the schedule does
    EDITOR = "editor"  # a person does, before the deadline


class Waves(StrEnum):
    """At whose hour a digest comes. Values are stored: never renamed."""

    TOGETHER = "together"  # at the newsletter's, to all at once
    READER = "reader"  # at each reader's own; whose is past gets it at once


class Order(StrEnum):
    """What comes first among stories that are no must-haves. Values are stored."""

    NEWEST = "newest"
    SOURCES = "sources"  # as `sources` names them, then newest
    SECTIONS = "sections"  # as `section_order` names them, then newest


@dataclass(frozen=True, slots=True)
class Selection:
    """What may be in an edition, how much of it, and in which order.

    An empty list of sources, sections, tags or languages means: all of them. Names of
    sections and tags match without regard to case.

    must_tags: a story with one of them is taken first and is never cut for room.
    least: new stories below which there is no edition at all.
    backfill_to: with fewer pieces than this, older and undated ones fill up.
    undated_count: for sources that give no dates: their stories count as new.
    """

    sources: tuple[int, ...] = ()
    sections: tuple[str, ...] = ()
    not_sections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = tuple(Kind)
    must_tags: tuple[str, ...] = ()
    order: Order = Order.NEWEST
    section_order: tuple[str, ...] = ()
    max_age_hours: int = 96  # over a weekend, and a day for stories that come late
    event_days: int = 7
    least: int = 1
    latest: int = 3  # cards: all of them or none
    sections_shown: int = 4
    per_section: int = 3
    opinions: int = 1
    events: int = 4
    puzzles: int = 1
    press_releases: int = 3
    backfill_to: int = 8
    backfill_hours: int = 168
    undated_count: bool = False

    @property
    def carrying(self) -> tuple[Kind, ...]:
        """Return the kinds an edition is made for; the others only come along."""
        told = tuple(k for k in (Kind.NEWS, Kind.OPINION) if k in self.kinds)
        return told or self.kinds

    def as_json(self) -> dict[str, Any]:
        """Return what is stored: only what differs from the defaults."""
        plain = Selection()
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value != getattr(plain, name)
        }


def read_selection(values: Mapping[str, Any]) -> tuple[Selection, list[str]]:
    """Return the selection, and every fault in the values by its field."""
    known = {f.name: f for f in fields(Selection)}
    faults = [f"selection.{name} is not known" for name in values if name not in known]
    read: dict[str, Any] = {}
    for name, value in values.items():
        if name in known:
            try:
                read[name] = _read(known[name], value)
            except ValueError as error:
                faults.append(f"selection.{name} {error}, got {value!r}")
    return Selection(**read), faults


def _read(field: Field[Any], value: Any) -> Any:
    default = field.default
    if default is MISSING:  # pragma: no cover  every field has one
        raise AssertionError(field.name)
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise ValueError("must be true or false")  # noqa: TRY004  a fault to name
        return value
    if isinstance(default, int):
        return _whole(field.name, value)
    if isinstance(default, Order):
        if value not in list(Order):
            raise ValueError(f"must be one of {', '.join(Order)}")
        return Order(value)
    if not isinstance(value, list | tuple):
        raise ValueError("must be a list")  # noqa: TRY004
    return _several(field.name, value)


def _several(name: str, value: list[Any] | tuple[Any, ...]) -> tuple[Any, ...]:
    if name == "sources":
        if not all(isinstance(v, int) and not isinstance(v, bool) for v in value):
            raise ValueError("must hold ids of sources")
        return tuple(value)
    if not all(isinstance(v, str) and v.strip() for v in value):
        raise ValueError("must hold words")
    if name == "kinds":
        if not value or any(v not in set(Kind) for v in value):
            raise ValueError(f"must hold some of {', '.join(Kind)}")
        return tuple(Kind(v) for v in value)
    return tuple(v.strip() for v in value)


def _whole(name: str, value: Any) -> int:
    least, most = 0, MOST
    if name in {"max_age_hours", "backfill_hours", "event_days"}:
        least, most = 1, LONGEST_HOURS
    if name == "least":
        least = 1
    good = isinstance(value, int) and not isinstance(value, bool)
    if not good or not least <= value <= most:
        raise ValueError(f"must be a whole number from {least} to {most}")
    return int(value)
