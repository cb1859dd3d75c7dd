"""What operators see of lanes: each receiver at each relay where something waits or is.

Reads only. What a lane does without trouble, limit or waiting mail is not shown.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from mailer.audience.providers import provider_name
from mailer.delivery import lanes, warming
from mailer.delivery.lane import Standing
from mailer.delivery.models import Lane, LaneDay, WarmUp
from mailer.kernel.figures import grouped
from mailer.kernel.moments import near

# Positions not yet asked: close enough for what waits, and no row is counted.
WAITING = """
SELECT b.relay_id, b.provider_id, sum(b.last - b.next + 1),
       min(b.due_at) FILTER (WHERE b.lease_ends_at IS NULL)
  FROM batch b JOIN run r ON r.id = b.run_id
 WHERE NOT b.done AND r.state = 'open' AND r.give_up_at > %s
 GROUP BY b.relay_id, b.provider_id
"""


@dataclass(frozen=True, slots=True)
class LaneStanding:
    """One receiver at one relay.

    waiting: people whose mail has not been asked for. due_at: when the next of it may
    leave, None if nothing waits free. per_second: the rate that binds it now, None if
    none does. is_held: whether something holds its mail back. why: in words, also how
    far the day of a warm-up is; empty without either.
    """

    relay_id: int
    provider_id: int
    receiver: str
    waiting: int
    due_at: datetime | None
    per_second: float | None
    suspended_until: datetime | None
    since: datetime | None
    is_held: bool
    why: str


def lane_table(now: datetime) -> list[LaneStanding]:
    """Return the lanes with mail, trouble, a limit that binds or a warm-up."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [now])
        waiting = {(row[0], row[1]): (row[2], row[3]) for row in cursor.fetchall()}
    relays = {relay_id for relay_id, _ in waiting}
    relays |= set(Lane.objects.values_list("relay_id", flat=True))
    warming_up = set(WarmUp.objects.values_list("relay_id", flat=True))
    found = []
    for relay_id in sorted(relays):
        standings = lanes.standings(relay_id)
        own = {provider for relay, provider in waiting if relay == relay_id}
        for provider_id in sorted(own | set(standings)):
            standing = standings.get(provider_id, Standing())
            day = "", False
            if relay_id in warming_up:
                day = _of_the_day(relay_id, provider_id, now)
            row = _row(relay_id, provider_id, standing, day, waiting, now)
            if row.waiting or row.why:
                found.append(row)
    return found


def _row(  # noqa: PLR0913, PLR0917
    relay_id: int,
    provider_id: int,
    standing: Standing,
    day: tuple[str, bool],
    waiting: dict[tuple[int, int], tuple[int, datetime | None]],
    now: datetime,
) -> LaneStanding:
    count, due_at = waiting.get((relay_id, provider_id), (0, None))
    slowed = standing.rate_at(now)
    limit = settings.SHAPING.relay(relay_id).limits(provider_id).per_second
    rates = [rate for rate in (slowed, limit) if rate is not None]
    troubled, suspended = standing.is_troubled(now), standing.is_suspended(now)
    of_the_day, is_full = day
    said = [_of_trouble(standing, now), of_the_day]
    return LaneStanding(
        relay_id=relay_id,
        provider_id=provider_id,
        receiver=provider_name(provider_id),
        waiting=count,
        due_at=due_at,
        per_second=min(rates, default=None),
        suspended_until=standing.suspended_until if suspended else None,
        since=standing.since if troubled else None,
        is_held=troubled or is_full,
        why="; ".join(filter(None, said)),
    )


def _of_trouble(standing: Standing, now: datetime) -> str:
    until = standing.suspended_until
    if until is not None and now < until:
        return f"suspended until {_near(until, now)}: {standing.reason}"
    rate = standing.rate_at(now)
    if rate is None or standing.usual is None:
        return ""
    since = f" since {_near(standing.since, now)}" if standing.since else ""
    return f"slowed{since}, {standing.usual:.1f} a second before: {standing.reason}"


def _of_the_day(relay_id: int, provider_id: int, now: datetime) -> tuple[str, bool]:
    """Return how far the day of a warm-up is, and whether its cap is used up."""
    plan = warming.plan_of(relay_id=relay_id, provider_id=provider_id, now=now)
    if plan is None:
        return "", False
    day = LaneDay.objects.filter(
        relay_id=relay_id, provider_id=provider_id, on=plan.on
    ).first()
    taken = day.taken if day else 0
    is_full = taken >= plan.cap
    rest = "; the rest leaves tomorrow" if is_full else ""
    of_cap = f"{grouped(taken)} of {grouped(plan.cap)} today"
    return f"step {plan.step} of its warm-up, {of_cap}{rest}", is_full


def _near(at: datetime, now: datetime) -> str:
    return near(at, ZoneInfo(settings.PAGE_TIME_ZONE), now)
