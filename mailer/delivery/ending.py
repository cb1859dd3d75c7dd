"""How a run ends: by itself, once nothing of it moves any more, or by a stop.

A stop is two things: the run's state, which every later window sees, and the rows,
cancelled batch by batch. A crash between them loses nothing: upkeep goes on.
"""

import logging
from datetime import datetime

from django.db import transaction

from mailer.delivery.ledger import UNSENT, State
from mailer.delivery.models import Batch, Run
from mailer.delivery.run import LETTERS, RunState
from mailer.delivery.step import doubt, hold_of, put
from mailer.delivery.tally import OTHERS
from mailer.editions import operations as editions

TOO_LATE = "too late: its time was over"
BATCHES_A_COMMIT = 20  # some 0.2 s of locks

log = logging.getLogger(__name__)


@transaction.atomic
def finish_if_over(*, run_id: int, now: datetime) -> bool:
    """Call a run done if all of it is there and nothing of it moves any more.

    The run is locked first: of two last batches, the later one sees the earlier.
    """
    run = Run.objects.select_for_update().get(pk=run_id)
    if run.opened_at is None or run.state in {RunState.HELD, RunState.DONE}:
        return False
    if Batch.objects.filter(run_id=run_id, done=False).exists():
        return False
    first_time = run.finished_at is None
    run.finished_at = now
    if run.state != RunState.STOPPED:
        run.state = RunState.DONE
        if first_time and run.edition_id and run.kind not in LETTERS:
            editions.mark_sent(edition_id=run.edition_id, now=now)
    run.save(update_fields=["state", "finished_at"])
    log.info("delivery.run.over run=%s state=%s", run_id, run.state)
    return True


def cancel_rest(*, run_id: int, reason: str, now: datetime) -> int:
    """Cancel what of a run has not gone, a few batches a commit; return how many.

    Exact: a window asked at the same moment either has its rows first, and they count
    as gone, or finds them cancelled. A batch in somebody's hands is left to him: he
    waits for what is in flight and hands it back.
    """
    cancelled = 0
    after: int | None = 0
    while after is not None:
        count, after = _cancel_some(run_id, after, reason, now)
        cancelled += count
    finish_if_over(run_id=run_id, now=now)
    return cancelled


@transaction.atomic
def _cancel_some(
    run_id: int, after: int, reason: str, now: datetime
) -> tuple[int, int | None]:
    """Cancel in some batches past `after`; return how many, and the last batch."""
    batches = list(
        Batch.objects.select_for_update(of=("self",))
        .select_related("run")
        .filter(run_id=run_id, done=False, pk__gt=after)
        .order_by("pk")[:BATCHES_A_COMMIT]
    )
    cancelled = 0
    for batch in batches:
        hold = hold_of(batch, writer=OTHERS)
        count, _ = put(hold, UNSENT, State.CANCELLED, reason=reason, now=now)
        cancelled += count
        if batch.lease_ends_at is None or batch.lease_ends_at <= now:
            doubt(hold, now=now)
            batch.lease_ends_at, batch.done = None, True
            batch.fence += 1  # a holder that overslept asks for no more
            batch.save(update_fields=["lease_ends_at", "done", "fence"])
    return cancelled, batches[-1].pk if batches else None
