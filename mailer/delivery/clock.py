"""The clock of the ledger: the database's, so that machines may disagree."""

import time
from datetime import timedelta

from django.db import connection

from mailer.kernel.clock import Clock


def ledger_clock() -> Clock:
    """Return a clock that shows the database's time.

    Asked once, then counted on by this machine: good for a drain, not for a day.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (then,) = cursor.fetchone()
    started = time.monotonic()
    return lambda: then + timedelta(seconds=time.monotonic() - started)
