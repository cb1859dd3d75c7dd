"""Suppress addresses: by what servers answer, by complaint, by hand; and lift it."""

import logging
from datetime import datetime

from django.db import transaction

from mailer.audience import marks
from mailer.audience.address import read_address
from mailer.audience.consent import Evidence, Happened, How
from mailer.audience.leaving import stop_everything
from mailer.audience.models import FailureStreak, Subscriber, Suppression
from mailer.audience.records import write_down
from mailer.audience.suppression import (
    Judgement,
    Reason,
    Scope,
    Streak,
    heavier,
    judge,
)
from mailer.kernel.blame import Blame

log = logging.getLogger(__name__)

LONGEST_DETAIL = 200


@transaction.atomic
def hear(
    *,
    subscriber_id: int,
    blame: Blame | str,
    evidence_text: str,
    sent_at: datetime | None = None,
    now: datetime,
) -> Reason | None:
    """Take in that a mail to somebody failed or was complained about.

    evidence_text: the code and why, without any address. Returns why the address is
    suppressed by this, None if it is not. Who is erased or unknown stays untouched.
    sent_at: when the mail left; if the mails have moved to another address since, the
    failure is not about that one.
    """
    person = (
        Subscriber.objects.select_for_update(no_key=True)
        .filter(pk=subscriber_id, mark__isnull=False)
        .first()
    )
    if person is None or person.mark is None:
        return None
    if sent_at is not None and _has_moved_since(person, sent_at):
        return None
    blame = Blame(str(blame))
    row = FailureStreak.objects.filter(subscriber=person, blame=blame).first()
    streak = Streak(row.count, row.first_at, row.last_at) if row else None
    found = judge(blame, streak, now)
    _remember(person, blame, found)
    if found.reason is None:
        return None
    mark = bytes(person.mark)
    if not _suppress(mark, found.reason, found.scope, evidence_text, now):
        return found.reason  # heard before: a refusal, then the report about it
    evidence = Evidence(form="hear", channel="mail")
    if found.reason is Reason.COMPLAINT:
        stop_everything(
            subscriber_id=person.pk, evidence=evidence, now=now, how=How.COMPLAINT
        )
    write_down(
        subscriber_id=person.pk,
        what=Happened.SUPPRESSED,
        evidence=evidence,
        detail=f"{found.reason}: {evidence_text}"[:LONGEST_DETAIL],
        now=now,
    )
    log.info("audience.suppressed subscriber=%s reason=%s", person.pk, found.reason)
    return found.reason


def _has_moved_since(person: Subscriber, sent_at: datetime) -> bool:
    return person.consent_records.filter(
        what=Happened.ADDRESS_CHANGED, at__gt=sent_at
    ).exists()


def _remember(person: Subscriber, blame: Blame, found: Judgement) -> None:
    if found.streak is not None:
        FailureStreak.objects.update_or_create(
            subscriber=person,
            blame=blame,
            defaults={
                "count": found.streak.count,
                "first_at": found.streak.first_at,
                "last_at": found.streak.last_at,
            },
        )


@transaction.atomic
def suppress(
    *,
    address: str,
    reason: Reason = Reason.MANUAL,
    detail: str = "",
    evidence: Evidence,
    now: datetime,
) -> bool:
    """Leave an address alone, known or not; return whether that changed anything.

    Raises BadAddress.
    """
    key = read_address(address).key
    new = _suppress(marks.mark(key), reason, Scope.ALL, detail, now)
    person = Subscriber.objects.filter(address_key=key).first()
    if new and person is not None:
        write_down(
            subscriber_id=person.pk,
            what=Happened.SUPPRESSED,
            evidence=evidence,
            detail=f"{reason}: {detail}"[:LONGEST_DETAIL],
            now=now,
        )
    return new


@transaction.atomic
def lift(*, address: str, detail: str = "", evidence: Evidence, now: datetime) -> bool:
    """Let an address be written to again; return whether it was suppressed.

    Newsletters it had left stay left. Raises BadAddress.
    """
    key = read_address(address).key
    gone, _ = Suppression.objects.filter(mark=marks.mark(key)).delete()
    person = Subscriber.objects.filter(address_key=key).first()
    if gone and person is not None:
        FailureStreak.objects.filter(subscriber=person).delete()
        write_down(
            subscriber_id=person.pk,
            what=Happened.LIFTED,
            evidence=evidence,
            detail=detail,
            now=now,
        )
    return bool(gone)


def _suppress(
    mark: bytes, reason: Reason, scope: Scope, detail: str, now: datetime
) -> bool:
    """Suppress, or give a standing suppression a heavier reason; return if it did."""
    detail = "".join(c for c in detail if c.isprintable())[:LONGEST_DETAIL]
    row, new = Suppression.objects.select_for_update().get_or_create(
        mark=mark,
        defaults={"reason": reason, "scope": scope, "since": now, "detail": detail},
    )
    if new or heavier(Reason(row.reason), reason) == row.reason:
        return new
    row.reason, row.scope, row.detail = reason, scope, detail
    row.save(update_fields=["reason", "scope", "detail"])
    return True
