"""Builders for the audience: newsletters, places, subscribers, readers by the thousand.

They write rows as the room's own operations leave them, without the way there.
"""

import itertools
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from mailer.audience import marks, models
from mailer.audience.address import read_address
from mailer.audience.consent import SubscriberState, SubscriptionState, Tier
from mailer.audience.newsletter import Newsletter
from mailer.audience.providers import provider_of
from mailer.audience.queries import SubscriberView, newsletter, subscriber
from mailer.kernel.tokens import Keys

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def a_domain() -> str:
    """Return a domain that nobody in this run of tests has an address at."""
    return f"d{next(_numbers)}.example"


@pytest.fixture
def fresh_keys(settings: Any) -> Keys:
    """Give a test its own token key, and by it its own rate limits in Redis.

    Counters are named by marks, so no other test's knocks count.
    """
    settings.TOKEN_KEYS = Keys(((1, os.urandom(32)),))
    keys: Keys = settings.TOKEN_KEYS
    return keys


def a_newsletter(
    slug: str = "", name: str = "Morning digest", **fields: Any
) -> Newsletter:
    """Return a newsletter that exists. Any field of the value may be given."""
    slug = slug or f"digest-{next(_numbers)}"
    row = models.Newsletter.objects.create(
        **{
            "slug": slug,
            "name": name,
            "description": "What happened at night and the day ahead.",
            "rhythm": "Weekdays, 06:00",
            "list_id": f"{slug}.list-id.news.causeway.example",
            "from_name": "The Causeway",
            "from_address": "digest@news.causeway.example",
            **fields,
        }
    )
    return newsletter(row.pk)


def a_place(code: str = "", name: str = "Tamba Valley", **fields: Any) -> str:
    """Return the code of a place that exists."""
    code = code or f"P{next(_numbers)}"
    models.Place.objects.get_or_create(code=code, defaults={"name": name, **fields})
    return code


def a_subscriber(  # noqa: PLR0913  a builder: all may be left out
    address: str = "",
    *,
    place: str = "",
    tier: Tier | str = Tier.FREE,
    language: str = "en",
    time_zone: str = "",
    hour: int | None = None,
    state: SubscriberState = SubscriberState.ACTIVE,
    is_staff: bool = False,
    now: datetime = NOW,
) -> SubscriberView:
    """Return a confirmed person on no newsletter; the place is made if it is new."""
    known = read_address(address or f"reader{next(_numbers)}@readers.example")
    if place:
        a_place(place, name=place)
    row = models.Subscriber.objects.create(
        address=known.ascii,
        address_shown=known.shown,
        address_key=known.key,
        mark=marks.mark(known.key),
        state=state,
        language=language,
        place_id=place or None,
        tier=tier,
        time_zone=time_zone,
        hour=hour,
        provider_id=provider_of(known.domain),
        is_staff=is_staff,
        created_at=now,
        confirmed_at=now if state is SubscriberState.ACTIVE else None,
    )
    return _seen(row.pk)


def a_reader_of(
    *lists: Newsletter,
    address: str = "",
    state: SubscriptionState = SubscriptionState.ACTIVE,
    paused_until: datetime | None = None,
    now: datetime = NOW,
    **person: Any,
) -> SubscriberView:
    """Return a person who gets these newsletters, or stands there as `state` says."""
    found = a_subscriber(address, now=now, **person)
    models.Subscription.objects.bulk_create(
        models.Subscription(
            newsletter_id=one.id,
            subscriber_id=found.id,
            state=state,
            since=now,
            paused_until=paused_until,
        )
        for one in lists
    )
    return _seen(found.id)


def readers_of(lists: Newsletter, *addresses: str) -> list[SubscriberView]:
    """Return one reader of a newsletter for each address, in their order."""
    return [a_reader_of(lists, address=address) for address in addresses]


def many_readers(
    n: int,
    *lists: Newsletter,
    domains: Sequence[str] = ("readers.example", "gmail.com", "outlook.com"),
    places: Sequence[str] = (),
    every_subscriber: int = 5,
    now: datetime = NOW,
) -> list[int]:
    """Return the ids of n readers of these newsletters, made in one statement.

    domains and places go round (gmail.com and outlook.com are other providers); each
    `every_subscriber`-th is of tier subscriber. Their marks are not those of their
    addresses: suppress them by `hear`, not by address.
    """
    codes = [a_place(code, name=code) for code in places]
    batch = next(_numbers)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO audience_subscriber (address, address_shown, address_key, mark,
                state, language, place_code, tier, provider_id, is_staff, created_at,
                confirmed_at)
            SELECT a, a, a, sha256(a::bytea), 'active', 'en',
                   (%(places)s::text[])[1 + g %% greatest(%(n_places)s, 1)],
                   CASE WHEN g %% %(every)s = 0 THEN 'subscriber' ELSE 'free' END,
                   (%(providers)s::int[])[1 + g %% %(n_domains)s], false,
                   %(now)s, %(now)s
              FROM (SELECT g, 'many' || %(batch)s || '.' || g || '@' ||
                           (%(domains)s::text[])[1 + g %% %(n_domains)s] AS a
                      FROM generate_series(1, %(n)s) g) made
             ORDER BY g
            RETURNING id
            """,
            {
                "n": n,
                "batch": batch,
                "domains": list(domains),
                "n_domains": len(domains),
                "providers": [provider_of(d) for d in domains],
                "places": codes,
                "n_places": len(codes),
                "every": every_subscriber,
                "now": now,
            },
        )
        ids = [row[0] for row in cursor.fetchall()]
        for one in lists:
            cursor.execute(
                "INSERT INTO audience_subscription "
                "(newsletter_id, subscriber_id, state, since) "
                "SELECT %s, unnest(%s::bigint[]), 'active', %s",
                [one.id, ids, now],
            )
    return ids


def _seen(subscriber_id: int) -> SubscriberView:
    found = subscriber(subscriber_id)
    if found is None:
        raise LookupError(subscriber_id)
    return found
