"""Whom a request is from, and the address of the page where it is confirmed."""

from datetime import datetime

from django.conf import settings

from mailer.audience import marks
from mailer.audience.maildomains import provider_for
from mailer.audience.models import SignUpRequest, Subscriber
from mailer.kernel.tokens import seal


def subscriber_for(request: SignUpRequest, *, now: datetime) -> Subscriber:
    """Return who has the address of a request, made known if new, and note it."""
    subscriber, _ = Subscriber.objects.get_or_create(
        address_key=request.address_key,
        defaults={
            "address": request.address,
            "address_shown": request.address_shown,
            "mark": marks.mark(request.address_key),
            "language": request.language,
            "place_id": request.place_code or None,
            "provider_id": provider_for(request.address.rpartition("@")[2], now=now),
            "created_at": now,
        },
    )
    request.subscriber = subscriber
    return subscriber


def confirm_url(request: SignUpRequest) -> str:
    """Return the whole address of the page that confirms a request."""
    if request.subscriber_id is None:
        raise ValueError(f"{request} belongs to nobody")
    numbers = [request.subscriber_id, request.pk]
    return f"{settings.PUBLIC_URL}/c/{seal('confirm', numbers, settings.TOKEN_KEYS)}"
