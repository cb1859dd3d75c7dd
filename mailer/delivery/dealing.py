"""Give batches to relays: to one that can take them, and home when theirs can again.

Each batch has a home, the relay it was dealt when its run was opened. Only free batches
move: what a worker holds is settled under the relay it was asked by.
"""

import logging
from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from mailer.audience import queries as audience
from mailer.audience.providers import PROVIDERS
from mailer.delivery import lease, routing, standing
from mailer.delivery.models import Batch, Run
from mailer.delivery.ringing import ring
from mailer.delivery.routing import Way

log = logging.getLogger(__name__)


def deal(*, now: datetime) -> dict[int, int]:
    """Put each free batch where it can go; return how many went to which relay.

    Home, if that relay takes mail; else to those that know it best; else it stays and
    waits. Batches of relays that are no longer in the settings go, too.
    """
    usable = standing.usable(now=now)
    astray = Batch.objects.filter(lease.free(now), done=False).filter(
        ~Q(relay_id__in=usable) | Q(home_id__in=usable) & ~Q(relay_id=F("home_id"))
    )
    to: dict[int, list[int]] = defaultdict(list)
    lost: dict[int, Way] = {}
    slugs = _slugs()
    for batch in astray.select_related("run").order_by("pk"):
        if batch.home_id in usable:
            to[batch.home_id].append(batch.pk)
        else:
            slug = slugs.get(batch.run.newsletter_id, "")
            lost[batch.pk] = Way(slug, batch.provider_id, batch.domain)
    shared = routing.share_out(lost, standing.configured(), usable=usable)
    for batch_id, relay_id in shared.items():
        to[relay_id].append(batch_id)
    return {relay_id: _move(found, relay_id, now) for relay_id, found in to.items()}


def drain_relay(*, relay_id: int, by: str, now: datetime) -> None:
    """Take a relay out: what waits for it moves, what is in flight there finishes.

    Workers see it within a second. If no other relay takes its mail, that waits.

    Raises NoSuchRelay.
    """
    standing.take_out(relay_id=relay_id, by=by, now=now)
    deal(now=now)


def use_relay(*, relay_id: int, by: str, now: datetime) -> None:
    """Put a relay back: its own batches come home. Raises NoSuchRelay."""
    standing.put_back(relay_id=relay_id, by=by)
    deal(now=now)
    ring(relay_id=relay_id, urgent=True)


def bring_one_home(*, relay_id: int, now: datetime) -> None:
    """Give a relay that is tried again one batch of its own, the most urgent one."""
    if Batch.objects.filter(relay_id=relay_id, done=False).exists():
        return
    own = lease.due_batches(relay_id=None, now=now).filter(home_id=relay_id)
    first = own.order_by("priority", "due_at", "pk").values_list("pk", flat=True)[:1]
    _move(list(first), relay_id, now)


def lane_of(
    run: Run, *, provider_id: int, address: str, now: datetime
) -> dict[str, Any]:
    """Return by which lane a mail to one person goes: these fields of its batch."""
    relays = standing.configured()
    domain = address.rpartition("@")[2].lower()
    if domain not in routing.named_domains(relays):
        domain = ""
    way = Way(_slugs().get(run.newsletter_id, ""), provider_id, domain)
    able = routing.relays_for(way, relays, usable=standing.usable(now=now))
    turns = routing.wheel(able or routing.relays_for(way, relays, usable=_all()))
    relay_id = turns[run.pk % len(turns)]
    return {
        "relay_id": relay_id,
        "home_id": relay_id,
        "provider_id": provider_id,
        "domain": domain,
    }


def wheels_of(newsletter_id: int) -> tuple[list[str], dict[str, list[int]]]:
    """Return the domains that routes name, and how a list's batches are dealt.

    Whether a relay takes mail at the moment does not count: this is about homes.
    """
    relays = standing.configured()
    slug = _slugs().get(newsletter_id, "")
    found = routing.wheels(slug, relays, providers=list(PROVIDERS), usable=_all())
    return sorted(routing.named_domains(relays)), found


def _move(batch_ids: list[int], relay_id: int, now: datetime) -> int:
    # Free still: a worker may have leased one since we looked.
    free = Batch.objects.filter(lease.free(now), pk__in=batch_ids, done=False)
    moved = free.update(relay_id=relay_id)
    if moved:
        log.info("delivery.batches.dealt to=%s n=%s", relay_id, moved)
        ring(relay_id=relay_id, urgent=True)
    return moved


def _all() -> set[int]:
    return {relay.id for relay in standing.configured()}


def _slugs() -> dict[int, str]:
    """Return the short names of newsletters, if a route names one at all."""
    if not any(relay.newsletters for relay in standing.configured()):
        return {}
    known = audience.newsletters() + audience.newsletters(archived=True)
    return {one.id: one.slug for one in known}
