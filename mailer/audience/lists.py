"""Make newsletters and places; say who on the staff gets test sends."""

import re
from dataclasses import asdict, replace
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from mailer.audience import marks, models, queries
from mailer.audience.address import BadAddress, read_address
from mailer.audience.consent import SubscriberState
from mailer.audience.maildomains import provider_for
from mailer.audience.newsletter import Newsletter
from mailer.audience.queries import PlaceView

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
LIST_ID = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
LONGEST_LIST_ID = 255  # RFC 2919 §2
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class BadNewsletter(ValueError):
    """A newsletter cannot be like this; str() says which field and why."""


class BadPlace(ValueError):
    """A place cannot be like this; str() says why."""


def list_id_for(slug: str) -> str:
    """Return the list id of a new newsletter: below our own domain (RFC 2919 §2)."""
    return f"{slug}.list-id.{urlsplit(settings.PUBLIC_URL).hostname}"


@transaction.atomic
def create_newsletter(*, newsletter: Newsletter) -> int:
    """Make a newsletter and return its id; the id given does not count.

    An empty list_id is made from the slug. Raises BadNewsletter.
    """
    wanted = replace(
        newsletter, list_id=newsletter.list_id or list_id_for(newsletter.slug)
    )
    _check(wanted)
    columns = {k: v for k, v in asdict(wanted).items() if k != "id"}
    return models.Newsletter.objects.create(**columns).pk


@transaction.atomic
def change_newsletter(*, newsletter: Newsletter) -> None:
    """Change a newsletter in everything but its list id.

    Raises BadNewsletter, UnknownNewsletter.
    """
    before = queries.newsletter(newsletter.id)
    if newsletter.list_id != before.list_id:
        raise BadNewsletter("list_id never changes: mail programs know the list by it")
    _check(newsletter)
    columns = {k: v for k, v in asdict(newsletter).items() if k != "id"}
    models.Newsletter.objects.filter(pk=newsletter.id).update(**columns)


def _check(newsletter: Newsletter) -> None:
    if not SLUG.fullmatch(newsletter.slug):
        raise BadNewsletter(
            f"slug {newsletter.slug!r}: use small letters, digits and hyphens"
        )
    if not newsletter.name.strip():
        raise BadNewsletter("name is empty")
    for field in ("name", "from_name", "description", "rhythm"):
        if CONTROL.search(getattr(newsletter, field)):
            raise BadNewsletter(f"{field} has a line break or a control character")
    for field in ("from_address", "reply_to"):
        value = getattr(newsletter, field)
        if field == "reply_to" and not value:
            continue
        try:
            read_address(value)
        except BadAddress as error:
            raise BadNewsletter(f"{field}: {error}") from error
    if (
        not LIST_ID.fullmatch(newsletter.list_id)
        or len(newsletter.list_id) > LONGEST_LIST_ID
    ):
        raise BadNewsletter(
            f"list_id {newsletter.list_id!r}: it must look like "
            "morning.list-id.news.example.org, 255 characters at most"
        )
    _check_unique(newsletter)


def _check_unique(newsletter: Newsletter) -> None:
    others = models.Newsletter.objects.exclude(pk=newsletter.id)
    if others.filter(slug=newsletter.slug).exists():
        raise BadNewsletter(f"there is a newsletter {newsletter.slug} already")
    if others.filter(list_id__iexact=newsletter.list_id).exists():
        raise BadNewsletter(f"list_id {newsletter.list_id} is another newsletter's")


@transaction.atomic
def add_place(*, place: PlaceView) -> bool:
    """Add a place, or give one its new name; return whether it is new.

    Raises BadPlace.
    """
    if not place.code.strip() or not place.name.strip():
        raise BadPlace("a place has a code and a name")
    if place.parent == place.code:
        raise BadPlace(f"place {place.code} cannot lie in itself")
    if place.parent and not models.Place.objects.filter(pk=place.parent).exists():
        raise BadPlace(f"place {place.code}: there is no place {place.parent}")
    _, new = models.Place.objects.update_or_create(
        code=place.code,
        defaults={
            "name": place.name,
            "kind": place.kind or "municipality",
            "parent_id": place.parent or None,
        },
    )
    return new


@transaction.atomic
def set_staff(*, address: str, is_staff: bool = True, now: datetime) -> int:
    """Say whether an address gets test sends; return the subscriber's id.

    Somebody new is made known for that alone, on no newsletter. Raises BadAddress.
    """
    wanted = read_address(address)
    person, _ = models.Subscriber.objects.update_or_create(
        address_key=wanted.key,
        defaults={"is_staff": is_staff},
        create_defaults={
            "address": wanted.ascii,
            "address_shown": wanted.shown,
            "mark": marks.mark(wanted.key),
            "state": SubscriberState.ACTIVE,
            "provider_id": provider_for(wanted.domain, now=now),
            "is_staff": is_staff,
            "created_at": now,
        },
    )
    return person.pk
