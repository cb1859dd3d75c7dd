"""Move mails to another address: asked by the old one, pressed in the new."""

from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.db import transaction

from mailer import bell
from mailer.audience import letters, limits
from mailer.audience.address import masked, read_address
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
    SignUpRequest,
    Subscriber,
    Subscription,
)
from mailer.audience.queries import CONFIRM_WITHIN
from mailer.audience.records import write_down
from mailer.audience.requests import confirm_url, subscriber_for
from mailer.kernel.bells import Bell


def change_address(
    *, subscriber_id: int, address: str, evidence: Evidence, now: datetime
) -> None:
    """Ask to move somebody's mails to another address; both addresses are told.

    Nothing moves before the button in the new mailbox is pressed. Raises BadAddress,
    TooOften.
    """
    wanted = read_address(address)
    limits.knock(Door.CHANGE, address=wanted, ip=evidence.ip)
    with transaction.atomic():
        SignUpRequest.objects.create(
            address=wanted.ascii,
            address_shown=wanted.shown,
            address_key=wanted.key,
            newsletter_ids=[],
            evidence=asdict(evidence),
            asked_at=now,
            moves_id=subscriber_id,
        )
        bell.ring(Bell.LETTERS)


def answer_move(request: SignUpRequest, *, now: datetime) -> str:
    """Write to both addresses about a wish to move; return a word for it."""
    old = request.moves
    if old is None or old.address_key is None:
        return "gone"
    if old.address_key == request.address_key:
        return "same"
    new = subscriber_for(request, now=now)
    letters.ask_letter(
        kind=LetterKind.ADDRESS_CHANGE,
        subscriber_id=new.pk,
        data={
            "url": confirm_url(request),
            "from": masked(old.address_shown),
            "days": CONFIRM_WITHIN.days,
        },
        now=now,
    )
    letters.ask_letter(
        kind=LetterKind.ADDRESS_CHANGE,
        subscriber_id=old.pk,
        data={
            "url": f"{settings.PUBLIC_URL}/p/link",
            "to": masked(request.address_shown),
        },
        now=now,
    )
    return "moves"


def move(
    mover_id: int,
    holder: Subscriber,
    request: SignUpRequest,
    evidence: Evidence,
    now: datetime,
) -> None:
    """Give the holder's address to the mover; what the holder had comes along."""
    mover = Subscriber.objects.select_for_update().get(pk=mover_id)
    if mover.state == SubscriberState.ERASED:
        return
    address, shown, key = holder.address, holder.address_shown, holder.address_key
    provider, mark = holder.provider_id, holder.mark
    for other in holder.subscriptions.filter(state=SubscriptionState.ACTIVE):
        Subscription.objects.update_or_create(
            newsletter_id=other.newsletter_id,
            subscriber=mover,
            defaults={
                "state": SubscriptionState.ACTIVE,
                "since": other.since,
                "paused_until": None,
            },
        )
    holder.subscriptions.all().delete()
    holder.letters.filter(taken_at=None).delete()
    holder.state = SubscriberState.ERASED
    holder.address = holder.address_shown = ""
    holder.address_key = holder.mark = None
    holder.save()
    mover.address, mover.address_shown, mover.address_key = address, shown, key
    mover.provider_id, mover.mark = provider, mark
    mover.state = SubscriberState.ACTIVE  # the button showed that the mailbox is hers
    mover.save()
    FailureStreak.objects.filter(subscriber=mover).delete()
    write_down(
        subscriber_id=mover.pk,
        what=Happened.ADDRESS_CHANGED,
        evidence=evidence,
        request_id=request.pk,
        now=now,
    )
