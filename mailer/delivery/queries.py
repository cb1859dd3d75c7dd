"""What others may know of runs, deliveries, relays and what is due. Reads only."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import F, Q, QuerySet, Sum

from mailer.delivery import standing, tally
from mailer.delivery.doubts import CLOSED, runs_in_doubt
from mailer.delivery.history import view
from mailer.delivery.ledger import State
from mailer.delivery.models import Batch, Delivery, Pause, Pipe, Relay, Run
from mailer.delivery.progress import (
    DeliveryView,
    Doubt,
    LaneView,
    PauseView,
    Progress,
    RelayView,
    Waiting,
    rate,
)
from mailer.delivery.run import LETTERS, RunKind, RunState
from mailer.delivery.stock import variants_of
from mailer.rendering.variant import Variant


class UnknownRun(LookupError):
    """There is no run of this number."""


# Of the batches that are not done, what waits and since when, by priority. Positions
# not yet asked: close enough for a queue's depth, and no row is counted.
LANES = """
SELECT b.priority, count(*), sum(b.last - b.next + 1), min(b.due_at)
  FROM batch b JOIN run r ON r.id = b.run_id
 WHERE NOT b.done AND r.state = 'open' AND b.due_at <= %(now)s
   AND r.give_up_at > %(now)s
 GROUP BY b.priority ORDER BY b.priority
"""

WAITING = """
SELECT b.relay_id, sum(b.last - b.next + 1)
  FROM batch b JOIN run r ON r.id = b.run_id
 WHERE NOT b.done AND r.state = 'open' AND b.due_at <= %(now)s
   AND r.give_up_at > %(now)s
 GROUP BY b.relay_id
"""


def progress(run_id: int) -> Progress:
    """Return how far a run has come. Raises UnknownRun."""
    found = _progress(Run.objects.filter(pk=run_id))
    if not found:
        raise UnknownRun(f"There is no run {run_id}.")
    return found[0]


def progress_of(run_ids: Iterable[int]) -> dict[int, Progress]:
    """Return how far several runs have come, by number; unknown ones are left out."""
    return {one.run_id: one for one in _progress(Run.objects.filter(pk__in=run_ids))}


def progress_of_edition(edition_id: int) -> Progress | None:
    """Return how far an edition's run has come, None if it has none yet."""
    rows = Run.objects.filter(edition_id=edition_id).exclude(kind=RunKind.TEST)
    return next(iter(_progress(rows)), None)


def runs(
    *,
    limit: int = 50,
    states: Sequence[RunState] = (),
    letters: bool = False,
    before: int | None = None,
) -> list[Progress]:
    """Return the latest runs, newest first.

    states: only these; empty for all. letters: also runs to one person. before: only
    runs with a smaller number, for the next page.
    """
    rows = Run.objects.all()
    if states:
        rows = rows.filter(state__in=states)
    if not letters:
        rows = rows.exclude(kind=RunKind.LETTER)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return _progress(rows.order_by("-pk")[:limit])


def letters_on_their_way() -> int:
    """Count letters and tests that are neither done nor stopped."""
    over = [RunState.DONE, RunState.STOPPED]
    return Run.objects.filter(kind__in=LETTERS).exclude(state__in=over).count()


def doubt(run_id: int | None = None, *, limit: int = 500) -> list[Doubt]:
    """Return the open doubts of one run, or of all, oldest run first."""
    run_ids = runs_in_doubt() if run_id is None else [run_id]
    known = Run.objects.in_bulk(run_ids)
    found: list[Doubt] = []
    for one in run_ids:
        rows = (
            Delivery.objects.filter(run_id=one, state=State.IN_DOUBT)
            .exclude(reason=CLOSED)
            .order_by("position")[: limit - len(found)]
        )
        found += [_doubt(row, known[one]) for row in rows if one in known]
    return found


def delivery_of(run_id: int, position: int) -> DeliveryView | None:
    """Return one delivery and what it belongs to, None if there is none."""
    row = Delivery.objects.filter(run_id=run_id, position=position).first()
    run = Run.objects.filter(pk=run_id).first()
    return view(row, run) if row and run else None


def variant_of(run_id: int, number: int) -> Variant | None:
    """Return a variant as a run sends it, for "view in browser"; None if unknown."""
    run = Run.objects.filter(pk=run_id).first()
    found = variants_of(run) if run else []
    return next((one for one in found if one.number == number), None)


def pause() -> PauseView | None:
    """Return who paused everything and when, None while mail may go."""
    row = Pause.objects.first()
    return None if row is None else PauseView(by=row.by, at=row.at, reason=row.reason)


def relays(*, now: datetime) -> list[RelayView]:
    """Return how the relays of the settings answer, in their order."""
    configured = standing.configured()
    rows = Relay.objects.in_bulk([one.id for one in configured])
    held = list(
        Pipe.objects.filter(lease_ends_at__gt=now).values_list("relay_id", flat=True)
    )
    used = standing.used_of_day([one.id for one in configured if one.cap], now=now)
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"now": now})
        waiting = dict(cursor.fetchall())
    return [
        RelayView(
            relay_id=one.id,
            pipes_held=held.count(one.id),
            kind=one.kind,
            weight=one.weight,
            cap=one.cap,
            used_today=used.get(one.id, 0),
            waiting=waiting.get(one.id, 0),
            position=standing.breaker_of(row).position(now),
            failures=row.failures,
            failing_since=row.failing_since,
            retry_at=row.retry_at,
            last_ok_at=row.last_ok_at,
            reason=row.reason,
            drained_at=row.drained_at,
            drained_by=row.drained_by,
        )
        for one in configured
        for row in [
            rows.get(one.id) or Relay(pk=one.id, failures=0, reason="", drained_by="")
        ]
    ]


def lanes(*, now: datetime) -> list[LaneView]:
    """Return what is due in the ledger now, most urgent first."""
    with connection.cursor() as cursor:
        cursor.execute(LANES, {"now": now})
        return [LaneView(*row) for row in cursor.fetchall()]


def is_anything_due(*, now: datetime) -> bool:
    """Tell whether a worker would find mail to send."""
    due = Q(done=False, due_at__lte=now, run__state=RunState.OPEN)
    due &= Q(run__give_up_at__gt=now)
    return Batch.objects.filter(due).exists()


def _progress(rows: QuerySet[Run]) -> list[Progress]:
    found = list(rows)
    sums = tally.sums([run.pk for run in found])
    waves = _waves([run.pk for run in found if run.waves])
    return [_of(run, sums.get(run.pk, {}), waves.get(run.pk, ())) for run in found]


def _waves(run_ids: Sequence[int]) -> dict[int, tuple[Waiting, ...]]:
    """Return who waits for her own hour, by run, the first wave first."""
    if not run_ids:
        return {}
    waiting = Batch.objects.filter(
        run__in=run_ids, done=False, attempt=1, next=F("first"), due_at=F("wave_at")
    )
    people = Sum(F("last") - F("first") + 1)
    found: dict[int, tuple[Waiting, ...]] = {}
    rows = waiting.values_list("run_id", "wave_at").annotate(n=people)
    for run_id, at, n in rows.order_by("run_id", "wave_at"):
        found[run_id] = (*found.get(run_id, ()), Waiting(at, n))
    return found


def _of(
    run: Run,
    sums: dict[str, tuple[int, datetime, datetime]],
    waves: tuple[Waiting, ...],
) -> Progress:
    settled = [
        sums[state]
        for state in (State.ACCEPTED, State.REFUSED, State.DEFERRED, State.IN_DOUBT)
        if state in sums
    ]
    first_at = min((one[1] for one in settled), default=None)
    last_at = max((one[2] for one in settled), default=None)
    accepted = sums[State.ACCEPTED][0] if State.ACCEPTED in sums else 0
    return Progress(
        run_id=run.pk,
        kind=RunKind(run.kind),
        state=RunState(run.state),
        newsletter_id=run.newsletter_id,
        edition_id=run.edition_id,
        audience=run.audience,
        opened=run.opened_at is not None,
        asked_at=run.asked_at,
        release_at=run.release_at,
        first_at=first_at,
        last_at=last_at,
        finished_at=run.finished_at,
        per_second=rate(accepted, first_at, last_at),
        moved_by=run.moved_by,
        reason=run.reason,
        superseded_by=run.superseded_by,
        archived_at=run.archived_at,
        waves=waves,
        **{state.value: sums[state][0] for state in State if state in sums},
    )


def _doubt(row: Delivery, run: Run) -> Doubt:
    return Doubt(
        run_id=row.run_id,
        position=row.position,
        subscriber_id=row.subscriber_id,
        newsletter_id=run.newsletter_id,
        kind=RunKind(run.kind),
        asked_at=run.asked_at,
        settled_at=row.settled_at,
        reason=row.reason,
    )
