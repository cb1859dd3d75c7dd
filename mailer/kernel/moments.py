"""How moments are written for people: with their zone, relative beside absolute.

English only. Every function takes aware moments and the zone to say them in.
"""

from datetime import date, datetime, timedelta, tzinfo

DAYS = ("Monday Tuesday Wednesday Thursday Friday Saturday Sunday").split()  # noqa: SIM905
MONTHS = (  # noqa: SIM905
    "January February March April May June July August September October November "
    "December"
).split()
MINUTE, HOUR, DAY = 60, 3600, 86400


def day_of(on: date) -> str:
    """Return a day in words: "Wednesday 25 November 2026"."""
    return f"{DAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]} {on.year}"


def day(at: datetime, zone: tzinfo) -> str:
    """Return the day of a moment in words: "Wednesday 25 November 2026"."""
    return day_of(at.astimezone(zone).date())


def clock(at: datetime, zone: tzinfo, *, seconds: bool = False) -> str:
    """Return the time of day: "14:07", or "14:07:12"."""
    return at.astimezone(zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def zone_of(at: datetime, zone: tzinfo) -> str:
    """Return the zone's distance from UTC at that moment: "UTC+2", "UTC-3:30"."""
    minutes = int((at.astimezone(zone).utcoffset() or timedelta()).total_seconds() / 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")


def moment(at: datetime, zone: tzinfo, *, name: str = "") -> str:
    """Return a moment whole: "Wednesday 25 November 2026, 06:00 (Karanda time, UTC+2)".

    name: how readers call the zone; without one the distance from UTC stands alone.
    """
    offset = zone_of(at, zone)
    return f"{day(at, zone)}, {clock(at, zone)} ({f'{name}, ' if name else ''}{offset})"


def coming(at: datetime, zone: tzinfo, now: datetime) -> str:
    """Return when something comes: "Wednesday at 06:00", with the date after a week."""
    local = at.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    said = DAYS[local.weekday()]
    if not 0 <= days < 7:  # noqa: PLR2004
        said = f"{said} {date_of(local.date(), now.astimezone(zone).date())}"
    return f"{said} at {local:%H:%M}"


def date_of(on: date, today: date, *, short: bool = False) -> str:
    """Return a date without its weekday, with its year if that is another.

    short: three letters of the month, where there is little room.
    """
    year = f" {on.year}" if on.year != today.year else ""
    month = MONTHS[on.month - 1]
    return f"{on.day} {month[:3] if short else month}{year}"


def near(at: datetime, zone: tzinfo, now: datetime) -> str:
    """Return the shortest that is not ambiguous now: "14:07", "Wed 06:00", "9 Dec".

    The time alone today; weekday and time within six days; then the date, with its
    year if that is another.
    """
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    if not days:
        return f"{local:%H:%M}"
    if abs(days) < 7:  # noqa: PLR2004
        return f"{DAYS[local.weekday()][:3]} {local:%H:%M}"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local.day} {MONTHS[local.month - 1][:3]}{year} {local:%H:%M}"


def apart(at: datetime, now: datetime) -> str:
    """Return how far a moment is from now: "in 3 minutes", "2 days ago", "now"."""
    seconds = (at - now).total_seconds()
    words = duration(abs(seconds))
    if words == "0 seconds":
        return "now"
    return f"in {words}" if seconds > 0 else f"{words} ago"


def duration(seconds: float) -> str:
    """Return a length of time in its largest unit: "12 seconds", "3 minutes"."""
    units = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (1, "second"))
    size, word = next((u for u in units if seconds >= u[0]), units[-1])
    number = int(seconds // size)
    return f"{number} {word}" + ("" if number == 1 else "s")
