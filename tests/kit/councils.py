"""Fourteen real councils to try the formula on, with their official seats.

Votes are ward and list votes added up from the voting districts that the Electoral
Commission of South Africa published for 1 November 2021 and 3 August 2016; seats are
those of its Seat Calculation Detail. Parties without a vote are left out.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from mailer.elections.seats import Allocation, Contender, allocate


@dataclass(frozen=True)
class RealCouncil:
    """A council as it was counted, and what its seats became."""

    size: int
    contenders: tuple[Contender, ...]
    official: dict[str, int]

    def allocate(self) -> Allocation:
        """Work out its seats by our formula."""
        return allocate(self.contenders, seats=self.size)

    def seated(self) -> dict[str, int]:
        """Return what our formula gives, parties with seats only."""
        names = {c.name for c in self.contenders if not c.independent}
        seats = self.allocate().seats
        return {name: n for name, n in seats.items() if n and name in names}


def the_council(code: str, year: int = 2021) -> RealCouncil:
    """Return a council by the code of the Municipal Demarcation Board."""
    with (Path(__file__).parent / "councils.csv").open(encoding="utf-8") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["council"] == code and row["year"] == str(year)
        ]
    contenders = [
        Contender(
            row["party"],
            int(row["votes"]),
            int(row["wards"]),
            has_list=row["list"] == "yes",
        )
        for row in rows
    ]
    contenders += [
        Contender(f"Independent {n}", 100, 1, independent=True)
        for n in range(int(rows[0]["independents"]))
    ]
    official = {row["party"]: int(row["seats"]) for row in rows if row["seats"] != "0"}
    return RealCouncil(int(rows[0]["size"]), tuple(contenders), official)
