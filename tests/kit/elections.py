"""Builders of counts, results and a small election of Karanda."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mailer.elections import operations, sheet
from mailer.elections.count import CouncilFacts, Count, CountLine, PartyFacts, Roll
from mailer.elections.result import CouncilResult, Standing, Status
from mailer.elections.tally import ElectionFacts, result_of

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
CODE = "KA-2026"

PARTIES = (
    PartyFacts(1, "Civic Front", "CF", "#1b5ea8", "#7fb2ea"),
    PartyFacts(2, "Harbour Alliance", "HA", "#9a5600", "#e3a45a"),
    PartyFacts(3, "People\u2019s Covenant", "PC", "#6b4e9e", "#bda4ea"),
    PartyFacts(4, "Karanda Greens", "KG", "#1b7a3d", "#7fca95"),
    PartyFacts(5, "Tamba Residents", "TR", "#0f6b66", "#6fc4bb"),
)
SETUP = """\
code = "KA-2026"
name = "Local elections 2026"
previous = "2021"
source = "Electoral Office of Karanda"
polling_day = 2026-11-23
polls_close = 2026-11-23T19:00:00+02:00

[[parties]]
name = "Civic Front"
short = "CF"
colour = "#1b5ea8"
aliases = ["CIVIC  FRONT OF KARANDA"]
[[parties]]
name = "Harbour Alliance"
short = "HA"
colour = "#9a5600"
[[parties]]
name = "Karanda Greens"
short = "KG"
colour = "#1b7a3d"

[[councils]]
code = "TV"
name = "Tamba Valley"
seats = 7
wards = 4
stations = 12
turnout_before = 61.9
before = { CF = 4, HA = 2, Independent = 1 }
[[councils]]
code = "SE"
name = "Selwe"
seats = 5
wards = 3
stations = 8
"""


def an_election(text: str = SETUP, *, now: datetime = NOW) -> str:
    """Set up the election of Karanda in the database and return its code."""
    done = operations.set_election(data=text.encode(), name="karanda.toml", now=now)
    assert not done.faults, done.faults
    return done.code


def a_roll(parties: Sequence[PartyFacts] = PARTIES) -> Roll:
    """Return the parties of Karanda."""
    return Roll(parties)


def a_council(**changes: Any) -> CouncilFacts:
    """Return Tamba Valley: 7 seats, 4 wards, 12 voting districts."""
    known = CouncilFacts(1, "TV", "Tamba Valley", 7, 4, 12)
    return replace(known, **changes)


def a_line(party: str, ward: int | None = 0, lists: int | None = 0, **more: Any) -> Any:
    """Return a party's line: ward votes, list votes, then wards_won, seats …"""
    at = more.pop("at", abs(hash((party, more.get("candidate"), more.get("ward")))))
    return CountLine(at, party, ward_votes=ward, list_votes=lists, **more)


LINES = (
    CountLine(2, "Civic Front", "", "", 1500, 1620, 2),
    CountLine(3, "Harbour Alliance", "", "", 1010, 1100, 1),
    CountLine(4, "Karanda Greens", "", "", 130, 340, 0),
    CountLine(5, "Independent", "Sora Linde", "4", 400, None, 1),
)


def a_count(**changes: Any) -> Count:
    """Return a whole, declared count of Tamba Valley."""
    known = Count(
        at=2,
        election=CODE,
        place_code="TV",
        as_at=NOW - timedelta(minutes=18),
        status="declared",
        stations_in=12,
        stations_total=12,
        lines=LINES,
        registered=5210,
        voters=3105,
        ward_cast=3080,
        ward_spoilt=40,
        list_cast=3090,
        list_spoilt=30,
    )
    return replace(known, **changes)


def a_result(
    count: Count | None = None,
    *,
    facts: CouncilFacts | None = None,
    before: CouncilResult | None = None,
    previous: str = "2021",
    result_id: int = 1,
) -> CouncilResult:
    """Return the result that follows from a count (Tamba Valley, declared)."""
    made = result_of(
        count or a_count(),
        facts=facts or a_council(before={1: 4, 2: 2, 0: 1}, turnout_before_tenths=619),
        election=ElectionFacts(
            CODE, "Local elections 2026", "Electoral Office of Karanda", previous
        ),
        roll=a_roll(),
        source="",
        revision=1 if before is None else before.revision + 1,
        before=before,
    )
    return replace(made, id=result_id)


def a_standing(name: str, seats: int | None, votes: int = 100, **more: Any) -> Standing:
    """Return one party's row of a result."""
    short = "".join(word[0] for word in name.split())
    known = Standing(name, short, "#1b5ea8", "#7fb2ea", votes, None, seats)
    return replace(known, **more)


def a_plain_result(*standings: Standing, **changes: Any) -> CouncilResult:
    """Return a declared result of these standings, without a count behind it."""
    known = CouncilResult(
        id=1,
        election="Local elections 2026",
        election_code=CODE,
        council="Tamba Valley",
        place_code="TV",
        revision=1,
        status=Status.DECLARED,
        as_at=NOW,
        source="Electoral Office of Karanda",
        stations_in=61,
        stations_total=61,
        seats_total=sum(s.seats or 0 for s in standings),
        standings=standings,
    )
    return replace(known, **changes)


def a_file(*counts: Count) -> bytes:
    """Return counts as the CSV file that says the same."""
    rows = [",".join(sheet.COLUMNS)]
    for count in counts or (a_count(),):
        for position, line in enumerate(count.lines or (None,)):
            said = _council_cells(count) if position == 0 else {}
            said |= {"election": count.election, "place": count.place_code}
            said |= _line_cells(line)
            rows.append(",".join(str(said.get(c, "")) for c in sheet.COLUMNS))
    return ("\n".join(rows) + "\n").encode()


def _council_cells(count: Count) -> dict[str, Any]:
    names = ["status", "stations_in", "stations_total", "registered", "voters"]
    names += ["ward_cast", "ward_spoilt", "list_cast", "list_spoilt"]
    cells = {name: getattr(count, name) for name in names}
    cells |= {"council_seats": count.seats_total, "council_wards": count.wards_total}
    cells["as_at"] = count.as_at.isoformat()
    return {name: value for name, value in cells.items() if value is not None}


def _line_cells(line: CountLine | None) -> dict[str, Any]:
    if line is None:
        return {}
    names = ("candidate", "ward", "ward_votes", "list_votes", "wards_won", "seats")
    cells = {name: getattr(line, name) for name in names} | {"party": line.party}
    return {name: value for name, value in cells.items() if value is not None}


def take(*counts: Count, now: datetime = NOW, source: str = "") -> operations.Taken:
    """Take these counts as one file."""
    return operations.take_results(
        data=a_file(*counts), name="night.csv", source=source, now=now
    )
