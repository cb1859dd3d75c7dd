"""How each relay stands: its breaker, whether it is taken out, what is left of its day.

The rule of the breaker is in breaker.py. A relay without a row has never failed.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from mailer.delivery import models
from mailer.delivery.breaker import Breaker, Position
from mailer.delivery.relays import Relay, read_relays
from mailer.kernel.errors import Permanent

log = logging.getLogger(__name__)


class NoSuchRelay(Permanent):
    """RELAYS has no relay of this number."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A worker may try a relay. is_probe: it alone may, and tells how it went."""

    is_probe: bool


def configured() -> tuple[Relay, ...]:
    """Return the relays of the settings, in their order."""
    return _read(tuple(settings.RELAYS), settings.RELAY_SESSIONS)


@lru_cache(maxsize=4)
def _read(urls: tuple[str, ...], sessions: int) -> tuple[Relay, ...]:
    return read_relays(urls, sessions=sessions)


def relay(relay_id: int) -> Relay:
    """Return a relay of the settings. Raises NoSuchRelay."""
    relays = configured()
    if not 1 <= relay_id <= len(relays):
        raise NoSuchRelay(f"There is no relay {relay_id}: RELAYS has {len(relays)}.")
    return relays[relay_id - 1]


def usable(*, now: datetime) -> set[int]:
    """Return the relays that take mail now: closed, not taken out, with mails left."""
    rows = models.Relay.objects.in_bulk()
    used = used_of_day([one.id for one in configured() if one.cap], now=now)
    return {
        one.id
        for one in configured()
        if _takes(rows.get(one.id)) and not (one.cap and used.get(one.id, 0) >= one.cap)
    }


def _takes(row: models.Relay | None) -> bool:
    return row is None or (row.retry_at is None and row.drained_at is None)


def may_try(*, relay_id: int, now: datetime) -> bool:
    """Tell whether a worker may try a relay: it takes mail, or wants a probe."""
    return relay_id in usable(now=now) or wants_a_probe(relay_id=relay_id, now=now)


def wants_a_probe(*, relay_id: int, now: datetime) -> bool:
    """Tell whether a relay's silence is over and nobody tries it yet."""
    row = models.Relay.objects.filter(pk=relay_id, drained_at=None).first()
    return row is not None and breaker_of(row).position(now) is Position.HALF_OPEN


@transaction.atomic
def enter(*, relay_id: int, now: datetime) -> Entry | None:
    """Let a worker try a relay, or None. Of many that find it half-open one gets in."""
    row = models.Relay.objects.select_for_update().filter(pk=relay_id).first()
    if row is None or (row.retry_at is None and row.drained_at is None):
        return Entry(is_probe=False) if relay_id in usable(now=now) else None
    breaker = breaker_of(row)
    if row.drained_at or breaker.position(now) is not Position.HALF_OPEN:
        return None
    _remember(row, breaker.probed(now))
    return Entry(is_probe=True)


@transaction.atomic
def failed(
    *,
    relay_id: int,
    reason: str,
    now: datetime,
    is_probe: bool = False,
    wish: timedelta = timedelta(),
) -> datetime:
    """Write down that a relay takes nothing, and return when to try it again."""
    row = _locked(relay_id)
    breaker = breaker_of(row).failed(now, is_probe=is_probe, wish=wish)
    row.reason = reason
    _remember(row, breaker)
    log.warning("delivery.relay.open relay=%s failures=%s", relay_id, breaker.failures)
    return breaker.retry_at or now


@transaction.atomic
def works(*, relay_id: int, now: datetime) -> bool:
    """Write down that a relay took a mail; return whether that closed its breaker."""
    row = _locked(relay_id)
    was_open = row.retry_at is not None
    row.last_ok_at, row.reason = now, ""
    _remember(row, Breaker())
    if was_open:
        log.info("delivery.relay.closed relay=%s", relay_id)
    return was_open


@transaction.atomic
def greeted(*, relay_id: int) -> None:
    """Write down that a probe was let in and had no mail to give."""
    row = _locked(relay_id)
    _remember(row, breaker_of(row).greeted())
    log.info("delivery.relay.greeted relay=%s", relay_id)


def take_out(*, relay_id: int, by: str, now: datetime) -> None:
    """Give a relay no more mail until somebody puts it back. Raises NoSuchRelay."""
    relay(relay_id)
    models.Relay.objects.bulk_create([models.Relay(pk=relay_id)], ignore_conflicts=True)
    rows = models.Relay.objects.filter(pk=relay_id, drained_at=None)
    if rows.update(drained_at=now, drained_by=by):
        log.warning("delivery.relay.taken_out relay=%s by=%s", relay_id, by)


def put_back(*, relay_id: int, by: str) -> None:
    """Give a relay mail again; nothing if it had never gone. Raises NoSuchRelay."""
    relay(relay_id)
    rows = models.Relay.objects.filter(pk=relay_id, drained_at__isnull=False)
    if rows.update(drained_at=None, drained_by=""):
        log.warning("delivery.relay.put_back relay=%s by=%s", relay_id, by)


def is_out(*, relay_id: int) -> bool:
    """Tell whether somebody has taken a relay out."""
    return models.Relay.objects.filter(pk=relay_id, drained_at__isnull=False).exists()


def breaker_of(row: models.Relay) -> Breaker:
    """Return what is remembered of a relay."""
    return Breaker(row.failures, row.failing_since, row.retry_at, row.probe_ends_at)


# ── mails a day ──

# Of what is left, at most what is wanted, in one statement: two workers never take the
# same mail of the day. The row is there; see below.
TAKE = """
UPDATE relay_day d SET n = d.n + granted.n
  FROM (SELECT x.relay_id, x.day, greatest(0, least(%(want)s, %(cap)s - x.n)) AS n
          FROM relay_day x WHERE x.relay_id = %(relay)s AND x.day = %(day)s
           FOR UPDATE) granted
 WHERE d.relay_id = granted.relay_id AND d.day = granted.day
RETURNING granted.n
"""


@dataclass(slots=True)
class Allowance:
    """How many mails of a relay's day a worker may use; what it does not, it returns.

    A worker that is killed returns nothing: a cap may be missed by less than a batch,
    and is never passed. n: None where the relay has no cap.
    """

    relay_id: int
    day: datetime
    n: int | None
    used: int = 0

    @property
    def left(self) -> int | None:
        """How many more may be asked; None for any number."""
        return None if self.n is None else max(0, self.n - self.used)


def allow(*, relay_id: int, want: int, now: datetime) -> Allowance:
    """Take some mails of a relay's day (UTC), as many as are wanted and left."""
    cap = relay(relay_id).cap
    if not cap:
        return Allowance(relay_id, now, None)
    models.RelayDay.objects.bulk_create(
        [models.RelayDay(relay_id=relay_id, day=now.date())], ignore_conflicts=True
    )
    with connection.cursor() as cursor:
        of: dict[str, Any] = {"relay": relay_id, "want": want, "cap": cap}
        of["day"] = now.date()
        cursor.execute(TAKE, of)
        row = cursor.fetchone()
    return Allowance(relay_id, now, row[0] if row else 0)


def give_back(allowance: Allowance) -> None:
    """Return what of an allowance was not used."""
    if not allowance.left:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE relay_day SET n = n - %s WHERE relay_id = %s AND day = %s",
            [allowance.left, allowance.relay_id, allowance.day.date()],
        )
    allowance.n = allowance.used


def used_of_day(relay_ids: list[int], *, now: datetime) -> dict[int, int]:
    """Return how many mails of this day (UTC) relays have had or are having."""
    if not relay_ids:
        return {}
    rows = models.RelayDay.objects.filter(relay_id__in=relay_ids, day=now.date())
    return dict(rows.values_list("relay_id", "n"))


def _locked(relay_id: int) -> models.Relay:
    models.Relay.objects.bulk_create([models.Relay(pk=relay_id)], ignore_conflicts=True)
    return models.Relay.objects.select_for_update().get(pk=relay_id)


def _remember(row: models.Relay, breaker: Breaker) -> None:
    row.failures, row.failing_since = breaker.failures, breaker.failing_since
    row.retry_at, row.probe_ends_at = breaker.retry_at, breaker.probe_ends_at
    fields = ["failures", "failing_since", "retry_at", "probe_ends_at"]
    row.save(update_fields=[*fields, "reason", "last_ok_at"])
