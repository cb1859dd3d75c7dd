"""The slots of a newsletter: when its recipe's schedule fires, in its own time zone.

A schedule is a cron expression of five fields, read on the newsletter's own wall
clock. Each wall time it names fires once:

    autumn, the hour comes twice     in its first pass
    spring, the hour does not exist  at the first moment after the gap

A slot's key is its wall time, so that neither a second pass nor a second scheduler
can name it differently. Two wall times that the gap throws onto one moment are one
slot.

Pure: no clock, no table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from mailer.kernel.zones import SECOND, is_zone, moment_of

FIELDS = 5


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One planned time of a newsletter: the moment, in UTC, and its key."""

    at: datetime
    key: str  # local wall time: "2026-11-24T06:00"


def slots(
    cron: str, time_zone: str, *, after: datetime, until: datetime
) -> Iterator[Slot]:
    """Yield the slots later than `after` and not later than `until`, in order.

    A recipe without a schedule (an empty one) has none.
    """
    for slot in _from(cron, time_zone, after):
        if slot.at > until:
            return
        yield slot


def next_slots(cron: str, time_zone: str, *, after: datetime, count: int) -> list[Slot]:
    """Return the next slots later than `after`, `count` at most."""
    return list(islice(_from(cron, time_zone, after), count))


def slot_at(cron: str, time_zone: str, key: str) -> Slot | None:
    """Return the slot of this key, or None if the schedule does not name it."""
    wall = datetime.fromisoformat(key)
    around = moment_of(wall, ZoneInfo(time_zone)) - SECOND
    found = next_slots(cron, time_zone, after=around, count=1)
    return found[0] if found and found[0].key == key else None


def faults_of(cron: str, time_zone: str) -> list[str]:
    """Return what is wrong with a schedule, one sentence a fault; none is fine."""
    faults = []
    if not is_zone(time_zone):
        faults.append(
            f"time zone '{time_zone}' is not an IANA name such as Africa/Johannesburg"
        )
    if not cron:
        return faults
    if len(cron.split()) != FIELDS:
        faults.append(
            f"schedule '{cron}' must have five fields: minute, hour, day of month, "
            "month, day of week, as in '0 6 * * MON-FRI'"
        )
        return faults
    try:
        CronSim(cron, datetime(2000, 1, 1))  # noqa: DTZ001  a wall clock has no zone
    except CronSimError as error:
        faults.append(f"schedule '{cron}': {str(error).lower()}")
    return faults


def _from(cron: str, time_zone: str, after: datetime) -> Iterator[Slot]:
    if not cron:
        return
    zone = ZoneInfo(time_zone)
    # The wall clock without its zone: cronsim then counts wall times, each once, and
    # the night of the change is ours to place. One second back: it starts exclusive.
    wall = after.astimezone(zone).replace(tzinfo=None, fold=0) - SECOND
    last = after
    for named in CronSim(cron, wall):
        at = moment_of(named, zone)
        if at > last:
            last = at
            key = at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
            yield Slot(at, key)
