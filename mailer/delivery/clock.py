"""The clock of the ledger: the database's, so that machines may disagree."""

import time
from datetime import datetime, timedelta

from django.db import connection

from mailer.kernel.clock import Clock


def ledger_now() -> datetime:
    """Return the database's time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def ledger_clock() -> Clock:
    """Return a clock that shows the database's time.

    Asked once, then counted on by this machine: good for a drain, not for a day.
    """
    then, started = ledger_now(), time.monotonic()
    return lambda: then + timedelta(seconds=time.monotonic() - started)
