"""A council's result at one moment: the one object behind bar, table, text and subject.

Immutable and complete in itself: a mail says what this object says and nothing else.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How far the count is. Values are stored: never renamed."""

    PARTIAL = "partial"
    COMPLETE = "complete"  # every station in; not yet declared
    DECLARED = "declared"
    CORRECTED = "corrected"  # differs from what was complete or declared before


@dataclass(frozen=True, slots=True)
class Standing:
    """One party (or one independent) in one council. Votes are ward + list votes.

    seats: None where none may be said yet. ward_seats: 0 until seats may be said.
    colour: #rrggbb, one with enough contrast under white ink; colour_dark the same for
    dark mode under dark ink. share_tenths: None for independents, who have no list.
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
    ward: str = ""  # of an independent, where the file names it
    has_list: bool = True


@dataclass(frozen=True, slots=True)
class CouncilResult:
    """What is known of one council in one election, as at one time.

    standings are in the order of the bar and the table: seats, then votes. Unknown
    figures are None, never 0. undecided: sentences about ties the law leaves to a lot.
    corrects: id of the result this one corrects, and what differed in words. A count
    that is still partial can be a correction too: it keeps its status.
    cast: people who voted. spoilt: papers, of both ballots.
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
    previous_election: str = ""  # as said after "the election of": "2021"
    control_before: str = ""  # party name with a majority before, or "" for none
    undecided: tuple[str, ...] = ()
    corrects: int | None = None
    what_changed: tuple[str, ...] = ()
    corrects_as_at: datetime | None = None
    seats_agree: bool | None = None  # official seats against our own calculation
    seats_undecided: int = 0  # seats that no party has yet, because of a tie
    tied: tuple[str, ...] = ()  # names of those the undecided seats lie between

    @property
    def majority(self) -> int:
        """Return the seats that are more than half of all."""
        return self.seats_total // 2 + 1

    @property
    def is_partial(self) -> bool:
        """Tell whether votes are still out."""
        return self.status is Status.PARTIAL

    @property
    def is_final(self) -> bool:
        """Tell whether the seats may be said as they stand: declared or corrected."""
        return self.status in {Status.DECLARED, Status.CORRECTED}

    @property
    def seats_known(self) -> bool:
        """Tell whether any seats may be said."""
        return any(s.seats is not None for s in self.standings)

    @property
    def party_votes(self) -> int:
        """Return all votes for parties; independents are not among them."""
        return sum(s.votes for s in self.standings if not s.independent)


def freeze(result: CouncilResult) -> dict[str, Any]:
    """Return the result as plain JSON values, without its id."""
    frozen = asdict(result)
    del frozen["id"]
    frozen["as_at"] = result.as_at.isoformat()
    if result.corrects_as_at is not None:
        frozen["corrects_as_at"] = result.corrects_as_at.isoformat()
    return frozen


def thaw(frozen: Mapping[str, Any], *, result_id: int) -> CouncilResult:
    """Return the very result that was frozen; fields of later releases are dropped."""
    values = _known(CouncilResult, frozen)
    before = values.get("corrects_as_at")
    values |= {
        "status": Status(values["status"]),
        "as_at": datetime.fromisoformat(values["as_at"]),
        "standings": tuple(
            Standing(**_known(Standing, s)) for s in values["standings"]
        ),
        "undecided": tuple(values.get("undecided", ())),
        "what_changed": tuple(values.get("what_changed", ())),
        "tied": tuple(values.get("tied", ())),
        "corrects_as_at": datetime.fromisoformat(before) if before else None,
    }
    return CouncilResult(id=result_id, **values)


def _known(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(kind)}
    return {key: value for key, value in values.items() if key in names}
