"""A statement that is planned once a connection, and the wire that goes on beside it.

While PostgreSQL works and its disk writes, 16 sessions would stand still: 50 µs a mail
of 200 (tests/benchmarks/bench.py, road). So psycopg waits in the wire's own loop.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import psycopg
from django.db import connection
from psycopg.abc import PQGen
from psycopg.waiting import wait_async

from mailer.delivery.transport import Meanwhile

NEVER_BY_ITSELF = 2**31
LOOK_SECONDS = 0.1  # how often psycopg looks whether it was interrupted


def planned_once(
    statement: str, parameters: Mapping[str, Any], meanwhile: Meanwhile | None
) -> list[tuple[Any, ...]]:
    """Run a statement that PostgreSQL plans once a connection, and return its rows.

    meanwhile: goes on while PostgreSQL works.

    Planning the step anew would cost more than the step. Django binds parameters on
    this side, where nothing can be prepared, so this goes past its cursor.
    """
    connection.ensure_connection()
    raw = connection.connection
    if raw.prepare_threshold != NEVER_BY_ITSELF:  # None, as Django says, forbids it
        # Or PostgreSQL, which prices every partition of delivery before it leaves all
        # but one out, would plan each step anew: 131 µs a delivery instead of 31, with
        # twelve filled ones. A SET is undone with its transaction, then said again.
        raw.execute("SET plan_cache_mode = force_generic_plan")
        raw.prepare_threshold = NEVER_BY_ITSELF - connection.in_atomic_block
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        with nullcontext() if meanwhile is None else _waiting_beside(raw, meanwhile):
            cursor.execute(statement, parameters, prepare=True)
        return cursor.fetchall()


@contextmanager
def _waiting_beside(
    raw: psycopg.Connection[Any], meanwhile: Meanwhile
) -> Iterator[None]:
    """Let the wire go on while PostgreSQL works: psycopg waits in the wire's loop."""
    if raw.closed:
        yield  # the statement says so itself
        return
    socket = raw.pgconn.socket

    def wait(generator: PQGen[Any]) -> Any:
        return meanwhile.until(wait_async(generator, socket, LOOK_SECONDS))

    vars(raw)["wait"] = wait  # of this connection alone
    try:
        yield
    finally:
        del vars(raw)["wait"]
