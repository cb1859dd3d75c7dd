"""Our results file: CSV, one row for each party or independent of each council.

The council's figures stand in its first row; later rows may repeat them, and must then
say the same. Numbers are plain digits: a comma or a point in them is never guessed at.
A time carries its zone, for a clock read in the wrong one is an embargo broken.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from mailer.elections.count import Count, CountLine, Fault

LARGEST_BYTES = 20_000_000
MOST_VOTES = 1_000_000_000
LONGEST_CELL = 300
MOST_FAULTS = 50

COUNCIL_TEXTS = ("election", "place", "as_at", "status")
COUNCIL_NUMBERS = (
    *("council_seats", "council_wards", "stations_in", "stations_total"),
    *("registered", "voters", "ward_cast", "ward_spoilt", "list_cast", "list_spoilt"),
)
LINE_TEXTS = ("party", "candidate", "ward")
LINE_NUMBERS = ("ward_votes", "list_votes", "wards_won", "seats")
COLUMNS = (*COUNCIL_TEXTS, *COUNCIL_NUMBERS, *LINE_TEXTS, *LINE_NUMBERS)
NEEDED = ("election", "place", "as_at", "stations_in", "party")
TOO_MANY = "(cells)"  # no column has this name
STATUSES = {"", "partial", "complete", "declared"}

TEMPLATE = """\
election,place,as_at,status,council_seats,council_wards,stations_in,stations_total,\
registered,voters,ward_cast,ward_spoilt,list_cast,list_spoilt,\
party,candidate,ward,ward_votes,list_votes,wards_won,seats
KA-2026,TV,2026-11-24T05:42:00+02:00,declared,7,4,12,12,\
5210,3105,3080,40,3090,30,Civic Front,,,1500,1620,2,
KA-2026,TV,,,,,,,,,,,,,Harbour Alliance,,,1010,1100,1,
KA-2026,TV,,,,,,,,,,,,,Karanda Greens,,,130,340,0,
KA-2026,TV,,,,,,,,,,,,,Independent,Sora Linde,4,400,,1,
"""


class NotASheet(ValueError):
    """The bytes are no results file at all; str() says what they are."""


def read(data: bytes, *, name: str) -> tuple[list[Count], list[Fault]]:
    """Return each council's count, in the file's order, and everything wrong.

    Where there is any fault the counts are of no use: the file contradicts itself.
    """
    try:
        rows = list(_rows(data))
    except (NotASheet, csv.Error) as error:
        return [], [Fault(name, 0, "a-csv-file", f"the file {error}")]
    reader = _Reader(name)
    for at, row in rows:
        reader.take(at, row)
    counts = reader.counts()
    if not rows:
        reader.fault(0, "a-csv-file", "the file has no row under its header")
    return counts, reader.faults[:MOST_FAULTS]


def _rows(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row with the line it begins on. Raises NotASheet."""
    text = _text(data)
    first = text.lstrip().split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    header = [cell.strip().casefold() for cell in next(reader, [])]
    _check_header(header)
    at = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            row = dict(zip(header, (c.strip() for c in cells), strict=False))
            if len(cells) > len(header):
                row[TOO_MANY] = str(len(cells))
            yield at, row
        at = reader.line_num + 1


def _text(data: bytes) -> str:
    if len(data) > LARGEST_BYTES:
        raise NotASheet(f"is larger than {LARGEST_BYTES // 1_000_000} MB")
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        raise NotASheet("is packed; unpack it first")
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise NotASheet(f"is not UTF-8: see line {line}") from error
    if "\0" in text:
        raise NotASheet("holds zero bytes, so it is no text")
    if text.lstrip()[:1] == "<":
        raise NotASheet("is an HTML or XML page, not a CSV file")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _check_header(header: list[str]) -> None:
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise NotASheet(f"has no column named {' or '.join(missing)} in its first line")
    unknown = [name for name in header if name and name not in COLUMNS]
    if unknown:
        raise NotASheet(f"has a column we do not know: {unknown[0][:60]!r}")
    doubled = {name for name in header if name and header.count(name) > 1}
    if doubled:
        raise NotASheet(f"has the column {min(doubled)} twice")


class _Council:
    """What the rows of one council have said so far."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.texts: dict[str, str] = {}
        self.numbers: dict[str, int] = {}
        self.lines: list[CountLine] = []


class _Reader:
    """Collects rows into councils, and everything wrong on the way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[Fault] = []
        self.councils: dict[str, _Council] = {}

    def fault(self, at: int, rule: str, text: str) -> None:
        self.faults.append(Fault(self.name, at, rule, text))

    def take(self, at: int, row: Mapping[str, str]) -> None:
        if TOO_MANY in row:
            text = (
                f"the row has {row[TOO_MANY]} cells, more than the header; a comma in "
            )
            self.fault(at, "as-many-cells-as-names", text + "a name needs quotes")
            return
        place = row.get("place", "")
        if not place:
            self.fault(at, "every-row-names-its-council", "the place is empty")
            return
        council = self.councils.setdefault(place, _Council(at))
        for column in COUNCIL_TEXTS:
            self._same(at, council.texts, column, self._words(at, row, column))
        for column in COUNCIL_NUMBERS:
            value = self._number(at, row, column)
            if value is not None:
                self._same(at, council.numbers, column, value)
        if row.get("party"):
            council.lines.append(self._line(at, row))
        elif any(row.get(c) for c in (*LINE_TEXTS, *LINE_NUMBERS)):
            self.fault(at, "votes-belong-to-a-party", "there are votes and no party")

    def _same(
        self, at: int, known: dict[str, Any], column: str, value: str | int
    ) -> None:
        if value == "":
            return
        if known.setdefault(column, value) != value:
            text = f"{column} is {value}, but an earlier row says {known[column]}"
            self.fault(at, "a-council-says-one-thing", text)

    def _line(self, at: int, row: Mapping[str, str]) -> CountLine:
        texts = {column: self._words(at, row, column) for column in LINE_TEXTS}
        numbers = {column: self._number(at, row, column) for column in LINE_NUMBERS}
        return CountLine(
            at,
            texts["party"],
            texts["candidate"],
            texts["ward"].removeprefix("Ward ").removeprefix("ward "),
            numbers["ward_votes"],
            numbers["list_votes"],
            numbers["wards_won"],
            numbers["seats"],
        )

    def _words(self, at: int, row: Mapping[str, str], column: str) -> str:
        text = " ".join(row.get(column, "").split())
        if len(text) > LONGEST_CELL:
            self.fault(at, "short-names", f"{column} has {len(text)} characters")
            return text[:LONGEST_CELL]
        # Marks that turn the direction of text can make a name read as another.
        if any(unicodedata.category(c) in {"Cc", "Cf"} for c in text):
            self.fault(at, "plain-names", f"{column} holds characters nobody can see")
        return text

    def _number(self, at: int, row: Mapping[str, str], column: str) -> int | None:
        text = row.get(column, "")
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,12}", text):
            said = f"{column} is {text[:40]!r}, not a whole number in plain digits; "
            self.fault(at, "whole-numbers", said + "leave it empty where unknown")
            return None
        if int(text) > MOST_VOTES:
            self.fault(at, "whole-numbers", f"{column} is {text}: more than a billion")
            return None
        return int(text)

    def counts(self) -> list[Count]:
        """Return the councils, as far as each can be read."""
        elections = {c.texts.get("election", "") for c in self.councils.values()}
        if len(elections) > 1:
            named = ", ".join(sorted(elections))
            self.fault(0, "one-election-a-file", f"the file is about {named}")
        made = [self._count(place, c) for place, c in self.councils.items()]
        return [count for count in made if count is not None]

    def _count(self, place: str, council: _Council) -> Count | None:
        at, texts, numbers = council.at, council.texts, council.numbers
        status = texts.get("status", "").casefold()
        if status not in STATUSES:
            text = f"status is {status!r}, not partial, complete or declared"
            self.fault(at, "a-known-status", text)
        if not texts.get("election"):
            self.fault(at, "every-row-names-its-council", "the election is empty")
        if "stations_in" not in numbers:
            self.fault(at, "how-much-is-counted", "stations_in is empty")
        as_at = self._moment(at, texts.get("as_at", ""))
        if as_at is None:
            return None
        return Count(
            at=at,
            election=texts.get("election", ""),
            place_code=place,
            as_at=as_at,
            status=status,
            stations_in=numbers.get("stations_in", 0),
            stations_total=numbers.get("stations_total"),
            lines=tuple(council.lines),
            registered=numbers.get("registered"),
            voters=numbers.get("voters"),
            ward_cast=numbers.get("ward_cast"),
            ward_spoilt=numbers.get("ward_spoilt"),
            list_cast=numbers.get("list_cast"),
            list_spoilt=numbers.get("list_spoilt"),
            seats_total=numbers.get("council_seats"),
            wards_total=numbers.get("council_wards"),
        )

    def _moment(self, at: int, text: str) -> datetime | None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            said = f"as_at is {text[:40]!r}, not a time like 2026-11-24T05:42:00+02:00"
            self.fault(at, "a-time-with-its-zone", said)
            return None
        if moment.tzinfo is None:
            said = f"as_at {text} names no zone: add +02:00, or Z for UTC"
            self.fault(at, "a-time-with-its-zone", said)
            return None
        return moment
