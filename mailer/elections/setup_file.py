"""The file an election is set up from: TOML, JSON or CSV with the same fields.

    code, name, previous, source, polling_day, polls_close
    [[parties]]   name, short, colour, colour_dark, aliases
    [[councils]]  code, name, seats, wards, stations, turnout_before, before

`before` gives the seats of the last election by the parties' abbreviations, with
"Independent" for all of them together. In CSV the first column, `what`, says which of
the three a row is; a row `before` has the council's code, a party and its seats.
"""

import csv
import io
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mailer.elections import colours
from mailer.elections.count import INDEPENDENT_WORDS, fold

LARGEST_BYTES = 5_000_000
ELECTION = {"code", "name", "previous", "source", "polling_day", "polls_close"}
PARTY = {"name", "short", "colour", "colour_dark", "aliases"}
COUNCIL = {"code", "name", "seats", "wards", "stations", "turnout_before", "before"}


@dataclass(frozen=True, slots=True)
class PartySetup:
    """A party as it will be stored. folded: every way its name may be written."""

    name: str
    short: str
    colour: str
    colour_dark: str
    folded: frozenset[str]


@dataclass(frozen=True, slots=True)
class CouncilSetup:
    """A council as it will be stored. before: seats by abbreviation, "": independents.

    before is None where the file says nothing of the last election.
    """

    place_code: str
    name: str
    seats: int
    wards: int
    stations_total: int
    turnout_before_tenths: int | None
    before: dict[str, int] | None


@dataclass(frozen=True, slots=True)
class ElectionSetup:
    """An election as it will be stored."""

    code: str
    name: str
    previous: str
    source: str
    polling_on: date | None
    polls_close_at: datetime | None
    parties: tuple[PartySetup, ...]
    councils: tuple[CouncilSetup, ...]


class Unusable(ValueError):
    """The file cannot be used; `faults` has every reason, one sentence each."""

    def __init__(self, name: str, faults: list[str]) -> None:
        self.faults = [f"{name}: {fault}" for fault in faults]
        super().__init__("; ".join(self.faults))


def read(data: bytes, *, name: str) -> ElectionSetup:
    """Return the election a file sets up. Raises Unusable with every fault."""
    try:
        values = _values(data, name)
    except ValueError as error:
        raise Unusable(name, [f"cannot be read: {error}"]) from error
    faults: list[str] = []
    made = _Builder(values, faults).made()
    if made is None or faults:
        raise Unusable(name, faults)
    return made


def _values(data: bytes, name: str) -> dict[str, Any]:
    if len(data) > LARGEST_BYTES:
        raise ValueError(f"larger than {LARGEST_BYTES // 1_000_000} MB")
    text = data.decode("utf-8-sig")
    kind = name.rpartition(".")[2].casefold()
    if kind == "csv":
        return _from_rows(csv.DictReader(io.StringIO(text)))
    values = tomllib.loads(text) if kind == "toml" else json.loads(text)
    if not isinstance(values, dict):
        raise ValueError("an election is a table of fields")  # noqa: TRY004
    return values


def _from_rows(rows: Iterator[Mapping[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {"parties": [], "councils": []}
    councils: dict[str, dict[str, Any]] = {}
    for at, row in enumerate(rows, start=2):
        cells = {k: v.strip() for k, v in row.items() if k and v and v.strip()}
        what = cells.pop("what", "")
        if what == "election":
            made |= cells
        elif what == "party":
            cells["aliases"] = [a.strip() for a in cells.get("aliases", "").split("|")]
            made["parties"].append(cells)
        elif what == "council":
            councils[cells.get("code", "")] = cells
            made["councils"].append(cells)
        elif what == "before":
            council = councils.get(cells.get("code", ""))
            if council is None:
                raise ValueError(f"line {at}: no council {cells.get('code')} above")
            council.setdefault("before", {})[cells.get("party", "")] = cells["seats"]
        elif cells:
            raise ValueError(
                f"line {at}: what is {what!r}, not election, party, council or before"
            )
    return made


class _Builder:
    """Turns values into an election and writes down every fault."""

    def __init__(self, values: Mapping[str, Any], faults: list[str]) -> None:
        self.values, self.faults = values, faults
        self.names: dict[str, str] = {}  # folded name to abbreviation

    def made(self) -> ElectionSetup | None:
        values = self.values
        self._unknown("the election", values, ELECTION | {"parties", "councils"})
        parties = tuple(
            self._party(n, p) for n, p in enumerate(self._tables("parties"))
        )
        if len({p.short for p in parties}) < len(parties):
            self.faults.append("two parties have one abbreviation")
        councils = tuple(
            made for c in self._tables("councils") if (made := self._council(c))
        )
        codes = [c.place_code for c in councils]
        for code in sorted({c for c in codes if codes.count(c) > 1}):
            self.faults.append(f"the council {code} is there twice")
        if not parties:
            self.faults.append("there is no party")
        if not councils:
            self.faults.append("there is no council")
        return ElectionSetup(
            code=self._text("the election", values, "code"),
            name=self._text("the election", values, "name"),
            previous=str(values.get("previous", "")),
            source=str(values.get("source", "")),
            polling_on=self._day(values.get("polling_day")),
            polls_close_at=self._moment(values.get("polls_close")),
            parties=parties,
            councils=councils,
        )

    def _tables(self, key: str) -> list[Mapping[str, Any]]:
        found = self.values.get(key, [])
        if isinstance(found, list) and all(isinstance(t, dict) for t in found):
            return found
        self.faults.append(f"{key} is not a list of tables")
        return []

    def _unknown(self, who: str, table: Mapping[str, Any], known: set[str]) -> None:
        self.faults += [
            f"{who}: {key} is not a field of it" for key in table if key not in known
        ]

    def _text(self, who: str, table: Mapping[str, Any], key: str) -> str:
        text = " ".join(str(table.get(key, "")).split())
        if not text:
            self.faults.append(f"{who} has no {key}")
        return text

    def _number(
        self, who: str, table: Mapping[str, Any], key: str, least: int
    ) -> int | None:
        try:
            value = int(str(table.get(key, "")))
        except ValueError:
            self.faults.append(f"{who}: {key} is no whole number")
            return None
        if value < least:
            self.faults.append(f"{who}: {key} is {value}, less than {least}")
            return None
        return value

    def _party(self, position: int, table: Mapping[str, Any]) -> PartySetup:
        name = self._text(f"party {position + 1}", table, "name")
        self._unknown(name, table, PARTY)
        short = str(table.get("short", "") or name)
        light = str(table.get("colour", "") or colours.pick(position)).casefold()
        fault = colours.fault_of(light, dark=False)
        dark = str(table.get("colour_dark", "")).casefold()
        if not fault:
            dark = dark or colours.pale(light)
            fault = colours.fault_of(dark, dark=True)
        if fault:
            self.faults.append(f"{name}: {fault}")
        aliases = [a for a in table.get("aliases", []) if str(a).strip()]
        folded = frozenset(fold(str(n)) for n in (name, short, *aliases) if n)
        for written in sorted(folded):
            if self.names.setdefault(written, short) != short:
                other = self.names[written]
                self.faults.append(f"{written!r} means both {other} and {short}")
            if written in INDEPENDENT_WORDS:
                self.faults.append(f"{written!r} means independents, not a party")
        return PartySetup(name, short, light, dark, folded)

    def _council(self, table: Mapping[str, Any]) -> CouncilSetup | None:
        code = self._text("a council", table, "code")
        who = f"council {code}"
        self._unknown(who, table, COUNCIL)
        name = self._text(who, table, "name")
        seats = self._number(who, table, "seats", 1)
        wards = self._number(who, table, "wards", 0)
        stations = self._number(who, table, "stations", 1)
        if seats is None or wards is None or stations is None:
            return None
        if wards > seats:
            self.faults.append(f"{who}: {wards} wards, but {seats} seats")
        turnout = self._tenths(who, table.get("turnout_before"))
        before = self._before(who, table.get("before"))
        return CouncilSetup(code, name, seats, wards, stations, turnout, before)

    def _before(self, who: str, table: object) -> dict[str, int] | None:
        if table is None:
            return None
        if not isinstance(table, dict):
            self.faults.append(f"{who}: before is no table of seats by party")
            return None
        made: dict[str, int] = {}
        for party in table:
            folded = fold(str(party))
            known = "" if folded in INDEPENDENT_WORDS else self.names.get(folded)
            seats = self._number(f"{who}, before, {party}", table, party, 0)
            if known is None:
                self.faults.append(f"{who}: {party} is no party of this election")
            elif seats is not None:
                made[known] = made.get(known, 0) + seats
        return made

    def _tenths(self, who: str, value: object) -> int | None:
        if value is None or value == "":
            return None
        try:
            tenths = round(float(str(value)) * 10)
        except ValueError:
            tenths = -1
        if 0 <= tenths <= 1000:  # noqa: PLR2004  tenths of a percent
            return tenths
        self.faults.append(f"{who}: turnout_before is no percentage")
        return None

    def _day(self, value: object) -> date | None:
        if value is None or value == "":
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.faults.append(f"polling_day {value} is not a day like 2026-11-23")
            return None

    def _moment(self, value: object) -> datetime | None:
        if value is None or value == "":
            return None
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            said = "is not a time with its zone, like 2026-11-23T19:00:00+02:00"
            self.faults.append(f"polls_close {value} {said}")
            return None
        return moment
