"""A list of subscribers as CSV: what its columns mean, and what may be in them.

Read line by line, so a file of any size takes the same memory. A bad row is a value
that says where and why; the rows around it are read as if it were not there.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO, TextIO, cast

from mailer.audience.address import Address, BadAddress, read_address
from mailer.audience.consent import Tier
from mailer.audience.suppression import Reason
from mailer.kernel.zones import is_zone

# What we write, and what other systems call the same. Compared without case, spaces,
# hyphens and underscores.
COLUMNS: dict[str, tuple[str, ...]] = {
    "email": ("emailaddress", "mail", "address", "subscriber", "recipient"),
    "newsletters": ("newsletter", "lists", "list", "listname"),
    "place": ("placecode", "municipality", "location", "council"),
    "language": ("lang", "locale"),
    "tier": ("plan", "level", "membership"),
    "hour": (),
    "time_zone": ("timezone", "tz"),
    "subscribed_at": (
        *("since", "subscribedon", "consentedon", "consentdate", "consentedat"),
        *("optintime", "optindate", "confirmtime", "confirmedat", "createdat"),
        *("signupdate", "dateadded", "joined", "joinedat"),
    ),
    "consent": ("consentsource", "source", "optinsource"),
    "left": ("unsubscribedfrom",),
    "suppressed": ("cleaned", "bounced"),
}
TIERS = {
    **dict.fromkeys(("free", "none", "reader"), Tier.FREE),
    **dict.fromkeys(("subscriber", "paid", "premium", "member"), Tier.SUBSCRIBER),
}
NO = {"", "no", "false", "0", "n"}
LONGEST_LINE = 1_000_000  # characters
LONGEST_FIELD = 20_000
LONGEST_HEADER = 20_000
LONGEST_SOURCE = 2_000
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
BETWEEN_NAMES = re.compile(r"[\s;,|]+")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
NOT_UTF8 = re.compile("[\udc80-\udcff]")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run
TOO_LONG = "\x00too long\n"


class NotAList(ValueError):
    """The file as a whole cannot be read; str() says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One person as the file says. Empty fields say nothing."""

    line: int
    address: Address
    newsletter_ids: tuple[int, ...]
    left_ids: tuple[int, ...] = ()
    place_code: str = ""
    language: str = ""
    tier: str = ""
    hour: int | None = None
    time_zone: str = ""
    at: datetime | None = None
    source: str = ""
    suppressed: str = ""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken: the line it begins on, the column, and why."""

    line: int
    column: str
    why: str
    address: str = ""


class _Fault(ValueError):
    def __init__(self, column: str, why: str) -> None:
        super().__init__(why)
        self.column = column


@dataclass(frozen=True)
class Reading:
    """What the words in a file refer to here, and what holds for every row.

    newsletters: id by slug. places: code by code or name, in lower case. default_ids:
    for rows that name no newsletter. now: nothing may have happened later.
    """

    newsletters: Mapping[str, int]
    places: Mapping[str, str]
    source: str
    now: datetime
    default_ids: tuple[int, ...] = ()
    consented_at: datetime | None = None
    encoding: str = "utf-8"
    columns: dict[str, int] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    def rows(self, file: BinaryIO) -> Iterator[Row | BadRow]:
        """Return the rows of a file in order, good and bad.

        Raises NotAList before the first one if the file is no list of subscribers.
        """
        text = _as_text(file, self.encoding)
        header = text.readline(LONGEST_HEADER)
        delimiter = _delimiter(header)
        self._read_header(header, delimiter)
        csv.field_size_limit(LONGEST_FIELD)
        records = csv.reader(_lines(text), delimiter=delimiter)
        begins = 2
        while True:
            try:
                cells = next(records)
            except StopIteration:
                return
            except csv.Error:
                why = "a quotation mark is opened here and never closed"
                yield BadRow(begins, "", why)
            else:
                if any(cell.strip() for cell in cells):
                    yield self._read(begins, cells)
            begins = records.line_num + 2  # the header is not among them

    def _read_header(self, header: str, delimiter: str) -> None:
        names = next(csv.reader([header], delimiter=delimiter), [])
        known = {_plain(c): c for c in COLUMNS} | {
            alias: column for column, aliases in COLUMNS.items() for alias in aliases
        }
        for number, name in enumerate(names):
            column = known.get(_plain(name))
            if column is None:
                self.unused.append(_printable(name.strip()))
            elif column in self.columns:
                raise NotAList(f"The first line names the column {column} twice.")
            else:
                self.columns[column] = number
        if "email" not in self.columns:
            raise NotAList(
                "The first line names no column email. It must name the columns, like: "
                "email,place,language"
            )

    def _read(self, line: int, cells: Sequence[str]) -> Row | BadRow:
        said = {
            column: _unescaped(cells[number].strip())
            for column, number in self.columns.items()
            if number < len(cells)
        }
        try:
            _check_text(cells)
            return self._understood(line, said)
        except _Fault as fault:
            shown = _printable(said.get("email", ""))
            return BadRow(line, fault.column, str(fault), shown[:254])

    def _understood(self, line: int, said: Mapping[str, str]) -> Row:
        try:
            address = read_address(said.get("email", ""))
        except BadAddress as error:
            raise _Fault("email", str(error)) from error
        left = self._newsletters("left", said)
        lists = self._newsletters("newsletters", said)
        suppressed = _suppressed(said.get("suppressed", ""))
        if not lists and not left and not suppressed:
            lists = self.default_ids
        if not lists and not left and not suppressed:
            raise _Fault("newsletters", "names no newsletter; pass --newsletter")
        return Row(
            line=line,
            address=address,
            newsletter_ids=tuple(n for n in lists if n not in left),
            left_ids=left,
            place_code=self._place(said.get("place", "")),
            language=_language(said.get("language", "")),
            tier=_tier(said.get("tier", "")),
            hour=_hour(said.get("hour", "")),
            time_zone=_zone(said.get("time_zone", "")),
            at=self._time(said.get("subscribed_at", "")) or self.consented_at,
            source=said.get("consent", "")[:LONGEST_SOURCE] or self.source,
            suppressed=suppressed,
        )

    def _newsletters(self, column: str, said: Mapping[str, str]) -> tuple[int, ...]:
        found = []
        for slug in BETWEEN_NAMES.split(said.get(column, "").lower()):
            if slug and slug not in self.newsletters:
                raise _Fault(column, f"there is no newsletter {slug[:60]}")
            if slug:
                found.append(self.newsletters[slug])
        return tuple(dict.fromkeys(found))

    def _place(self, text: str) -> str:
        if not text:
            return ""
        code = self.places.get(text.lower())
        if code is None:
            raise _Fault("place", f"there is no place {text[:60]}; see `add_place`")
        return code

    def _time(self, text: str) -> datetime | None:
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text)
        except ValueError as error:
            raise _Fault(
                "subscribed_at", f"{text[:40]}: write it as 2026-11-24 or with a time"
            ) from error
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        if at > self.now:
            raise _Fault("subscribed_at", f"{text[:40]} has not come yet")
        return at


def _as_text(file: BinaryIO, encoding: str) -> TextIO:
    buffered = io.BufferedReader(cast("io.RawIOBase", file))
    start = buffered.peek(4)[:4]
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00" in start:
        raise NotAList("The file is UTF-16. Save it as CSV UTF-8, or convert it.")
    if start[:2] in {b"PK", b"\x1f\x8b"}:
        raise NotAList("The file is a spreadsheet or an archive. Save it as CSV UTF-8.")
    codec = "utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding
    try:
        return io.TextIOWrapper(
            buffered, encoding=codec, errors="surrogateescape", newline=""
        )
    except LookupError as error:
        raise NotAList(f"There is no encoding {encoding}.") from error


def _delimiter(header: str) -> str:
    if not header.strip():
        raise NotAList("The file is empty. Its first line must name the columns.")
    return max(",;\t", key=header.count)


def _lines(text: TextIO) -> Iterator[str]:
    """Return the lines; one that is too long becomes a short one that says so."""
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            while (more := text.readline(LONGEST_LINE)) and more[-1] not in "\r\n":
                pass
            line = TOO_LONG
        yield line


def _check_text(cells: Sequence[str]) -> None:
    whole = "".join(cells)
    if whole == TOO_LONG.strip():
        raise _Fault("", f"the line is longer than {LONGEST_LINE:,} characters")
    if NOT_UTF8.search(whole):
        raise _Fault("", "is not UTF-8; if the file is older, pass --encoding latin-1")
    if CONTROL.search(whole):
        raise _Fault("", "has a control character")


def _printable(text: str) -> str:
    return NOT_UTF8.sub("\N{REPLACEMENT CHARACTER}", CONTROL.sub("", text))


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name.lower())


def _language(text: str) -> str:
    code = text.lower().replace("_", "-")
    if code and not LANGUAGE.fullmatch(code):
        raise _Fault("language", f"{text[:20]} is not a code such as en or af")
    return code


def _tier(text: str) -> str:
    if not text:
        return ""
    found = TIERS.get(text.lower())
    if found is None:
        raise _Fault("tier", f"{text[:20]}: use free or subscriber")
    return found.value


def _hour(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:3]) <= 23):  # noqa: PLR2004
        raise _Fault("hour", f"{text[:20]}: use a whole number from 0 to 23")
    return int(text)


def _zone(text: str) -> str:
    if text and not is_zone(text):
        raise _Fault("time_zone", f"{text[:40]}: write it as Africa/Johannesburg")
    return text


def _suppressed(text: str) -> str:
    word = text.lower()
    if word in NO:
        return ""
    known = {reason.value for reason in Reason}
    return word if word in known else Reason.MANUAL.value


def _unescaped(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def escaped(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; reading undoes it."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
