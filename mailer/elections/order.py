"""Where a new count stands beside what is shown: newer, late, doubled or doubtful.

Counts arrive twice, late, and out of order; a source may answer zeros for two hours.
Whatever the order of arrival, what is shown ends the same. What is doubtful is kept and
held back, with the reason, and the last good count stays.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from mailer.elections.count import FIGURES, Count, Roll, fold


class Place(StrEnum):
    """Where a snapshot stands. Values are stored: never renamed."""

    SHOWN = "shown"  # it became a result
    UNCHANGED = "unchanged"  # newer, and says the same
    NOTHING = "nothing"  # no station is in yet
    LATE = "late"  # older than what is shown
    CONFLICT = "conflict"  # same time, other figures
    OUTAGE = "outage"  # newer, with fewer stations
    DOUBLED = "doubled"  # taken before; not stored again


HELD = {Place.CONFLICT, Place.OUTAGE}


@dataclass(frozen=True, slots=True)
class Known:
    """A count as far as order is concerned."""

    as_at: datetime
    stations_in: int
    said: str  # hash of all a reader could see
    sha256: str  # the same and its time: what makes two counts one


def known(count: Count, *, status: str, roll: Roll) -> Known:
    """Return a count by what it says, whatever its spelling or order of rows."""
    rows = []
    for line in count.lines:
        party = None if line.independent else roll.find(line.party)
        who = f"party {party.id}" if party else f"independent {fold(line.candidate)}"
        figures = (line.ward_votes, line.list_votes, line.wards_won, line.seats)
        rows.append([who, line.ward, *figures])
    rows.sort(key=str)
    council = [getattr(count, name) for name in FIGURES if name != "stations_total"]
    said = _hash([count.election, count.place_code, status, *council, rows])
    moment = count.as_at.astimezone(UTC)
    return Known(moment, count.stations_in, said, _hash([moment.isoformat(), said]))


def _hash(values: list[object]) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def judge(  # noqa: PLR0911  one line of the table a return
    new: Known, *, shown: Known | None, taken: Sequence[Known]
) -> tuple[Place, str]:
    """Decide where a count belongs, and why, in a sentence ("" where it is shown).

    shown: the last one that became, or confirmed, a result. taken: every one before.
    """
    if any(new.sha256 == old.sha256 for old in taken):
        return Place.DOUBLED, "it was taken before"
    if shown is not None and new.as_at < shown.as_at:
        return Place.LATE, f"it is older than what is shown, as at {shown.as_at:%H:%M}"
    if any(new.as_at == old.as_at for old in taken):
        said = "another count with the same time and other figures was taken before"
        return Place.CONFLICT, said
    if shown is None:
        if new.stations_in == 0:
            return Place.NOTHING, "no voting district is in yet"
        return Place.SHOWN, ""
    if new.stations_in < shown.stations_in:
        said = f"{new.stations_in} stations are in, but {shown.stations_in} were before"
        return Place.OUTAGE, said
    if new.said == shown.said:
        return Place.UNCHANGED, "it says the same as before"
    return Place.SHOWN, ""
