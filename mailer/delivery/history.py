"""Who got it, when, by which relay, with which reply: the ledger read row by row.

Every read is bounded: a page looks at so many batches and no further, an export walks
in steps, and one person's mails are looked up run by run, so many runs a page. There is
no index by state or by person: it would cost each delivery, and nobody asks that often.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from mailer.audience.providers import provider_name
from mailer.delivery.ledger import State
from mailer.delivery.models import Batch, Delivery, Reach, Run
from mailer.delivery.progress import DeliveryView
from mailer.delivery.run import RunKind

PAGE = 50
BATCHES_A_PAGE = 100  # some 100,000 rows where a filter finds little
RUNS_A_PAGE = 1_000
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery as it is told: by whom it went, and what was answered.

    at: when it was settled last; None while it is not. relay: that had it last. code:
    of the last reply, None where none was. reason: what was said, or why it never went;
    empty where it was accepted. was_in_doubt: nobody knew for a while. address: where
    it goes now, if it was asked for and she is still there.
    """

    run: int
    position: int
    subscriber: int
    provider: str
    state: State
    at: datetime | None
    relay: int | None
    code: int | None
    reason: str
    was_in_doubt: bool
    address: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of a run, in the order of their positions.

    next_after: where the next page begins; None at the end. looked_to: the last
    position that was looked at.
    """

    lines: tuple[Line, ...]
    next_after: int | None
    looked_to: int


# A letter that could not be made has a row and no batch.
PAGE_OF = """
WITH near AS MATERIALIZED (
    SELECT first, last, provider_id FROM batch
     WHERE run_id = %(run)s AND last > %(after)s
       AND (%(provider)s::smallint IS NULL OR provider_id = %(provider)s)
     ORDER BY first LIMIT %(batches)s
), looked AS (
    SELECT first, last, provider_id FROM near
     UNION ALL
    SELECT 1, 1000, 0 WHERE NOT EXISTS (SELECT FROM batch WHERE run_id = %(run)s)
)
SELECT d.position, d.subscriber_id, l.provider_id, d.state, d.settled_at, d.relay_id,
       d.code, d.reason, d.doubted, (SELECT max(last) FROM looked)
  FROM looked l
 CROSS JOIN LATERAL (
       SELECT * FROM delivery x
        WHERE x.run_id = %(run)s
          AND x.position BETWEEN greatest(l.first, %(after)s + 1) AND l.last
          AND (%(state)s::text IS NULL OR x.state = %(state)s)
          AND (%(relay)s::smallint IS NULL OR x.relay_id = %(relay)s)
        ORDER BY x.position LIMIT %(limit)s) d
 ORDER BY d.position LIMIT %(limit)s
"""
LOOKED_TO = """
SELECT coalesce(max(last), 0), count(*) FROM (
    SELECT last FROM batch
     WHERE run_id = %(run)s AND last > %(after)s
       AND (%(provider)s::smallint IS NULL OR provider_id = %(provider)s)
     ORDER BY first LIMIT %(batches)s) near
"""


def page(
    run_id: int,
    *,
    after: int = 0,
    state: State | None = None,
    provider_id: int | None = None,
    relay_id: int | None = None,
) -> Page:
    """Return the next PAGE deliveries of a run past a position, all or only these.

    Fewer, with next_after set, where a filter found little in as much as it looked at.
    """
    asked: dict[str, Any] = {
        "run": run_id,
        "after": after,
        "state": state,
        "provider": provider_id,
        "relay": relay_id,
        "batches": BATCHES_A_PAGE,
        "limit": PAGE + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(PAGE_OF, asked)
        rows = cursor.fetchall()
        cursor.execute(LOOKED_TO, asked)
        looked_to, batches = cursor.fetchone()
    lines = tuple(
        Line(
            run=run_id,
            position=row[0],
            subscriber=row[1],
            provider=provider_name(row[2]),
            state=State(row[3]),
            at=row[4],
            relay=row[5],
            code=row[6],
            reason=row[7],
            was_in_doubt=row[8],
        )
        for row in rows[:PAGE]
    )
    if len(rows) > PAGE:
        return Page(lines, lines[-1].position, lines[-1].position)
    return Page(lines, looked_to if batches == BATCHES_A_PAGE else None, looked_to)


def lines(
    run_id: int, *, state: State | None = None, addresses: bool = False
) -> Iterator[Line]:
    """Return all deliveries of a run in order, read in steps: memory stays flat.

    A run that is going is read as it stands at each step. addresses: say them, too.
    """
    of_run = Batch.objects.filter(run_id=run_id).order_by("first")
    batches = list(of_run.values_list("first", "provider_id"))
    starts = [first for first, _ in batches]
    after = 0
    while True:
        rows = Delivery.objects.filter(run_id=run_id, position__gt=after)
        step = list(rows.order_by("position")[:AT_ONCE])
        if not step:
            return
        after = step[-1].position
        wanted = [row for row in step if state is None or row.state == state]
        known = addresses_of(row.subscriber_id for row in wanted) if addresses else {}
        for row in wanted:
            found = bisect_right(starts, row.position)
            provider_id = batches[found - 1][1] if found else 0
            yield Line(
                run=run_id,
                position=row.position,
                subscriber=row.subscriber_id,
                provider=provider_name(provider_id),
                state=State(row.state),
                at=row.settled_at,
                relay=row.relay_id,
                code=row.code,
                reason=row.reason,
                was_in_doubt=row.doubted,
                address=known.get(row.subscriber_id, ""),
            )


def addresses_of(subscriber_ids: Iterable[int]) -> dict[int, str]:
    """Return where mail goes, by subscriber; who was erased has no address."""
    everybody = Reach.objects.filter(newsletter_id=0)
    found = everybody.filter(subscriber_id__in=list(subscriber_ids))
    return dict(found.values_list("subscriber_id", "address"))


@dataclass(frozen=True, slots=True)
class Mails:
    """Mails to one person, the latest first. before: where to look further back."""

    deliveries: tuple[DeliveryView, ...]
    before: int | None


def mails_to(subscriber_id: int, *, before: int | None = None) -> Mails:
    """Return the mails to one person in the latest RUNS_A_PAGE runs before this one.

    Runs whose rows were archived are not among them.
    """
    runs = Run.objects.filter(archived_at=None)
    if before is not None:
        runs = runs.filter(pk__lt=before)
    looked = list(runs.order_by("-pk").values_list("pk", flat=True)[:RUNS_A_PAGE])
    rows = list(
        Delivery.objects.filter(subscriber_id=subscriber_id, run_id__in=looked)
        # A look-up a run: there is no index by person.
        .order_by("-run_id")
    )
    known = Run.objects.in_bulk([row.run_id for row in rows])
    deliveries = tuple(view(row, known[row.run_id]) for row in rows)
    return Mails(deliveries, looked[-1] if len(looked) == RUNS_A_PAGE else None)


def providers_of(run_id: int) -> Sequence[tuple[int, str]]:
    """Return the receiving providers of a run, by name."""
    batches = Batch.objects.filter(run_id=run_id).order_by()
    ids = batches.values_list("provider_id", flat=True).distinct()
    return sorted(((one, provider_name(one)) for one in ids), key=lambda pair: pair[1])


def view(row: Delivery, run: Run) -> DeliveryView:
    """Return a row of the ledger with what it belongs to."""
    return DeliveryView(
        run_id=row.run_id,
        position=row.position,
        subscriber_id=row.subscriber_id,
        newsletter_id=run.newsletter_id,
        edition_id=run.edition_id,
        kind=RunKind(run.kind),
        state=State(row.state),
        code=row.code,
        settled_at=row.settled_at,
        reason=row.reason,
        relay_id=row.relay_id,
    )
