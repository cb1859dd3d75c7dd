"""Leave a newsletter, undo it, leave them all. Seen by the very next window."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from mailer.audience.consent import Evidence, Happened, How, SubscriptionState
from mailer.audience.models import Subscription
from mailer.audience.records import write_down

log = logging.getLogger(__name__)

# The button is on the page that says "stopped"; a mail's token may be in other hands
# later, and must not sign anybody up.
UNDO_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Left:
    """Whether this press changed anything. False: was not on it, or had left."""

    changed: bool
    newsletter_id: int


@transaction.atomic
def unsubscribe(
    *,
    subscriber_id: int,
    newsletter_id: int,
    how: How,
    evidence: Evidence,
    now: datetime,
) -> Left:
    """Take somebody off one newsletter at once. Doing it again changes nothing.

    Rings no bell and asks nothing of Redis: leaving works when all else is down.
    """
    on = Subscription.objects.filter(
        newsletter_id=newsletter_id, subscriber_id=subscriber_id
    ).exclude(state=SubscriptionState.LEFT)
    changed = on.update(state=SubscriptionState.LEFT, since=now, paused_until=None) == 1
    if changed:
        write_down(
            subscriber_id=subscriber_id,
            what=Happened.LEFT,
            evidence=evidence,
            newsletter_ids=[newsletter_id],
            detail=how,
            now=now,
        )
        log.info(
            "audience.left subscriber=%s newsletter=%s how=%s",
            subscriber_id,
            newsletter_id,
            how,
        )
    return Left(changed, newsletter_id)


@transaction.atomic
def resubscribe(
    *, subscriber_id: int, newsletter_id: int, evidence: Evidence, now: datetime
) -> bool:
    """Undo leaving, within an hour of it; return whether it was undone."""
    just_left = Subscription.objects.filter(
        newsletter_id=newsletter_id,
        subscriber_id=subscriber_id,
        state=SubscriptionState.LEFT,
        since__gte=now - UNDO_WITHIN,
    )
    undone = just_left.update(state=SubscriptionState.ACTIVE, since=now) == 1
    if undone:
        write_down(
            subscriber_id=subscriber_id,
            what=Happened.CHOSE,
            evidence=evidence,
            newsletter_ids=[newsletter_id],
            detail="undo",
            now=now,
        )
    return undone


@transaction.atomic
def stop_everything(
    *,
    subscriber_id: int,
    evidence: Evidence,
    now: datetime,
    how: How = How.STOP_EVERYTHING,
) -> list[int]:
    """Take somebody off every newsletter at once; return which they were."""
    on = Subscription.objects.filter(subscriber_id=subscriber_id).exclude(
        state=SubscriptionState.LEFT
    )
    left = sorted(on.select_for_update().values_list("newsletter_id", flat=True))
    on.update(state=SubscriptionState.LEFT, since=now, paused_until=None)
    if left:
        write_down(
            subscriber_id=subscriber_id,
            what=Happened.LEFT,
            evidence=evidence,
            newsletter_ids=left,
            detail=how,
            now=now,
        )
    log.info("audience.left_all subscriber=%s lists=%s", subscriber_id, len(left))
    return left
