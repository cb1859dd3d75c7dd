"""The warm-up of relays: begun and ended by a person, counted by the windows of a day.

Only a relay in its warm-up pays for it: a row locked and written a window, some
thousands of mails a day. A day is the paper's own.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F

from mailer.delivery.models import Batch, LaneDay, WarmUp
from mailer.delivery.warmup import Day, cap_of, step_on

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a lane may do today: the step it is at, its cap, and when the day ends."""

    step: int
    cap: int
    on: date
    ends_at: datetime


def begin_warm_up(*, relay_id: int, begins_on: date, by: str) -> None:
    """Let a relay have only so many mails a day and receiver, from a day on.

    Begun anew it begins with the first step; the days before do not count.
    """
    WarmUp.objects.update_or_create(
        relay_id=relay_id, defaults={"begins_on": begins_on}
    )
    log.warning(
        "delivery.warm_up.begun relay=%s from=%s by=%s", relay_id, begins_on, by
    )


@transaction.atomic
def end_warm_up(*, relay_id: int, by: str, now: datetime) -> bool:
    """Let a relay have what there is; return whether it was in its warm-up.

    What waits for tomorrow is due now.
    """
    gone, _ = WarmUp.objects.filter(relay_id=relay_id).delete()
    if gone:
        until = _midnight_after(_today(now))
        waits = Batch.objects.filter(relay_id=relay_id, done=False, due_at=until)
        waits.update(due_at=now)
        log.warning("delivery.warm_up.ended relay=%s by=%s", relay_id, by)
    return bool(gone)


def plan_of(*, relay_id: int, provider_id: int, now: datetime) -> Plan | None:
    """Return what a lane may do today, None if its relay is not in a warm-up."""
    row = WarmUp.objects.filter(relay_id=relay_id).first()
    today = _today(now)
    if row is None or row.begins_on > today:
        return None
    days = LaneDay.objects.filter(
        relay_id=relay_id, provider_id=provider_id, on__gte=row.begins_on
    )
    step = step_on(
        today,
        [Day(one.on, one.taken, one.deferred, one.complaints) for one in days],
    )
    return Plan(step, cap_of(step), today, _midnight_after(today))


@transaction.atomic
def reserve(
    *, relay_id: int, provider_id: int, plan: Plan, wanted: int, anyway: bool
) -> int:
    """Take some of a day's cap; return how many are left to be had.

    anyway: they count and are had, cap or no cap: letters.
    """
    key = {"relay_id": relay_id, "provider_id": provider_id, "on": plan.on}
    LaneDay.objects.bulk_create([LaneDay(**key)], ignore_conflicts=True)
    row = LaneDay.objects.select_for_update().get(**key)
    granted = wanted if anyway else max(0, min(wanted, plan.cap - row.taken))
    LaneDay.objects.filter(**key).update(taken=row.taken + granted)
    return granted


def note(
    *, relay_id: int, provider_id: int, plan: Plan, unsent: int, deferred: int
) -> None:
    """Write down what became of mails reserved: not sent after all, put off."""
    LaneDay.objects.filter(
        relay_id=relay_id, provider_id=provider_id, on=plan.on
    ).update(taken=F("taken") - unsent, deferred=F("deferred") + deferred)


def note_complaint(*, relay_id: int, provider_id: int, now: datetime) -> None:
    """Count a complaint on the day it came, where its relay is in a warm-up."""
    LaneDay.objects.filter(
        relay_id=relay_id, provider_id=provider_id, on=_today(now)
    ).update(complaints=F("complaints") + 1)


def _today(now: datetime) -> date:
    return now.astimezone(ZoneInfo(settings.PAGE_TIME_ZONE)).date()


def _midnight_after(day: date) -> datetime:
    zone = ZoneInfo(settings.PAGE_TIME_ZONE)
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
