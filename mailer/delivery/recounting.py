"""The tally held against the rows, for ever: each run in its turn; and its repair.

Pages read the tally, which is deltas. Every minute the rows of all runs that are going
are counted, and of those that are over the least lately counted ones, as many as
bounded work allows. What differs is kept with its run, for operators, until a later
count agrees. The rows are the truth.
"""

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from mailer.delivery.models import Run
from mailer.delivery.progress import Recount
from mailer.delivery.run import RunState
from mailer.delivery.tally import OTHERS, TALLY_MOVED

OVER = (RunState.DONE, RunState.STOPPED)
ROWS_A_PASS = 500_000  # of runs that are over: 0.1 s of counting
RUNS_A_PASS = 500  # most of them letters, of one row each

log = logging.getLogger(__name__)

# One statement, so that tally, rows and audience are those of one moment.
RECOUNT = """
WITH counted AS (
    SELECT coalesce(t.run_id, d.run_id) AS run_id, coalesce(t.state, d.state) AS state,
           coalesce(t.n, 0) AS tally, coalesce(d.n, 0) AS rows
      FROM (SELECT run_id, state, sum(n) AS n FROM run_tally
             WHERE run_id = ANY(%(runs)s) GROUP BY run_id, state) t
      FULL JOIN (SELECT run_id, state, count(*) AS n FROM delivery
                  WHERE run_id = ANY(%(runs)s) GROUP BY run_id, state) d
        ON d.run_id = t.run_id AND d.state = t.state
)
SELECT r.id, r.audience, coalesce(sum(c.rows), 0),
       coalesce(jsonb_object_agg(c.state, jsonb_build_array(c.tally, c.rows))
                FILTER (WHERE c.tally <> c.rows), '{}')
  FROM run r LEFT JOIN counted c ON c.run_id = r.id
 WHERE r.id = ANY(%(runs)s)
 GROUP BY r.id ORDER BY r.id
"""
# A delta of its own for what differs: it commutes with those of steps meanwhile. By
# batches, since they know who receives; a run that never had one is nobody's.
REPAIR = f"""
WITH said AS (
    SELECT provider_id, state, sum(n) AS n FROM run_tally
     WHERE run_id = %(run)s GROUP BY provider_id, state
), counted AS (
    SELECT b.provider_id, d.state, sum(d.n) AS n
      FROM batch b CROSS JOIN LATERAL (
           SELECT x.state, count(*) AS n FROM delivery x
            WHERE x.run_id = %(run)s AND x.position BETWEEN b.first AND b.last
            GROUP BY x.state) d
     WHERE b.run_id = %(run)s GROUP BY b.provider_id, d.state
     UNION ALL
    SELECT 0, x.state, count(*) FROM delivery x
     WHERE x.run_id = %(run)s
       AND NOT EXISTS (SELECT FROM batch WHERE run_id = %(run)s)
     GROUP BY x.state
), moved (provider_id, state, n) AS (
    SELECT coalesce(t.provider_id, c.provider_id), coalesce(t.state, c.state),
           coalesce(c.n, 0) - coalesce(t.n, 0)
      FROM said t FULL JOIN counted c
        ON c.provider_id = t.provider_id AND c.state = t.state
), {TALLY_MOVED}
SELECT count(*) FROM moved WHERE n <> 0
"""  # noqa: S608  our own text


def recount_in_turn(*, now: datetime) -> list[Recount]:
    """Count the rows of every run that is going, and of some that are over.

    Returns those whose sums differ, and writes down for each run counted whether.
    """
    alive = Run.objects.filter(archived_at=None)
    going = list(alive.exclude(state__in=OVER).values_list("pk", flat=True))
    turn, rows = list[int](), 0
    over = alive.filter(state__in=OVER)
    in_turn = over.order_by(F("recounted_at").asc(nulls_first=True))
    for run_id, audience in in_turn.values_list("pk", "audience")[:RUNS_A_PASS]:
        if turn and rows + audience > ROWS_A_PASS:
            break
        turn.append(run_id)
        rows += audience
    found = _recount(going) + _recount(turn)
    wrong = [one for one in found if one.differs]
    _note([one.run_id for one in found], wrong, now=now)
    for one in wrong:
        log.error("delivery.run.sums_wrong run=%s %s", one.run_id, dict(one.wrong))
    return wrong


def _recount(run_ids: Sequence[int]) -> list[Recount]:
    if not run_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT, {"runs": list(run_ids)})
        return [_as_recount(*row) for row in cursor.fetchall()]


def _as_recount(run_id: int, audience: int, rows: int, said: Any) -> Recount:
    wrong = json.loads(said) if isinstance(said, str) else said
    return Recount(
        run_id=run_id,
        audience=audience,
        rows=int(rows),
        wrong={state: (tally, n) for state, (tally, n) in wrong.items()},
    )


@transaction.atomic
def _note(run_ids: Sequence[int], wrong: Sequence[Recount], *, now: datetime) -> None:
    """Keep what was found with each run; one that somebody holds has its turn again."""
    free = Run.objects.select_for_update(skip_locked=True).filter(pk__in=run_ids)
    held = set(free.order_by("pk").values_list("pk", flat=True))
    differ = {one.run_id: one for one in wrong}
    Run.objects.filter(pk__in=held).update(recounted_at=now)
    Run.objects.filter(pk__in=held - set(differ), sums_wrong__isnull=False).update(
        sums_wrong=None
    )
    for run_id in sorted(held & set(differ)):
        one = differ[run_id]
        kept = {"audience": one.audience, "rows": one.rows, "states": dict(one.wrong)}
        Run.objects.filter(pk=run_id).update(sums_wrong=kept)


def known_to_differ() -> list[Recount]:
    """Return the runs whose sums differed when they were counted last, by number."""
    rows = Run.objects.filter(sums_wrong__isnull=False).order_by("pk")
    return [
        Recount(
            run_id=run_id,
            audience=kept["audience"],
            rows=kept["rows"],
            wrong={state: (tally, n) for state, (tally, n) in kept["states"].items()},
            counted_at=at,
        )
        for run_id, kept, at in rows.values_list("pk", "sums_wrong", "recounted_at")
        if kept is not None
    ]


@transaction.atomic
def repair(*, run_id: int, by: str, now: datetime) -> Recount | None:
    """Make the tally and the audience of a run say what its rows say, while it goes.

    Returns what was wrong, with nothing in it if nothing was; None if there is no such
    run, or its rows were archived.
    """
    run = Run.objects.select_for_update().filter(pk=run_id, archived_at=None).first()
    if run is None:
        return None
    [found] = _recount([run_id])
    with connection.cursor() as cursor:
        cursor.execute(REPAIR, {"run": run_id, "writer": OTHERS, "now": now})
    run.audience, run.recounted_at, run.sums_wrong = found.rows, now, None
    run.save(update_fields=["audience", "recounted_at", "sums_wrong"])
    if found.differs:
        log.warning("delivery.run.recounted run=%s by=%s", run_id, by)
    return found
