"""The one statement that moves deliveries along the wire, and the lease around it.

Write before you ask: `in_flight` commits before a server hears of it. Settling is
guarded by the fence in the row, asking by the fence of the batch, so that a worker
that overslept writes down what it knows and asks nobody any more.

Whoever changes rows of a batch locks the batch first: then no two wait for each other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from mailer.delivery.ledger import LEASE, State
from mailer.delivery.models import Batch, Delivery
from mailer.delivery.planned import planned_once
from mailer.delivery.run import RunKind, reach_of
from mailer.delivery.tally import TALLY_MOVED
from mailer.delivery.transport import Meanwhile
from mailer.kernel.errors import Temporary
from mailer.kernel.priority import Priority

STEP = f"""
WITH gate AS MATERIALIZED (
    SELECT r.state = 'open' AND r.give_up_at > %(now)s
           AND NOT EXISTS (SELECT FROM pause)
           AND NOT EXISTS (
               SELECT FROM batch u JOIN run ur ON ur.id = u.run_id
                WHERE NOT u.done AND u.relay_id = %(relay)s
                  AND u.priority < %(priority)s AND u.due_at <= %(now)s
                  AND (u.priority = 0 OR u.due_at <= %(long_due)s)
                  AND (u.lease_ends_at IS NULL OR u.lease_ends_at <= %(now)s)
                  AND ur.state = 'open' AND ur.give_up_at > %(now)s) AS open
      FROM run r WHERE r.id = %(run)s
), mine AS (
    UPDATE batch b
       SET next = CASE WHEN gate.open THEN %(stop)s ELSE b.next END,
           lease_ends_at = %(lease_ends_at)s, holder = pg_backend_pid()
      FROM gate
     WHERE b.id = %(batch)s AND b.fence = %(fence)s AND NOT b.done
    RETURNING gate.open
), settled AS (
    UPDATE delivery d
       SET state = a.state, code = a.code, reason = a.reason, relay_id = %(relay)s,
           settled_at = %(now)s, doubted = d.doubted OR a.state = 'in_doubt'
      FROM unnest(%(positions)s::int[], %(states)s::text[], %(codes)s::smallint[],
                  %(reasons)s::text[]) AS a (position, state, code, reason)
     WHERE d.run_id = %(run)s AND d.position = a.position AND d.fence = %(fence)s
       AND (d.state = 'in_flight'
            OR d.state = 'in_doubt' AND a.state IN ('accepted', 'refused'))
    RETURNING d.state,
              CASE WHEN d.doubted AND d.state <> 'in_doubt' THEN 'in_doubt'
                   ELSE 'in_flight' END AS was
), asked AS (
    UPDATE delivery d
       SET state = CASE WHEN w.wanted THEN 'in_flight' ELSE 'cancelled' END,
           reason = CASE WHEN w.wanted THEN '' ELSE 'not wanted' END,
           settled_at = CASE WHEN w.wanted THEN d.settled_at ELSE %(now)s END,
           fence = %(fence)s, doubted = false
      FROM (SELECT x.position, x.state AS was, coalesce(r.wanted, false) AS wanted,
                   r.address, r.tier, r.place_code, r.language
              FROM delivery x
              LEFT JOIN LATERAL (
                   SELECT v.* FROM audience_reach v
                    WHERE v.newsletter_id = %(newsletter)s
                      AND v.subscriber_id = x.subscriber_id
                    LIMIT 1) r ON true
             WHERE x.run_id = %(run)s AND x.state IN ('due', 'deferred')
               AND x.position >= %(start)s AND x.position < %(stop)s) w
     WHERE d.run_id = %(run)s AND d.position = w.position
       AND d.state IN ('due', 'deferred')  -- again: a cancel may have come between
       AND EXISTS (SELECT FROM mine WHERE mine.open)
    RETURNING d.position, d.subscriber_id, d.state, w.was, w.address, w.tier,
              w.place_code, w.language
), moved (provider_id, state, n) AS (
    SELECT %(provider)s::smallint, m.state, sum(m.n)
      FROM (SELECT state, 1 AS n FROM settled UNION ALL SELECT was, -1 FROM settled
            UNION ALL SELECT state, 1 FROM asked UNION ALL SELECT was, -1 FROM asked) m
     GROUP BY m.state
), {TALLY_MOVED}
SELECT mine.open, asked.position, asked.subscriber_id, asked.address, asked.tier,
       asked.place_code, asked.language
  FROM mine LEFT JOIN asked ON asked.state = 'in_flight'
 ORDER BY asked.position
"""  # noqa: S608  our own text

# What a last holder left in flight is in doubt from now on.
DOUBT = f"""
WITH lost AS (
    UPDATE delivery d
       SET state = 'in_doubt', doubted = true, settled_at = %(now)s,
           reason = 'the worker that sent it was lost'
     WHERE d.run_id = %(run)s AND d.position BETWEEN %(first)s AND %(last)s
       AND d.state = 'in_flight'
    RETURNING 1
), moved (provider_id, state, n) AS (
    SELECT %(provider)s::smallint, m.state, m.n
      FROM (SELECT count(*) AS lost FROM lost) c,
           LATERAL (VALUES ('in_doubt', c.lost), ('in_flight', -c.lost)) m (state, n)
), {TALLY_MOVED}
SELECT count(*) FROM lost
"""  # noqa: S608  our own text

# By the run's policy, or a person's word, or because it came too late.
PUT = f"""
WITH picked AS (
    SELECT d.position, d.state AS was FROM delivery d
     WHERE d.run_id = %(run)s AND d.position BETWEEN %(first)s AND %(last)s
       AND d.state = ANY(%(from)s)
       AND (%(positions)s::int[] IS NULL OR d.position = ANY(%(positions)s::int[]))
     ORDER BY d.position FOR UPDATE
), put AS (
    UPDATE delivery d
       SET state = %(to)s, reason = %(reason)s, settled_at = %(now)s
      FROM picked p WHERE d.run_id = %(run)s AND d.position = p.position
    RETURNING d.position, p.was
), moved (provider_id, state, n) AS (
    SELECT %(provider)s::smallint, m.state, sum(m.n)
      FROM (SELECT %(to)s::text AS state, 1 AS n FROM put
            UNION ALL SELECT was, -1 FROM put) m
     GROUP BY m.state
), {TALLY_MOVED}
SELECT count(*), min(position) FROM put
"""  # noqa: S608  our own text


# A letter is in the urgent pipe's hands within milliseconds. A digest gives way to it
# only where that pipe is missing, or each letter would stop each digest.
GIVES_WAY_AFTER = timedelta(milliseconds=500)


class LeaseLost(Temporary):
    """Another worker holds the batch by now: it must be sent no further from here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a step put in flight, with what decides what they get."""

    position: int
    subscriber_id: int
    address: str
    tier: str
    place_code: str
    language: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of one delivery, as the ledger writes it down."""

    state: State
    code: int | None = None
    reason: str = ""


@dataclass(slots=True)
class Hold:
    """A leased batch, and how far this worker is with it.

    waiting: in a later round, the positions it is about; None: all from `next` on.
    open: whether more may be asked, as the last step saw it: the run is open and its
    time not over, nothing is paused, and nothing more urgent waits for such a pipe.
    """

    batch_id: int
    run_id: int
    kind: RunKind
    reach_id: int  # whose readers are asked for; 0: whoever may be written to
    priority: Priority
    relay_id: int
    provider_id: int
    first: int
    last: int
    next: int
    attempt: int
    fence: int
    writer: int
    wave_at: datetime | None = None  # its readers' own hour, where there are waves
    waiting: Sequence[int] | None = None
    open: bool = True

    def __str__(self) -> str:
        return f"batch {self.batch_id} of run {self.run_id}"


def step(
    hold: Hold,
    answers: Mapping[int, Answer],
    *,
    stop: int,
    now: datetime,
    meanwhile: Meanwhile | None = None,
) -> list[Asked]:
    """Settle what was answered and ask for more: one statement, one commit.

    stop: ask from hold.next up to before here; hold.next only settles and renews the
    lease. Returns whom this put in flight, by position. Who left meanwhile, or is
    gone, is cancelled instead. hold.open tells whether more may be asked; if not,
    nobody was, and hold.next stays. meanwhile: goes on while PostgreSQL works.

    Raises LeaseLost if the batch is in other hands. The answers are written down even
    then: a delivery belongs to the fence that asked it.
    """
    parameters = _of(hold, now=now) | {
        "start": hold.next,
        "stop": stop,
        "lease_ends_at": now + LEASE,
        "positions": list(answers),
        "states": [answer.state.value for answer in answers.values()],
        "codes": [answer.code for answer in answers.values()],
        "reasons": [answer.reason for answer in answers.values()],
        "priority": hold.priority.value,
        "long_due": now - GIVES_WAY_AFTER,
    }
    rows = planned_once(STEP, parameters, meanwhile)
    if not rows:
        raise LeaseLost(f"{hold} is past fence {hold.fence}")
    hold.open = rows[0][0]
    if hold.open:
        hold.next = stop
    return [Asked(*row[1:]) for row in rows if row[1] is not None]


def doubt(hold: Hold, *, now: datetime) -> int:
    """Put what a batch's last holder left in flight in doubt; return how many.

    A late final answer of that holder may still clear it: the row keeps its fence.
    """
    with connection.cursor() as cursor:
        cursor.execute(DOUBT, _of(hold, now=now))
        (lost,) = cursor.fetchone() or (0,)
    return int(lost)


def put(  # noqa: PLR0913
    hold: Hold,
    states: Collection[State],
    to: State,
    *,
    reason: str,
    now: datetime,
    positions: Collection[int] | None = None,
) -> tuple[int, int | None]:
    """Move a batch's deliveries of some states, all or these; the batch is locked.

    Returns how many moved, and the first position, None if none.
    """
    moved = {
        "from": [state.value for state in states],
        "to": to.value,
        "reason": reason,
        "positions": None if positions is None else list(positions),
    }
    with connection.cursor() as cursor:
        cursor.execute(PUT, _of(hold, now=now) | moved)
        count, first = cursor.fetchone() or (0, None)
    return int(count), first


def waiting(hold: Hold) -> list[int]:
    """Return the positions of a batch that are due or deferred, in order."""
    rows = Delivery.objects.filter(
        run_id=hold.run_id,
        position__range=(hold.first, hold.last),
        state__in=[State.DUE, State.DEFERRED],
    )
    return list(rows.order_by("position").values_list("position", flat=True))


def hold_of(batch: Batch, *, writer: int) -> Hold:
    """Return a batch, with its run read beside it, as its holder sees it."""
    kind = RunKind(batch.run.kind)
    return Hold(
        batch_id=batch.pk,
        run_id=batch.run_id,
        kind=kind,
        reach_id=reach_of(kind, batch.run.newsletter_id),
        priority=Priority(batch.priority),
        relay_id=batch.relay_id,
        provider_id=batch.provider_id,
        first=batch.first,
        last=batch.last,
        next=batch.next,
        attempt=batch.attempt,
        fence=batch.fence,
        writer=writer,
        wave_at=batch.wave_at,
    )


def _of(hold: Hold, *, now: datetime) -> dict[str, Any]:
    return {
        "run": hold.run_id,
        "batch": hold.batch_id,
        "fence": hold.fence,
        "first": hold.first,
        "last": hold.last,
        "relay": hold.relay_id,
        "provider": hold.provider_id,
        "newsletter": hold.reach_id,
        "writer": hold.writer,
        "now": now,
    }
