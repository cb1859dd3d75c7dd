"""What a reader sets on the page "my mails": newsletters, pauses, place, language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from mailer.audience import queries
from mailer.audience.consent import (
    Evidence,
    Happened,
    How,
    SubscriberState,
    SubscriptionState,
)
from mailer.audience.leaving import unsubscribe
from mailer.audience.models import Place, Subscriber, Subscription
from mailer.audience.records import write_down
from mailer.kernel.zones import is_zone

LONGEST_PAUSE = timedelta(days=366)


class UnknownPlace(ValueError):
    """There is no such place."""


class UnknownZone(ValueError):
    """There is no such time zone."""


class BadPause(ValueError):
    """A pause ends in the future, within a year."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Which newsletters were started and which were stopped."""

    started: tuple[int, ...] = ()
    stopped: tuple[int, ...] = ()


@transaction.atomic
def set_subscriptions(
    *,
    subscriber_id: int,
    newsletter_ids: Iterable[int],
    evidence: Evidence,
    now: datetime,
) -> Changed:
    """Put somebody on exactly these newsletters; a pause of one of them stays.

    For a person who came by a link to her own mailbox, so no further confirmation.
    """
    person = Subscriber.objects.select_for_update().get(pk=subscriber_id)
    if person.state == SubscriberState.ERASED:
        return Changed()
    wanted = set(queries.known(newsletter_ids))
    rows = {s.newsletter_id: s for s in person.subscriptions.all()}
    on = {
        n
        for n, s in rows.items()
        if s.state in (SubscriptionState.ACTIVE, SubscriptionState.PAUSED)
    }
    started, stopped = sorted(wanted - on), sorted(rows.keys() - wanted)
    stopped = [n for n in stopped if rows[n].state != SubscriptionState.LEFT]
    for newsletter_id in stopped:
        unsubscribe(
            subscriber_id=subscriber_id,
            newsletter_id=newsletter_id,
            how=How.PREFERENCES,
            evidence=evidence,
            now=now,
        )
    for newsletter_id in started:
        _set(person.pk, newsletter_id, SubscriptionState.ACTIVE, None, now)
    if started:
        _make_active(person, now)
        write_down(
            subscriber_id=subscriber_id,
            what=Happened.CHOSE,
            evidence=evidence,
            newsletter_ids=started,
            now=now,
        )
    return Changed(tuple(started), tuple(stopped))


@transaction.atomic
def pause_until(
    *,
    subscriber_id: int,
    newsletter_id: int,
    until: datetime | None,
    evidence: Evidence,
    now: datetime,
) -> bool:
    """Pause a newsletter until a moment, or end its pause (None).

    It starts again by itself. Returns False for who is not on it. Raises BadPause.
    """
    if until is not None and not now < until <= now + LONGEST_PAUSE:
        raise BadPause("A pause ends in the future, within a year")
    on = Subscription.objects.filter(
        newsletter_id=newsletter_id,
        subscriber_id=subscriber_id,
        state__in=(SubscriptionState.ACTIVE, SubscriptionState.PAUSED),
    )
    state = SubscriptionState.ACTIVE if until is None else SubscriptionState.PAUSED
    if not on.update(state=state, paused_until=until):
        return False
    write_down(
        subscriber_id=subscriber_id,
        what=Happened.CHOSE if until is None else Happened.PAUSED,
        evidence=evidence,
        newsletter_ids=[newsletter_id],
        detail="" if until is None else until.isoformat(),
        now=now,
    )
    return True


def set_place(
    *, subscriber_id: int, place_code: str, evidence: Evidence, now: datetime
) -> None:
    """Say where somebody lives; "" for nowhere. Raises UnknownPlace."""
    if place_code and not Place.objects.filter(pk=place_code).exists():
        raise UnknownPlace("Choose a place from the list")
    _set_field(
        subscriber_id,
        "place_id",
        place_code or None,
        f"place={place_code}",
        evidence,
        now,
    )


def set_language(
    *, subscriber_id: int, language: str, evidence: Evidence, now: datetime
) -> None:
    """Say in which language mails come, by its code."""
    _set_field(
        subscriber_id, "language", language, f"language={language}", evidence, now
    )


def set_hour(
    *, subscriber_id: int, hour: int | None, evidence: Evidence, now: datetime
) -> None:
    """Say at which hour the digest should come; None for the newsletter's own."""
    _set_field(subscriber_id, "hour", hour, f"hour={hour}", evidence, now)


def set_time_zone(
    *, subscriber_id: int, time_zone: str, evidence: Evidence, now: datetime
) -> None:
    """Say where somebody's clock stands, by its IANA name; "" for the paper's.

    Raises UnknownZone.
    """
    if time_zone and not is_zone(time_zone):
        raise UnknownZone("Choose a time zone from the list")
    detail = f"time_zone={time_zone}"
    _set_field(subscriber_id, "time_zone", time_zone, detail, evidence, now)


@transaction.atomic
def _set_field(  # noqa: PLR0913, PLR0917  private, and each of them is needed
    subscriber_id: int,
    field: str,
    value: object,
    detail: str,
    evidence: Evidence,
    now: datetime,
) -> None:
    rows = Subscriber.objects.filter(pk=subscriber_id, address_key__isnull=False)
    if rows.exclude(**{field: value}).update(**{field: value}):
        write_down(
            subscriber_id=subscriber_id,
            what=Happened.CHOSE,
            evidence=evidence,
            detail=detail,
            now=now,
        )


def _set(
    subscriber_id: int,
    newsletter_id: int,
    state: SubscriptionState,
    paused_until: datetime | None,
    now: datetime,
) -> None:
    Subscription.objects.update_or_create(
        newsletter_id=newsletter_id,
        subscriber_id=subscriber_id,
        defaults={"state": state, "since": now, "paused_until": paused_until},
    )


def _make_active(person: Subscriber, now: datetime) -> None:
    """Who came by a link has shown that the mailbox is hers."""
    if person.state == SubscriberState.UNCONFIRMED:
        person.state = SubscriberState.ACTIVE
        person.confirmed_at = now
        person.save(update_fields=["state", "confirmed_at"])
