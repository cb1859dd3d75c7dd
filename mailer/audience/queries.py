"""What other rooms may know of the audience. Reads only."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from mailer.audience import marks, models
from mailer.audience.address import BadAddress, masked, read_address
from mailer.audience.consent import (
    Happened,
    SubscriberState,
    SubscriptionState,
    Tier,
)
from mailer.audience.letter import LetterKind, LetterView
from mailer.audience.newsletter import Newsletter
from mailer.audience.suppression import Reason, Scope
from mailer.kernel.errors import Permanent

CONFIRM_WITHIN = timedelta(days=7)
LINK_WITHIN = timedelta(minutes=15)
USUAL_OVER = 20  # days of history that say what is usual


class UnknownNewsletter(Permanent, LookupError):
    """There is no such newsletter."""


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place by code; parent is the code of what it lies in, or ""."""

    code: str
    name: str
    kind: str
    parent: str


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A person's standing with one newsletter."""

    newsletter_id: int
    state: SubscriptionState
    since: datetime
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SubscriberView:
    """A person. address is for the person's own eyes; `masked` for everybody else's."""

    id: int
    address: str
    language: str
    place_code: str
    tier: Tier
    state: SubscriberState
    hour: int | None
    time_zone: str  # an IANA name; empty: the paper's
    is_staff: bool
    subscriptions: tuple[SubscriptionView, ...] = ()

    @property
    def masked(self) -> str:
        """Return the address as pages show it."""
        return masked(self.address) if self.address else ""

    def standing(self, newsletter_id: int) -> SubscriptionState | None:
        """Return where this person stands with a newsletter, None if nowhere."""
        for one in self.subscriptions:
            if one.newsletter_id == newsletter_id:
                return one.state
        return None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the page behind the link of a confirmation shows.

    state: "open", "used", "expired". moves: the address is to replace another one.
    """

    state: str
    newsletter_ids: tuple[int, ...]
    place_code: str
    moves: bool
    address: str


@dataclass(frozen=True, slots=True)
class SuppressionView:
    """Why an address is left alone, since when, and how far."""

    reason: Reason
    scope: Scope
    since: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record of consent, with the words that were shown."""

    what: Happened
    at: datetime
    newsletter_id: int | None
    wording: str
    form: str
    channel: str
    detail: str


def newsletter(newsletter_id: int) -> Newsletter:
    """Return one newsletter. Raises UnknownNewsletter."""
    row = models.Newsletter.objects.filter(pk=newsletter_id).first()
    if row is None:
        raise UnknownNewsletter(f"there is no newsletter {newsletter_id}")
    return _newsletter(row)


def newsletter_by_slug(slug: str) -> Newsletter | None:
    """Return the newsletter with this short name, None if there is none."""
    row = models.Newsletter.objects.filter(slug=slug).first()
    return _newsletter(row) if row else None


def newsletters(*, archived: bool = False) -> list[Newsletter]:
    """Return the newsletters in the order they were made; archived: the old ones."""
    rows = models.Newsletter.objects.filter(archived=archived).order_by("pk")
    return [_newsletter(row) for row in rows]


def _newsletter(row: models.Newsletter) -> Newsletter:
    return Newsletter(
        id=row.pk,
        slug=row.slug,
        name=row.name,
        description=row.description,
        rhythm=row.rhythm,
        list_id=row.list_id,
        from_name=row.from_name,
        from_address=row.from_address,
        reply_to=row.reply_to,
        language=row.language,
        subscriber_only=row.subscriber_only,
        by_place=row.by_place,
        is_alerts=row.is_alerts,
        archived=row.archived,
    )


# What the view audience_reach says of one newsletter, in a form that PostgreSQL counts
# with several workers: 3 times as fast for a million. A law holds the two together.
COUNT = """
SELECT count(*)
  FROM audience_subscription x
  JOIN audience_subscriber s ON s.id = x.subscriber_id
  JOIN audience_newsletter n ON n.id = x.newsletter_id
 WHERE x.newsletter_id = %(newsletter)s AND s.state = 'active'
   AND (x.state = 'active' OR x.state = 'paused' AND x.paused_until <= now())
   AND (s.tier = 'subscriber' OR NOT n.subscriber_only)
   AND (%(place)s = '' OR s.place_code = %(place)s)
   AND (%(tier)s = '' OR s.tier = %(tier)s)
   AND NOT EXISTS (SELECT FROM audience_suppression q WHERE q.mark = s.mark)
"""
COUNT_LETTERS = """
SELECT count(*) FROM audience_reach
 WHERE newsletter_id = 0 AND wanted
   AND (%(place)s = '' OR place_code = %(place)s)
   AND (%(tier)s = '' OR tier = %(tier)s)
"""


def count_reach(*, newsletter_id: int, place_code: str = "", tier: str = "") -> int:
    """Return exactly how many would get a mail of this newsletter now.

    place_code and tier narrow it; "" means any. Newsletter 0: who may get letters.
    """
    values: dict[str, int | str] = {
        "newsletter": newsletter_id,
        "place": place_code,
        "tier": str(tier),
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT if newsletter_id else COUNT_LETTERS, values)
        return int(cursor.fetchone()[0])


def count_reach_by_place(newsletter_id: int) -> dict[str, int]:
    """Return exactly how many would get a mail of this newsletter now, by place."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place_code, count(*) FROM audience_reach"
            " WHERE newsletter_id = %s AND wanted AND place_code <> ''"
            " GROUP BY place_code",
            [newsletter_id],
        )
        return dict(cursor.fetchall())


def usual_reach(newsletter_id: int) -> int | None:
    """Return what a newsletter reached on a usual day, None without any history."""
    days = models.ReachDay.objects.filter(newsletter_id=newsletter_id)
    counts = list(days.order_by("-on").values_list("reach", flat=True)[:USUAL_OVER])
    return int(statistics.median(counts)) if counts else None


def places(search: str = "", *, limit: int = 1000) -> list[PlaceView]:
    """Return places whose name begins with or holds the words, by name."""
    rows = models.Place.objects.all()
    for word in search.split():
        rows = rows.filter(name__icontains=word)
    return [_place(row) for row in rows.order_by("name", "code")[:limit]]


def place(code: str) -> PlaceView | None:
    """Return a place by code, None if there is none."""
    row = models.Place.objects.filter(pk=code).first()
    return _place(row) if row else None


def _place(row: models.Place) -> PlaceView:
    return PlaceView(row.code, row.name, row.kind, row.parent_id or "")


def subscriber(subscriber_id: int) -> SubscriberView | None:
    """Return a person with all subscriptions, None if we never knew the number."""
    row = models.Subscriber.objects.filter(pk=subscriber_id).first()
    return _subscriber(row) if row else None


def subscriber_by_address(address: str) -> SubscriberView | None:
    """Return who has this address, None if nobody. Never for a public page."""
    try:
        key = read_address(address).key
    except BadAddress:
        return None
    row = models.Subscriber.objects.filter(address_key=key).first()
    return _subscriber(row) if row else None


def staff() -> list[SubscriberView]:
    """Return who may get test sends."""
    rows = models.Subscriber.objects.filter(is_staff=True).order_by("pk")
    return [_subscriber(row) for row in rows]


def _subscriber(row: models.Subscriber) -> SubscriberView:
    rows = row.subscriptions.order_by("newsletter_id")
    return SubscriberView(
        id=row.pk,
        address=row.address_shown,
        language=row.language,
        place_code=row.place_id or "",
        tier=Tier(row.tier),
        state=SubscriberState(row.state),
        hour=row.hour,
        time_zone=row.time_zone,
        is_staff=row.is_staff,
        subscriptions=tuple(
            SubscriptionView(
                s.newsletter_id, SubscriptionState(s.state), s.since, s.paused_until
            )
            for s in rows
        ),
    )


def confirmation(
    *, subscriber_id: int, request_id: int, now: datetime
) -> Confirmation | None:
    """Return what a confirmation asks, None if these numbers do not belong together."""
    row = models.SignUpRequest.objects.filter(
        pk=request_id, subscriber_id=subscriber_id
    ).first()
    if row is None:
        return None
    state = "used" if row.confirmed_at else "open"
    if state == "open" and now - row.asked_at > CONFIRM_WITHIN:
        state = "expired"
    return Confirmation(
        state=state,
        newsletter_ids=tuple(row.newsletter_ids),
        place_code=row.place_code,
        moves=row.moves_id is not None,
        address=row.address_shown,
    )


def link_works(*, link_id: int, now: datetime) -> bool:
    """Tell whether a magic link can still be used: once, within 15 minutes."""
    asked_since = now - LINK_WITHIN
    return models.LinkRequest.objects.filter(
        pk=link_id, subscriber__isnull=False, used_at=None, asked_at__gte=asked_since
    ).exists()


def letters_waiting(limit: int = 100) -> list[LetterView]:
    """Return letters that were asked for and not yet taken, oldest first."""
    rows = (
        models.Letter.objects.filter(taken_at=None)
        .select_related("subscriber")
        .order_by("pk")[:limit]
    )
    return [
        LetterView(
            id=row.pk,
            kind=LetterKind(row.kind),
            subscriber_id=row.subscriber_id,
            asked_at=row.asked_at,
            language=row.subscriber.language,
            data=row.data,
        )
        for row in rows
    ]


def suppression(address: str) -> SuppressionView | None:
    """Return why an address is left alone, None if it is not. Raises BadAddress."""
    key = read_address(address).key
    return _suppression(models.Suppression.objects.filter(pk=marks.mark(key)))


def suppression_of(subscriber_id: int) -> SuppressionView | None:
    """Return why a person is left alone, None if not."""
    mark = models.Subscriber.objects.filter(pk=subscriber_id).values("mark")
    return _suppression(models.Suppression.objects.filter(mark__in=mark))


def _suppression(rows: QuerySet[models.Suppression]) -> SuppressionView | None:
    row = rows.first()
    if row is None:
        return None
    return SuppressionView(Reason(row.reason), Scope(row.scope), row.since, row.detail)


def records_of(subscriber_id: int) -> list[RecordView]:
    """Return what somebody agreed to and took back, oldest first."""
    rows = (
        models.ConsentRecord.objects.filter(subscriber_id=subscriber_id)
        .select_related("wording")
        .order_by("pk")
    )
    return [
        RecordView(
            what=Happened(row.what),
            at=row.at,
            newsletter_id=row.newsletter_id,
            wording=row.wording.text,
            form=row.form,
            channel=row.channel,
            detail=row.detail,
        )
        for row in rows
    ]


def known(newsletter_ids: Iterable[int]) -> list[int]:
    """Return those of the ids that are newsletters one can join, in order."""
    wanted: Sequence[int] = list(newsletter_ids)
    rows = models.Newsletter.objects.filter(pk__in=wanted, archived=False)
    return sorted(rows.values_list("pk", flat=True))
