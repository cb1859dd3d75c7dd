"""The table of lanes: read by whoever drains, written when something changes.

A row is one receiver at one relay, whatever the priority. Its trouble outlives workers
and an emptied Redis; without trouble a row says only when the lane was served last.
"""

import logging
from dataclasses import asdict, fields
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from mailer.delivery.lane import Standing, faulted, slowed
from mailer.delivery.models import Batch, Lane
from mailer.delivery.ringing import ring
from mailer.kernel.priority import Priority

log = logging.getLogger(__name__)

HOLD_OFF = """
UPDATE batch SET due_at = %(until)s
 WHERE id IN (SELECT id FROM batch
               WHERE NOT done AND relay_id = %(relay)s AND provider_id = %(provider)s
                 AND due_at < %(until)s AND priority = ANY(%(priorities)s)
                 AND (%(run)s::int IS NULL OR run_id = %(run)s)
                 AND (lease_ends_at IS NULL OR lease_ends_at <= %(now)s)
               ORDER BY id FOR UPDATE SKIP LOCKED)
"""
NOT_LETTERS = [one for one in Priority if one is not Priority.LETTER]


def standings(relay_id: int) -> dict[int, Standing]:
    """Return how a relay's lanes stand, by provider; those without a row are well."""
    return {row.provider_id: _standing(row) for row in _rows(relay_id)}


def in_turn(relay_id: int) -> list[int]:
    """Return the providers of a relay, the one served longest ago first."""
    rows = _rows(relay_id).filter(served_at__isnull=False).order_by("served_at")
    return [row.provider_id for row in rows]


def served(*, relay_id: int, provider_id: int, now: datetime) -> None:
    """Write down that a lane has its turn."""
    Lane.objects.bulk_create(
        [Lane(relay_id=relay_id, provider_id=provider_id, served_at=now)],
        update_conflicts=True,
        unique_fields=["relay_id", "provider_id"],
        update_fields=["served_at"],
    )


@transaction.atomic
def hear(  # noqa: PLR0913  what a receiver said, and how often
    *,
    relay_id: int,
    provider_id: int,
    slower: str,
    fault: str,
    faults: int,
    answers: int,
    going: float,
    now: datetime,
) -> Standing:
    """Take in what a receiver says about us, and return how its lane stands then.

    slower: why it wants our mail more slowly, empty if it does not say so. fault: what
    it finds fault with, in so many of these answers. going: mails a second till now.
    """
    key = {"relay_id": relay_id, "provider_id": provider_id}
    Lane.objects.bulk_create([Lane(**key)], ignore_conflicts=True)
    row = Lane.objects.select_for_update().get(**key)
    before = standing = _standing(row)
    if slower:
        standing = slowed(standing, going=going, reason=slower, now=now)
    if faults:
        standing = faulted(
            standing, faults=faults, answers=answers, reason=fault, now=now
        )
    if standing != before:
        Lane.objects.filter(**key).update(**asdict(standing))
    if standing.rate != before.rate:
        log.warning(
            "delivery.lane.slowed relay=%s provider=%s per_second=%.2f why=%s",
            *(relay_id, provider_id, standing.rate, standing.reason),
        )
    if standing.suspended_until != before.suspended_until:
        log.error(
            "delivery.lane.suspended relay=%s provider=%s until=%s why=%s",
            *(relay_id, provider_id, standing.suspended_until, standing.reason),
        )
    return standing


def hold_off(  # noqa: PLR0913
    *,
    relay_id: int,
    provider_id: int,
    until: datetime,
    now: datetime,
    priorities: list[Priority] | None = None,
    run_id: int | None = None,
) -> int:
    """Let a lane's batches wait until then; return how many.

    priorities: only these, else all but letters. run_id: only this run's. So nobody
    leases what may not leave, and nothing gives way to it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            HOLD_OFF,
            {
                "relay": relay_id,
                "provider": provider_id,
                "until": until,
                "now": now,
                "priorities": [int(one) for one in priorities or NOT_LETTERS],
                "run": run_id,
            },
        )
        return int(cursor.rowcount)


@transaction.atomic
def resume_lane(*, relay_id: int, provider_id: int, by: str, now: datetime) -> bool:
    """Forget a lane's trouble, because a person mended it; return if there was any.

    What was held off by it is due now. Batches come before the lane, as in a lease.
    """
    row = _rows(relay_id).filter(provider_id=provider_id).first()
    if row is None or _standing(row) == Standing():
        return False
    if row.suspended_until is not None:
        Batch.objects.filter(
            relay_id=relay_id,
            provider_id=provider_id,
            done=False,
            due_at=row.suspended_until,
        ).update(due_at=now)
    _rows(relay_id).filter(provider_id=provider_id).update(**asdict(Standing()))
    ring(relay_id=relay_id, urgent=True)
    log.warning(
        "delivery.lane.resumed relay=%s provider=%s by=%s", relay_id, provider_id, by
    )
    return True


def _rows(relay_id: int) -> QuerySet[Lane]:
    return Lane.objects.filter(relay_id=relay_id)


def _standing(row: Lane) -> Standing:
    return Standing(**{one.name: getattr(row, one.name) for one in fields(Standing)})
