"""A council's result at one moment: the one object behind bar, table, text and subject.

Immutable and complete in itself: a mail says what this object says and nothing else.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """How far the count is. Values are stored: never renamed."""

    PARTIAL = "partial"
    COMPLETE = "complete"  # every station in; not yet declared
    DECLARED = "declared"
    CORRECTED = "corrected"  # differs from what was complete or declared before


@dataclass(frozen=True, slots=True)
class Standing:
    """One party (or one independent) in one council. Votes are ward + list votes.

    seats: None where none may be said yet. colour: #rrggbb, one with enough contrast
    under white ink; colour_dark the same for dark mode under dark ink.
    """

    name: str
    short: str
    colour: str
    colour_dark: str
    votes: int
    share_tenths: int | None  # tenths of a percent of all party votes, half up
    seats: int | None
    ward_seats: int = 0
    seats_before: int | None = None
    independent: bool = False


@dataclass(frozen=True, slots=True)
class CouncilResult:
    """What is known of one council in one election, as at one time.

    standings are in the order of the bar and the table: seats, then votes. Unknown
    figures are None, never 0. undecided: sentences about ties the law leaves to a lot.
    corrects: id of the result this one corrects, and what differed in words.
    """

    id: int
    election: str  # "Local elections 2026"
    election_code: str
    council: str  # "Tamba Valley"
    place_code: str
    revision: int
    status: Status
    as_at: datetime  # aware
    source: str  # "Electoral Office of Karanda"
    stations_in: int
    stations_total: int
    seats_total: int
    standings: tuple[Standing, ...]
    seats_official: bool = False
    quota: int | None = None
    registered: int | None = None
    cast: int | None = None
    spoilt: int | None = None
    turnout_before_tenths: int | None = None
    previous_election: str = ""
    control_before: str = ""  # party name with a majority before, or "" for none
    undecided: tuple[str, ...] = ()
    corrects: int | None = None
    what_changed: tuple[str, ...] = ()

    @property
    def majority(self) -> int:
        """Return the seats that are more than half of all."""
        return self.seats_total // 2 + 1

    @property
    def is_partial(self) -> bool:
        """Tell whether votes are still out."""
        return self.status is Status.PARTIAL
