"""Deliveries in doubt: nobody knows whether the server took them. A person decides.

Sent again, a mail keeps its Message-ID, so that a mailbox may see that it has it. Where
nobody decides, a doubt is closed after a day and not sent again: old news twice is
worse than once too little.
"""

import logging
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from mailer.delivery.ledger import State
from mailer.delivery.models import Batch, Delivery, Run, Tally
from mailer.delivery.ringing import ring_for
from mailer.delivery.run import CLOSE_DOUBT_AFTER, RunState
from mailer.delivery.step import hold_of, put
from mailer.delivery.tally import OTHERS
from mailer.kernel.errors import Permanent

CLOSED = "in doubt for good: closed, not sent again"
MOST_AT_ONCE = 5_000

log = logging.getLogger(__name__)


class NotInDoubt(Permanent):
    """The run is stopped, or nothing of what was named is in doubt."""


@transaction.atomic
def resend_doubt(
    *, run_id: int, positions: Collection[int], by: str, now: datetime
) -> int:
    """Send deliveries in doubt again, with the same Message-ID; return how many.

    Each of them may come twice. Raises NotInDoubt if none of them is.
    """
    count = _settle(run_id, positions, State.DUE, reason="", now=now)
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.state == RunState.STOPPED:
        raise NotInDoubt(f"Run {run_id} is stopped: nothing of it is sent again.")
    if run.give_up_at <= now:
        raise NotInDoubt(f"The time of run {run_id} is over: nothing of it is sent.")
    if run.state == RunState.DONE:
        run.state = RunState.OPEN
        run.save(update_fields=["state"])
    ring_for(run_id=run_id)
    log.info("delivery.doubt.resent run=%s n=%s by=%s", run_id, count, by)
    return count


@transaction.atomic
def close_doubt(
    *, run_id: int, positions: Collection[int], by: str, now: datetime
) -> int:
    """Leave deliveries in doubt as they are, for good; return how many.

    They stay counted as in doubt. Raises NotInDoubt if none of them is.
    """
    count = _settle(run_id, positions, State.IN_DOUBT, reason=CLOSED, now=now)
    log.info("delivery.doubt.closed run=%s n=%s by=%s", run_id, count, by)
    return count


def close_old_doubts(*, now: datetime) -> int:
    """Close what nobody decided about for a day; return how many."""
    closed = 0
    for run_id in runs_in_doubt():
        old = Delivery.objects.filter(
            run_id=run_id,
            state=State.IN_DOUBT,
            settled_at__lte=now - CLOSE_DOUBT_AFTER,
        ).exclude(reason=CLOSED)
        positions = list(old.values_list("position", flat=True)[:MOST_AT_ONCE])
        if positions:
            closed += close_doubt(
                run_id=run_id, positions=positions, by="upkeep", now=now
            )
    return closed


def runs_in_doubt() -> list[int]:
    """Return the runs with deliveries in doubt, closed ones among them, by number."""
    in_doubt = Tally.objects.filter(state=State.IN_DOUBT).values("run_id")
    found = in_doubt.annotate(total=Sum("n")).filter(total__gt=0).order_by("run_id")
    return [row["run_id"] for row in found]


def _settle(
    run_id: int, positions: Collection[int], to: State, *, reason: str, now: datetime
) -> int:
    """Move deliveries out of doubt, or close them, batch by batch."""
    settled = 0
    wanted = sorted(set(positions))
    batches = (
        Batch.objects.select_for_update(of=("self",))
        .select_related("run")
        .filter(
            run_id=run_id,
            first__lte=max(wanted, default=0),
            last__gte=min(wanted, default=1),
        )
        .order_by("pk")
    )
    for batch in batches:
        hold = hold_of(batch, writer=OTHERS)
        count, first = put(
            hold, {State.IN_DOUBT}, to, reason=reason, now=now, positions=wanted
        )
        settled += count
        if first is not None and to is State.DUE:
            batch.next = min(batch.next, first)
            batch.done, batch.due_at = False, now
            batch.save(update_fields=["next", "done", "due_at"])
    if not settled:
        raise NotInDoubt(f"None of these deliveries of run {run_id} is in doubt.")
    return settled
