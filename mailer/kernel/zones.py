"""Time zones by their IANA names, and what a wall clock in one of them means."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SECOND = timedelta(seconds=1)


def is_zone(name: str) -> bool:
    """Tell whether there is a time zone of this name, such as Africa/Johannesburg."""
    # Not available_timezones(): it walks the whole database, 20 ms a call.
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return when a wall clock first shows this time, or the first moment after it.

    wall: without a zone. In autumn an hour comes twice, and its first pass counts; in
    spring one is missing, and the end of the gap counts. PEP 495: for a time in a gap,
    fold=0 gives the offset before it and fold=1 the one after it, so the two moments
    surround the gap's end.
    """
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    late = first
    offset = early.astimezone(zone).utcoffset()
    while late - early > SECOND:  # the gap ends between: halve until a second is left
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)
