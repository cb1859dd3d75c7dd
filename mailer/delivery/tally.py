"""The tally of a run: deltas, written in the transaction that moves the rows.

Watching a run reads some hundred rows, never a million. recounting.py holds the tally
against the ledger itself.
"""

from datetime import datetime

from django.db import connection

OTHERS = 0  # the writer of all that no pipe does
WRITERS_A_RELAY = 1_000

# Wants a CTE moved (provider_id, state, n). In one order, so that none waits for ever.
TALLY_MOVED = """tallied AS (
    INSERT INTO run_tally AS t
           (run_id, writer, provider_id, state, n, began_at, changed_at)
    SELECT %(run)s, %(writer)s, provider_id, state, n, %(now)s, %(now)s
      FROM moved WHERE n <> 0 ORDER BY provider_id, state
    ON CONFLICT (run_id, writer, provider_id, state)
       DO UPDATE SET n = t.n + excluded.n,
                     changed_at = greatest(t.changed_at, excluded.changed_at)
)"""


def writer_of(relay_id: int, pipe: int) -> int:
    """Return the number under which a pipe keeps its rows, from 1 on."""
    return relay_id * WRITERS_A_RELAY + pipe + 1


def sums(run_ids: list[int]) -> dict[int, dict[str, tuple[int, datetime, datetime]]]:
    """Return, by run and state, how many there are, since when, and the last change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT run_id, state, sum(n), min(began_at), max(changed_at)"
            "  FROM run_tally WHERE run_id = ANY(%s) GROUP BY run_id, state",
            [run_ids],
        )
        found: dict[int, dict[str, tuple[int, datetime, datetime]]] = {}
        for run_id, state, *numbers in cursor.fetchall():
            found.setdefault(run_id, {})[state] = (
                int(numbers[0]),
                numbers[1],
                numbers[2],
            )
    return found
