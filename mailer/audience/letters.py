"""Ask for letters and for magic links; use a link; take a letter."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from mailer import bell
from mailer.audience import limits
from mailer.audience.address import read_address
from mailer.audience.letter import LetterKind
from mailer.audience.limits import Door
from mailer.audience.models import Letter, LinkRequest, Subscriber
from mailer.audience.queries import LINK_WITHIN
from mailer.kernel.bells import Bell
from mailer.kernel.tokens import seal

LINKS_A_DAY = 10

log = logging.getLogger(__name__)


@transaction.atomic
def ask_letter(
    *, kind: LetterKind, subscriber_id: int, data: dict[str, Any], now: datetime
) -> int:
    """Ask for a mail to one person, in the caller's transaction; return its id."""
    row = Letter.objects.create(
        kind=kind, subscriber_id=subscriber_id, data=data, asked_at=now
    )
    bell.ring(Bell.LETTERS)
    log.info("audience.letter.asked letter=%s kind=%s", row.pk, kind)
    return row.pk


def letter_taken(*, letter_id: int, now: datetime | None = None) -> bool:
    """Note that a letter has its run; return whether it was still waiting.

    now: the database's own time where the caller has none.
    """
    waiting = Letter.objects.filter(pk=letter_id, taken_at=None)
    return waiting.update(taken_at=now or Now()) == 1


@transaction.atomic
def ask_link(*, address: str, ip: str = "", now: datetime) -> None:
    """Write down that somebody wants the link to "my mails".

    The same work for every address, known or not: the letters worker finds out.

    Raises BadAddress, TooOften.
    """
    wanted = read_address(address)
    limits.knock(Door.LINK, address=wanted, ip=ip)
    LinkRequest.objects.create(address_key=wanted.key, asked_at=now)
    bell.ring(Bell.LETTERS)


def answer_link(request: LinkRequest, *, now: datetime) -> None:
    """Ask for the letter with the link, if anybody has this address."""
    lately = LinkRequest.objects.filter(
        address_key=request.address_key,
        subscriber__isnull=False,
        answered_at__gt=now - timedelta(hours=24),
    )
    subscriber = None
    if lately.count() < LINKS_A_DAY:  # counted here too: Redis may be away
        subscriber = Subscriber.objects.filter(address_key=request.address_key).first()
    request.answered_at = now
    request.subscriber = subscriber
    request.save(update_fields=["answered_at", "subscriber"])
    if subscriber is not None:
        link_letter(request, already_on=(), now=now)


def link_letter(
    request: LinkRequest, *, already_on: tuple[str, ...], now: datetime
) -> None:
    """Ask for the letter that carries a link."""
    if request.subscriber_id is None:
        raise ValueError(f"{request} belongs to nobody")
    data = {
        "url": link_url(request.pk),
        "minutes": int(LINK_WITHIN.total_seconds() // 60),
        "already_on": list(already_on),
    }
    ask_letter(
        kind=LetterKind.LINK, subscriber_id=request.subscriber_id, data=data, now=now
    )


def link_url(request_id: int) -> str:
    """Return the whole address of a magic link."""
    token = seal("link", [request_id], settings.TOKEN_KEYS)
    return f"{settings.PUBLIC_URL}/p/in/{token}"


def use_link(*, link_id: int, now: datetime) -> int | None:
    """Use a magic link up; return whose it is, None if it has stopped working."""
    fresh = LinkRequest.objects.filter(
        pk=link_id,
        subscriber__isnull=False,
        used_at=None,
        asked_at__gte=now - LINK_WITHIN,
    )
    if not fresh.update(used_at=now):  # one statement: two presses, one winner
        return None
    return LinkRequest.objects.values_list("subscriber_id", flat=True).get(pk=link_id)
