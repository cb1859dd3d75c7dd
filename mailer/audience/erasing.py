"""Give people their data, erase them, and forget what is no longer needed."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from mailer.audience import queries
from mailer.audience.consent import (
    Evidence,
    Happened,
    SubscriberState,
    SubscriptionState,
)
from mailer.audience.models import (
    ConsentRecord,
    FailureStreak,
    Letter,
    LinkRequest,
    Newsletter,
    ReachDay,
    SignUpRequest,
    Subscriber,
    Suppression,
)
from mailer.audience.records import write_down
from mailer.audience.suppression import Reason, Scope

log = logging.getLogger(__name__)

FORGET_WHERE_AFTER = timedelta(days=365)  # network address and browser
FORGET_REQUESTS_AFTER = timedelta(days=30)
FORGET_UNCONFIRMED_AFTER = timedelta(days=30)
SAYS_WHERE = Q(ip__isnull=False) | ~Q(user_agent="")  # an index of its own
TIDY_AT_MOST = 1000  # rows of a kind, so that tidying stays short


@transaction.atomic
def export(*, subscriber_id: int, evidence: Evidence, now: datetime) -> dict[str, Any]:
    """Return all we hold about somebody, ready for JSON (GDPR 15 and 20).

    Raises LookupError for whom we do not know.
    """
    person = queries.subscriber(subscriber_id)
    if person is None or person.state is SubscriberState.ERASED:
        raise LookupError(f"there is no subscriber {subscriber_id}")
    names = dict(Newsletter.objects.values_list("pk", "name"))
    records = ConsentRecord.objects.filter(subscriber_id=subscriber_id)
    where = records.order_by("pk").values_list("ip", "user_agent")
    suppression = queries.suppression_of(subscriber_id)
    data = {
        "exported_at": now.isoformat(),
        "address": person.address,
        "language": person.language,
        "place": person.place_code,
        "tier": person.tier.value,
        "state": person.state.value,
        "hour": person.hour,
        "time_zone": person.time_zone,
        "newsletters": [
            {
                "name": names[s.newsletter_id],
                "state": s.state.value,
                "since": s.since.isoformat(),
                "paused_until": s.paused_until and s.paused_until.isoformat(),
            }
            for s in person.subscriptions
        ],
        "suppressed": suppression and suppression.reason.value,
        "consent": [
            {
                "what": r.what.value,
                "at": r.at.isoformat(),
                "newsletter": names.get(r.newsletter_id or 0, ""),
                "shown": r.wording,
                "form": r.form,
                "channel": r.channel,
                "detail": r.detail,
                "ip": ip or "",
                "browser": user_agent,
            }
            for r, (ip, user_agent) in zip(
                queries.records_of(subscriber_id), where, strict=True
            )
        ],
    }
    write_down(
        subscriber_id=subscriber_id, what=Happened.EXPORTED, evidence=evidence, now=now
    )
    return data


@transaction.atomic
def erase(*, subscriber_id: int, evidence: Evidence, now: datetime) -> bool:
    """Forget a person; return whether there was one to forget.

    The number, dates and the wording of consents stay as proof. A scrambled mark of the
    address stays, so that it is never written to again.
    """
    person = (
        Subscriber.objects.select_for_update()
        .filter(pk=subscriber_id, address_key__isnull=False)
        .first()
    )
    if person is None or person.mark is None:
        return False
    Suppression.objects.update_or_create(
        mark=person.mark,
        defaults={"reason": Reason.ERASED, "scope": Scope.ALL, "since": now},
    )
    _forget(person, evidence=evidence, now=now)
    return True


def _forget(person: Subscriber, *, evidence: Evidence, now: datetime) -> None:
    mine = Q(address_key=person.address_key)
    SignUpRequest.objects.filter(mine | Q(subscriber=person) | Q(moves=person)).delete()
    LinkRequest.objects.filter(mine | Q(subscriber=person)).delete()
    Letter.objects.filter(subscriber=person).delete()
    FailureStreak.objects.filter(subscriber=person).delete()
    person.subscriptions.all().delete()
    person.address = person.address_shown = person.time_zone = ""
    person.address_key = person.mark = person.place = person.hour = None
    person.state = SubscriberState.ERASED
    person.is_staff = False
    person.provider_id = 0
    person.save()
    write_down(
        subscriber_id=person.pk,
        what=Happened.ERASED,
        evidence=Evidence(form=evidence.form, channel=evidence.channel),
        now=now,
    )
    _forget_where(ConsentRecord.objects.filter(subscriber=person))
    log.info("audience.erased subscriber=%s", person.pk)


def _forget_where(records: Any) -> int:
    return int(records.filter(SAYS_WHERE).update(ip=None, user_agent=""))


@dataclass(frozen=True, slots=True)
class Tidied:
    """How much was forgotten."""

    places_of_consent: int = 0
    requests: int = 0
    letters: int = 0
    never_confirmed: int = 0


def tidy(*, now: datetime) -> Tidied:
    """Forget what is no longer needed and note today's reach. Short, and repeatable."""
    old_records = ConsentRecord.objects.filter(
        SAYS_WHERE, recorded_at__lt=now - FORGET_WHERE_AFTER
    )
    oldest = old_records.order_by("recorded_at").values("pk")[:TIDY_AT_MOST]
    where = _forget_where(ConsentRecord.objects.filter(pk__in=oldest))
    before = now - FORGET_REQUESTS_AFTER
    requests = 0
    for model in (SignUpRequest, LinkRequest):
        requests += model.objects.filter(asked_at__lt=before).delete()[0]
    letters, _ = Letter.objects.filter(taken_at__lt=before).delete()
    forgotten = 0
    silent = (
        Subscriber.objects.filter(
            state=SubscriberState.UNCONFIRMED,
            created_at__lt=now - FORGET_UNCONFIRMED_AFTER,
            is_staff=False,
        )
        .exclude(subscriptions__state=SubscriptionState.ACTIVE)
        .order_by("created_at")[:TIDY_AT_MOST]
    )
    for person in silent:
        with transaction.atomic():
            _forget(person, evidence=Evidence(form="tidy", channel="command"), now=now)
        forgotten += 1
    note_reach(now=now)
    return Tidied(where, requests, letters, forgotten)


def note_reach(*, now: datetime) -> None:
    """Note what each newsletter reaches today, once a day."""
    today = now.date()
    noted = set(
        ReachDay.objects.filter(on=today).values_list("newsletter_id", flat=True)
    )
    for newsletter in queries.newsletters():
        if newsletter.id not in noted:
            reach = queries.count_reach(newsletter_id=newsletter.id)
            _note(newsletter.id, reach, now)


def _note(newsletter_id: int, reach: int, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO audience_reachday (newsletter_id, "on", reach) '
            "VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [newsletter_id, now.date(), reach],
        )
