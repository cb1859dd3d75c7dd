"""What the ledger needs now and then: a look for what no bell announced, and order.

A look finds; it sends nothing itself, so that it may run anywhere and any number of
times.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef

from mailer import bell
from mailer.audience import queries as audience
from mailer.delivery import dealing, lease, standing
from mailer.delivery.control import stop_withdrawn
from mailer.delivery.doubts import close_old_doubts
from mailer.delivery.ending import TOO_LATE, cancel_rest, finish_if_over
from mailer.delivery.models import Batch, Run, RunText
from mailer.delivery.opening import open_due, release_due
from mailer.delivery.partitions import make_room
from mailer.delivery.progress import Recount
from mailer.delivery.recounting import recount_in_turn
from mailer.delivery.ringing import ring
from mailer.delivery.run import CLOSE_DOUBT_AFTER, RunKind, RunState, rest_reason
from mailer.kernel.bells import Bell

# Letters carry links that open doors. Longer than a doubt may stay open.
FORGET_TEXTS_AFTER = 2 * CLOSE_DOUBT_AFTER

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """What upkeep did: doubts closed, deliveries given up, runs that don't add up."""

    doubts_closed: int
    given_up: int
    wrong: tuple[Recount, ...]


def look(*, now: datetime, urgent_only: bool = False) -> list[int]:
    """Ring for mail that is due and that no bell announced; return its relays.

    So for relays that failed and are to be tried again, whether mail waits or not.

    urgent_only: also open the runs of alerts, whoever else may be busy with a digest.
    """
    release_due(now=now)
    stop_withdrawn(now=now)
    give_up(now=now)
    if urgent_only:
        open_due(now=now, urgent_only=True)
        if audience.letters_waiting(1):
            bell.ring(Bell.LETTERS)
    dealing.deal(now=now)
    found = [
        relay_id
        for relay_id in range(1, len(settings.RELAYS) + 1)
        if lease.is_due(relay_id=relay_id, now=now, urgent_only=urgent_only)
        or standing.wants_a_probe(relay_id=relay_id, now=now)
    ]
    for relay_id in found:
        ring(relay_id=relay_id, urgent=urgent_only)
    return found


def upkeep(*, now: datetime) -> Kept:
    """Put the ledger in order: what is old, half done, or counted wrong."""
    make_room(now=now)
    closed = close_old_doubts(now=now)
    given_up = give_up(now=now)
    _finish_half_done(now)
    dealing.deal(now=now)
    _forget_texts(now)
    return Kept(closed, given_up, tuple(recount_in_turn(now=now)))


def give_up(*, now: datetime) -> int:
    """Cancel what of a run has not gone when it is too old; return how many.

    No window asks for it any more, so that nothing leaves late meanwhile.
    """
    late = Run.objects.filter(state=RunState.OPEN, give_up_at__lte=now)
    return sum(
        cancel_rest(run_id=run_id, reason=TOO_LATE, now=now)
        for run_id in late.values_list("pk", flat=True)
    )


def _finish_half_done(now: datetime) -> None:
    """Go on with stops that a crash cut short, and close runs nobody closed."""
    going = Batch.objects.filter(done=False)
    half = going.filter(run__state=RunState.STOPPED).exclude(lease_ends_at__gt=now)
    for run_id, newer in half.values_list("run_id", "run__superseded_by").distinct():
        cancel_rest(run_id=run_id, reason=rest_reason(newer), now=now)
    quiet = Run.objects.filter(
        ~Exists(going.filter(run=OuterRef("pk"))),
        state=RunState.OPEN,
        opened_at__isnull=False,
    )
    for run_id in quiet.values_list("pk", flat=True):
        finish_if_over(run_id=run_id, now=now)


def _forget_texts(now: datetime) -> None:
    """Forget what letters said, once they are over; that they were sent stays."""
    over = Run.objects.filter(
        kind=RunKind.LETTER, finished_at__lt=now - FORGET_TEXTS_AFTER
    )
    RunText.objects.filter(run_id__in=over.values("pk")).delete()
