"""Quiet hours: when nothing but breaking news and letters leaves, on whose clock.

Pure: no clock, no table.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mailer.delivery.shaping import QuietHours
from mailer.kernel.zones import moment_of


def quiet_until(hours: QuietHours, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when the quiet hours that hold now are over, None if none hold.

    zone: the newsletter's. Hours may go over midnight. A clock that is put back or
    forward meanwhile ends them when the wall clock first shows their end.
    """
    wall = now.astimezone(zone).replace(tzinfo=None)
    begins_on = wall.date()
    if hours.begins > hours.ends and wall.time() < hours.ends:
        begins_on -= timedelta(days=1)
    if wall < datetime.combine(begins_on, hours.begins):
        return None
    ends_on = begins_on + timedelta(days=hours.begins > hours.ends)
    until = moment_of(datetime.combine(ends_on, hours.ends), zone)
    return until if now < until else None
