"""The dates of feeds: what is written, and which instant it can be believed to mean.

RSS says RFC 822, Atom and JSON Feed say RFC 3339, RSS 1.0 and Dublin Core say
W3CDTF; feeds in the wild write all of them in all places, and worse.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

# Before it there was no web to publish on: mostly zero seconds of Unix, or year 1.
EARLIEST = datetime(1991, 1, 1, tzinfo=UTC)
# RSS 2.0 allows RFC 822's names; the others are what newsrooms write. Names of several
# zones (IST, CST of China …) are read as RFC 822 §5.1 reads them, or not at all.
ZONES_IN_MINUTES = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0,
    "EST": -300, "EDT": -240, "CST": -360, "CDT": -300,
    "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
    "BST": 60, "CET": 60, "WEST": 60, "WAT": 60, "MEZ": 60,
    "CEST": 120, "EET": 120, "CAT": 120, "SAST": 120, "MESZ": 120,
    "EEST": 180, "EAT": 180, "MSK": 180, "JST": 540, "KST": 540,
    "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
}  # fmt: skip
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun",
          "jul", "aug", "sep", "oct", "nov", "dec")  # fmt: skip
FURTHEST_HOURS = 15  # from UTC; the furthest zone there has been is +15:13:42
LONGEST = 80  # characters; the longest honest date has 40

_TIME = r"""
    (?P<hour>\d{1,2}) [:.h]? (?P<minute>\d{2})
    (?: [:.]? (?P<second>\d{2}) (?: [.,] (?P<fraction>\d{1,9}) )? )?
    (?: \s* (?P<half>[ap])\.?m\.? )?
"""
_ZONE = r"""
    (?: \s* (?: \(? (?P<zone>[A-Za-z]{1,5}) \)? )?
        \s* (?P<offset> [+-] \s? \d{1,2} (?: :? \d{2} )? )? (?: \s* \( [^)]* \) )? )
"""
_ISO = re.compile(
    rf"""(?P<year>\d{{4}}) (?: -? (?P<month>\d{{2}}) (?: -? (?P<day>\d{{2}}) )? )?
    (?: (?: T | \s+ ) {_TIME} {_ZONE} )?""",
    re.VERBOSE | re.IGNORECASE,
)
_DAY_FIRST = re.compile(
    rf"""(?: [A-Za-z]{{2,9}} \.? ,? \s+ )?
    (?P<day>\d{{1,2}}) (?: st | nd | rd | th )? [\s-]+
    (?P<name>[A-Za-z]{{3,9}}) \.? ,? [\s-]+ (?P<year>\d{{4}}|\d{{2}})
    (?: ,? \s+ {_TIME} {_ZONE} )?""",
    re.VERBOSE | re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"""(?: (?!{"|".join(MONTHS)}) [A-Za-z]{{3,9}} \.? ,? \s+ )?
    (?P<name>[A-Za-z]{{3,9}}) \.? \s+ (?P<day>\d{{1,2}}) (?: st | nd | rd | th )?
    ,? \s+ (?P<year>\d{{4}}) (?: ,? \s+ (?: at \s+ )? {_TIME} {_ZONE} )?""",
    re.VERBOSE | re.IGNORECASE,
)
_C_LIBRARY = re.compile(
    rf"""[A-Za-z]{{3}} \s+ (?P<name>[A-Za-z]{{3}}) \s+ (?P<day>\d{{1,2}}) \s+
    {_TIME} (?: \s+ (?P<zone>[A-Z]{{1,5}}) )? \s+ (?P<year>\d{{4}})""",
    re.VERBOSE | re.IGNORECASE,
)
_UNIX = re.compile(r"\d{9,10}|\d{13}")


class NotADate(ValueError):
    """This text names no instant that can be believed; str() says why."""


def read_date(text: str, *, zone: tzinfo = UTC) -> datetime:
    """Return the instant a feed's date means, aware, in UTC.

    zone: where the source lives; used where the date names no zone of its own.
    A weekday that contradicts the date is ignored, second 60 is second 59.
    Raises NotADate, for dates before the web as well.
    """
    text = " ".join(text.split())
    if not text or len(text) > LONGEST:
        raise NotADate("is empty" if not text else "is no date")
    if _UNIX.fullmatch(text):
        moment = datetime.fromtimestamp(int(text[:10]), tz=UTC)
    else:
        moment = _written(text, zone)
    if moment < EARLIEST:
        raise NotADate("lies before the web began")
    return moment


def _written(text: str, zone: tzinfo) -> datetime:
    for form in (_ISO, _DAY_FIRST, _MONTH_FIRST, _C_LIBRARY):
        found = form.fullmatch(text)
        if found:
            break
    else:
        raise NotADate("cannot be read as a date")
    parts = found.groupdict()
    hour, next_day = _hour(parts)
    zone = _zone(parts, zone)
    try:
        local = datetime(
            _year(parts["year"]),
            _month(parts),
            int(parts["day"] or 1),
            hour,
            int(parts["minute"] or 0),
            min(int(parts["second"] or 0), 59 if parts["second"] == "60" else 99),
            int((parts.get("fraction") or "0").ljust(6, "0")[:6]),
            tzinfo=zone,
        )
        return (local + timedelta(days=next_day)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotADate("names a day or hour that does not exist") from error


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 2:  # noqa: PLR2004  RFC 5322 §4.3
        year += 2000 if year < 50 else 1900  # noqa: PLR2004
    return year


def _month(parts: dict[str, str | None]) -> int:
    name = parts.get("name")
    if name is None:
        return int(parts["month"] or 1)
    if name[:3].lower() not in MONTHS:
        raise ValueError("no month")
    return MONTHS.index(name[:3].lower()) + 1


def _hour(parts: dict[str, str | None]) -> tuple[int, int]:
    """Return the hour, and 1 where 24:00 means the next day (ISO 8601)."""
    hour = int(parts["hour"] or 0)
    if parts.get("half"):
        afternoon = (parts["half"] or "").lower() == "p"
        return hour % 12 + (12 if afternoon else 0), 0
    return (0, 1) if hour == 24 else (hour, 0)  # noqa: PLR2004


def _zone(parts: dict[str, str | None], otherwise: tzinfo) -> tzinfo:
    offset = (parts.get("offset") or "").replace(" ", "").replace(":", "")
    if offset:
        hours, minutes = int(offset[1:3]), int(offset[3:5] or 0)
        sign = -1 if offset[0] == "-" else 1
        if hours > FURTHEST_HOURS or minutes > 59:  # noqa: PLR2004
            raise NotADate("names a time zone that is not known")
        return timezone(sign * timedelta(hours=hours, minutes=minutes))
    name = (parts.get("zone") or "").upper()
    if not name:
        return otherwise
    if name not in ZONES_IN_MINUTES:
        raise NotADate("names a time zone that is not known")
    return timezone(timedelta(minutes=ZONES_IN_MINUTES[name]))
