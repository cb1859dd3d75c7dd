"""Sign-up by double opt-in.

A sign-up writes one row, whatever the address: what we know of it shows in the mailbox
alone. The letters worker answers the rows; the button in the letter starts the mails.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction

from mailer import bell
from mailer.audience import letters, limits, marks, queries
from mailer.audience.address import read_address
from mailer.audience.consent import (
    Evidence,
    Happened,
    SubscriberState,
    SubscriptionState,
)
from mailer.audience.letter import LetterKind
from mailer.audience.limits import Door
from mailer.audience.models import (
    FailureStreak,
    LinkRequest,
    Newsletter,
    Place,
    SignUpRequest,
    Subscriber,
    Subscription,
    Suppression,
)
from mailer.audience.moving import answer_move, move
from mailer.audience.queries import CONFIRM_WITHIN
from mailer.audience.records import write_down
from mailer.audience.requests import confirm_url, subscriber_for
from mailer.audience.suppression import Scope
from mailer.kernel.bells import Bell

log = logging.getLogger(__name__)

# A first letter, and one more if it got lost: nobody's mailbox is bombed through us.
LETTERS_A_DAY = 2
DAY = timedelta(hours=24)


class NothingChosen(ValueError):
    """No newsletter was picked; nothing chosen means nobody."""


class Outcome(StrEnum):
    """What pressing the button of a confirmation led to."""

    STARTED = "started"
    ALREADY = "already"  # pressed before: as kind an answer
    EXPIRED = "expired"
    STOPPED = "stopped"  # the address was suppressed meanwhile
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The outcome, whose mails they are, and which newsletters."""

    outcome: Outcome
    subscriber_id: int = 0
    newsletter_ids: tuple[int, ...] = ()
    moved: bool = False  # the mails now go to another address


def sign_up(  # noqa: PLR0913  the form has this many fields
    *,
    address: str,
    newsletter_ids: Sequence[int],
    place_code: str = "",
    language: str = "en",
    evidence: Evidence,
    now: datetime,
) -> None:
    """Take a sign-up. The same work, answer and time for every address.

    Unknown newsletters and places are left out. Raises BadAddress, NothingChosen,
    TooOften, Closed; each str() is a sentence for the reader.
    """
    wanted = read_address(address)
    chosen = queries.known(newsletter_ids)
    if not chosen:
        raise NothingChosen("Pick at least one newsletter")
    limits.knock(Door.SIGN_UP, address=wanted, ip=evidence.ip)
    with transaction.atomic():
        SignUpRequest.objects.create(
            address=wanted.ascii,
            address_shown=wanted.shown,
            address_key=wanted.key,
            newsletter_ids=chosen,
            place_code=_known_place(place_code),
            language=language,
            evidence=asdict(evidence),
            asked_at=now,
        )
        bell.ring(Bell.LETTERS)


def answer_requests(*, now: datetime, limit: int = 200) -> int:
    """Answer waiting sign-ups and link requests by letters; return how many.

    Several workers may do so at once: each request is answered by one. Call it before
    `queries.letters_waiting`.
    """
    answered = 0
    while answered < limit and _answer_one(now=now):
        answered += 1
    return answered


@transaction.atomic
def _answer_one(*, now: datetime) -> bool:
    link = (
        LinkRequest.objects.select_for_update(skip_locked=True)
        .filter(answered_at=None)
        .order_by("pk")
        .first()
    )
    if link is not None:
        letters.answer_link(link, now=now)
        return True
    request = (
        SignUpRequest.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(answered_at=None)
        .order_by("pk")
        .first()
    )
    if request is None:
        return False
    request.answer = _answer(request, now=now)
    request.answered_at = now
    request.save(update_fields=["answer", "answered_at", "subscriber"])
    log.info("audience.sign_up.answered request=%s by=%s", request.pk, request.answer)
    return True


def _answer(request: SignUpRequest, *, now: datetime) -> str:
    """Do what a sign-up asks for and return a word for it."""
    everything = Suppression.objects.filter(
        mark=marks.mark(request.address_key), scope=Scope.ALL
    )
    if everything.exists():
        return "suppressed"
    lately = SignUpRequest.objects.filter(
        address_key=request.address_key,
        answer__in=("asked", "already", "moves"),
        answered_at__gt=now - DAY,
    )
    if lately.count() >= LETTERS_A_DAY:
        return "too often"
    if request.moves_id is not None:
        return answer_move(request, now=now)
    subscriber = subscriber_for(request, now=now)
    on = set(
        subscriber.subscriptions.filter(state=SubscriptionState.ACTIVE).values_list(
            "newsletter_id", flat=True
        )
    )
    missing = [n for n in request.newsletter_ids if n not in on]
    if not missing and subscriber.state == SubscriberState.ACTIVE:
        link = LinkRequest.objects.create(
            address_key=request.address_key,
            asked_at=now,
            answered_at=now,
            subscriber=subscriber,
        )
        names = _names(request.newsletter_ids)
        letters.link_letter(link, already_on=names, now=now)
        return "already"
    Subscription.objects.bulk_create(
        [
            Subscription(
                newsletter_id=n,
                subscriber=subscriber,
                state=SubscriptionState.PENDING,
                since=now,
            )
            for n in missing
        ],
        ignore_conflicts=True,  # who left stays so until the button is pressed
    )
    write_down(
        subscriber_id=subscriber.pk,
        what=Happened.ASKED,
        evidence=Evidence(**request.evidence),
        newsletter_ids=request.newsletter_ids,
        request_id=request.pk,
        now=request.asked_at,
    )
    place = queries.place(request.place_code)
    letters.ask_letter(
        kind=LetterKind.CONFIRM,
        subscriber_id=subscriber.pk,
        data={
            "url": confirm_url(request),
            "newsletters": list(_names(request.newsletter_ids)),
            "place": place.name if place else "",
            "days": CONFIRM_WITHIN.days,
        },
        now=now,
    )
    return "asked"


@transaction.atomic
def confirm(
    *, subscriber_id: int, request_id: int, evidence: Evidence, now: datetime
) -> Confirmed:
    """Start what a sign-up asked for, or move the mails: the button was pressed.

    Works once, for 7 days; a second press is answered as kindly and changes nothing.
    """
    request = (
        SignUpRequest.objects.select_for_update(of=("self",))
        .filter(pk=request_id, subscriber_id=subscriber_id)
        .first()
    )
    if request is None:
        return Confirmed(Outcome.UNKNOWN)
    moved = request.moves_id is not None
    whose = request.moves_id or subscriber_id
    lists = tuple(request.newsletter_ids)
    if request.confirmed_at is not None:
        return Confirmed(Outcome.ALREADY, whose, lists, moved)
    if now - request.asked_at > CONFIRM_WITHIN:
        return Confirmed(Outcome.EXPIRED, whose, lists, moved)
    person = Subscriber.objects.select_for_update().get(pk=subscriber_id)
    if person.mark is None or _is_stopped(bytes(person.mark)):
        return Confirmed(Outcome.STOPPED, whose, lists, moved)
    request.confirmed_at = now
    request.save(update_fields=["confirmed_at"])
    if request.moves_id is not None:
        move(request.moves_id, person, request, evidence, now)
    else:
        _start(person, request, evidence, now)
    log.info("audience.confirmed subscriber=%s request=%s", whose, request.pk)
    return Confirmed(Outcome.STARTED, whose, lists, moved)


def _is_stopped(mark: bytes) -> bool:
    """Tell whether everything is withheld; what was only failing starts afresh."""
    Suppression.objects.filter(mark=mark, scope=Scope.LISTS).delete()
    return Suppression.objects.filter(mark=mark).exists()


def _start(
    person: Subscriber, request: SignUpRequest, evidence: Evidence, now: datetime
) -> None:
    person.state = SubscriberState.ACTIVE
    person.confirmed_at = person.confirmed_at or now
    if request.place_code:
        person.place_id = request.place_code
    person.save(update_fields=["state", "confirmed_at", "place"])
    FailureStreak.objects.filter(subscriber=person).delete()
    for newsletter_id in request.newsletter_ids:
        Subscription.objects.update_or_create(
            newsletter_id=newsletter_id,
            subscriber=person,
            defaults={
                "state": SubscriptionState.ACTIVE,
                "since": now,
                "paused_until": None,
            },
        )
    write_down(
        subscriber_id=person.pk,
        what=Happened.CONFIRMED,
        evidence=evidence,
        newsletter_ids=request.newsletter_ids,
        request_id=request.pk,
        now=now,
    )


def _names(newsletter_ids: Sequence[int]) -> tuple[str, ...]:
    rows = Newsletter.objects.filter(pk__in=newsletter_ids).order_by("pk")
    return tuple(rows.values_list("name", flat=True))


def _known_place(code: str) -> str:
    return code if code and Place.objects.filter(pk=code).exists() else ""
