"""Leases: who holds which batch and which pipe, for how long, and how it ends.

A lease is a row with a fence and an end. Whoever takes it raises the fence; whatever
an earlier holder still does with its own fence is refused.

A lease also ends with the holder's connection to the database: the kernel closes it
the moment a process is killed, and what it held is free at once. Behind a pooler, or
where a machine was cut off, the lease runs out instead.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, transaction
from django.db.models import (
    Exists,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.expressions import OrderBy
from django.db.models.functions import Cast

from mailer.delivery import lanes, standing
from mailer.delivery.ending import TOO_LATE, finish_if_over
from mailer.delivery.ledger import (
    LEASE,
    PIPE_LEASE,
    UNSENT,
    State,
    next_try_at,
)
from mailer.delivery.models import Backend, Batch, Pause, Pipe
from mailer.delivery.run import DoubtPolicy, RunState, rest_reason
from mailer.delivery.step import Hold, LeaseLost, doubt, hold_of, put, waiting
from mailer.delivery.tally import writer_of
from mailer.kernel.priority import Priority

OUR_BACKEND = Func(function="pg_backend_pid", output_field=IntegerField())
RESERVED = 0  # the number of the pipe for alerts and letters

log = logging.getLogger(__name__)


@transaction.atomic(durable=True)
def lease_a_batch(
    *,
    relay_id: int,
    writer: int,
    now: datetime,
    urgent_only: bool = False,
    resting: Collection[tuple[int | None, bool]] = (),
) -> Hold | None:
    """Take the most urgent free batch of a relay for the time of a LEASE.

    Of equally urgent ones, one of the lane that had its turn longest ago, so that no
    receiver holds up another. resting: lanes passed over, by provider (None: each) and
    whether for letters and above or for the rest.

    What its last holder left in flight is in doubt from now on. That is a
    statement of its own, after the lock: it must see that holder's last commit.
    """
    due = due_batches(relay_id=relay_id, now=now, urgent_only=urgent_only)
    for urgent in {urgent for _, urgent in resting}:
        lanes_resting = [provider for provider, one in resting if one is urgent]
        least = Q(priority__lte=Priority.LETTER)
        which = least if urgent else ~least
        if None not in lanes_resting:
            which &= Q(provider_id__in=lanes_resting)
        due = due.exclude(which)
    batch = (
        due.select_related("run")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("priority", _turn(relay_id), "due_at", "pk")
        .first()
    )
    if batch is None:
        return None
    lanes.served(relay_id=relay_id, provider_id=batch.provider_id, now=now)
    batch.fence += 1
    batch.lease_ends_at = now + LEASE
    batch.holder = OUR_BACKEND
    hold = hold_of(batch, writer=writer)
    lost = doubt(hold, now=now)
    if lost and batch.run.doubt_policy == DoubtPolicy.RESEND:
        _, position = put(hold, {State.IN_DOUBT}, State.DUE, reason="", now=now)
        hold.next = batch.next = min(batch.next, position or batch.next)
    batch.save(update_fields=["fence", "lease_ends_at", "holder", "next"])
    if batch.attempt > 1:
        hold.waiting = waiting(hold)
    log.info(
        "delivery.batch.leased run=%s batch=%s fence=%s in_doubt=%s",
        *(hold.run_id, hold.batch_id, hold.fence, lost),
    )
    return hold


def _turn(relay_id: int) -> OrderBy:
    """Return by what lanes take turns: never served first, then longest ago."""
    served = Value(lanes.in_turn(relay_id), output_field=ArrayField(IntegerField()))
    provider = Cast("provider_id", IntegerField())
    position = Func(
        served, provider, function="array_position", output_field=IntegerField()
    )
    return position.asc(nulls_first=True)


def free(now: datetime) -> Q:
    """Select the batches nobody holds: no lease, or past it, or its holder is gone.

    A pid that was given to another connection since costs the rest of the lease. So
    does a run that sends its doubts again: a holder that lost no more than its
    connection may be about to settle them.
    """
    alive = Exists(Backend.objects.filter(pk=OuterRef("holder")))
    gone = Q(~alive, holder__isnull=False, run__doubt_policy=DoubtPolicy.ASK)
    return Q(lease_ends_at=None) | Q(lease_ends_at__lte=now) | gone


def due_batches(
    *, relay_id: int | None, now: datetime, urgent_only: bool = False
) -> QuerySet[Batch]:
    """Select the batches that may be leased now, of one relay or of all."""
    due = Batch.objects.filter(
        free(now),
        done=False,
        due_at__lte=now,
        run__state=RunState.OPEN,
        run__give_up_at__gt=now,
    )
    if relay_id is not None:
        due = due.filter(relay_id=relay_id)
    if urgent_only:
        due = due.filter(priority__lte=Priority.LETTER)
    return due.exclude(Exists(Pause.objects.all()))


def is_due(*, relay_id: int, now: datetime, urgent_only: bool = False) -> bool:
    """Tell whether anything may be leased now."""
    return (
        standing.may_try(relay_id=relay_id, now=now)
        and due_batches(relay_id=relay_id, now=now, urgent_only=urgent_only).exists()
    )


@transaction.atomic(durable=True)
def hand_back(
    hold: Hold, *, now: datetime, again_from: int | None = None, due_at: datetime
) -> None:
    """End the lease: the batch is free for whoever looks, or done.

    due_at: when it may be leased again, if it is not through yet. again_from: the
    first position the relay never heard of; the batch goes on there.

    A batch that is through, but has deferred deliveries, becomes due again with the
    next attempt; past the run's time those are cancelled. Does nothing if the batch
    is in other hands.
    """
    batch = (
        Batch.objects.select_for_update(of=("self",))
        .select_related("run")
        .filter(pk=hold.batch_id, fence=hold.fence, done=False)
        .first()
    )
    if batch is None:
        return
    batch.lease_ends_at = None
    batch.next = min(batch.next, again_from or batch.next)
    if batch.run.state == RunState.STOPPED:
        reason = rest_reason(batch.run.superseded_by)
        put(hold, UNSENT, State.CANCELLED, reason=reason, now=now)
        batch.done = True
    elif batch.next <= batch.last:
        batch.due_at = max(due_at, batch.due_at)
    elif waiting(hold):
        batch.due_at = next_try_at(now, attempt=batch.attempt)
        batch.attempt, batch.next = batch.attempt + 1, batch.first
        if batch.due_at > batch.run.give_up_at:
            put(hold, UNSENT, State.CANCELLED, reason=TOO_LATE, now=now)
            batch.done = True
    else:
        batch.done = True
    batch.save(update_fields=["lease_ends_at", "next", "due_at", "attempt", "done"])
    if batch.done:
        finish_if_over(run_id=batch.run_id, now=now)


@dataclass(slots=True)
class PipeHold:
    """A worker's place at a relay: how many there are keeps the relay's own cap."""

    relay_id: int
    number: int
    fence: int
    renewed_at: datetime

    @property
    def writer(self) -> int:
        """Return the number under which this pipe keeps its tally."""
        return writer_of(self.relay_id, self.number)


TAKE_A_PIPE = """
UPDATE pipe p SET fence = p.fence + 1, lease_ends_at = %(ends_at)s,
                  holder = pg_backend_pid()
 WHERE p.relay_id = %(relay)s
   AND p.number = (SELECT number FROM pipe
                    WHERE relay_id = %(relay)s AND number = ANY(%(numbers)s)
                      AND (lease_ends_at IS NULL OR lease_ends_at <= %(now)s
                           OR holder IS NOT NULL AND NOT EXISTS (
                              SELECT FROM pg_stat_activity a WHERE a.pid = holder))
                    ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING p.number, p.fence
"""


@transaction.atomic(durable=True)
def lease_a_pipe(
    *, relay_id: int, pipes: int, now: datetime, urgent_only: bool = False
) -> PipeHold | None:
    """Take a free pipe to a relay, or None: all are held, so a doubled bell ends here.

    pipes: how many the configuration allows beside number 0, which is for urgent mail
    and only for it.
    """
    numbers = [RESERVED] if urgent_only else list(range(1, pipes + 1))
    Pipe.objects.bulk_create(
        [Pipe(relay_id=relay_id, number=number) for number in numbers],
        ignore_conflicts=True,
    )
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {
            "relay": relay_id,
            "numbers": numbers,
            "now": now,
            "ends_at": now + PIPE_LEASE,
        }
        cursor.execute(TAKE_A_PIPE, parameters)
        row = cursor.fetchone()
    return None if row is None else PipeHold(relay_id, row[0], row[1], now)


def renew(pipe: PipeHold, *, now: datetime) -> None:
    """Keep a pipe, if a third of its lease is over. Raises LeaseLost if it is not ours.

    Another worker may hold it by then, and the relay sees more sessions than it should.
    """
    if now - pipe.renewed_at < PIPE_LEASE / 3:
        return
    kept = _mine(pipe).update(lease_ends_at=now + PIPE_LEASE, holder=OUR_BACKEND)
    if not kept:
        raise LeaseLost(f"pipe {pipe.relay_id}.{pipe.number} is past {pipe.fence}")
    pipe.renewed_at = now


def let_go(pipe: PipeHold) -> None:
    """Free a pipe for whoever comes; one that is in other hands stays there."""
    _mine(pipe).update(lease_ends_at=None)


def _mine(pipe: PipeHold) -> QuerySet[Pipe]:
    return Pipe.objects.filter(
        relay_id=pipe.relay_id, number=pipe.number, fence=pipe.fence
    )
