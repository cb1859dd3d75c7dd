"""The partitions of the ledger: ranges of run ids, each about a month of them.

The next one is made ahead, by upkeep and by whoever makes runs, and attached under a
lock that no reader or writer feels (SHARE UPDATE EXCLUSIVE). There is no default
partition: with one, none could be detached CONCURRENTLY.
"""

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

AHEAD = 1_000  # run ids that must be free
MONTH = timedelta(days=30)
ONE_AT_A_TIME = 4_174  # a number for pg_advisory_xact_lock, used for nothing else

log = logging.getLogger(__name__)

LIST = """
SELECT c.relname, pg_get_expr(c.relpartbound, c.oid), i.inhdetachpending
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = 'delivery'::regclass
"""
LAST_RUN = "SELECT coalesce(pg_sequence_last_value('run_id_seq'), 0)"
LATELY = "SELECT count(*) FROM run WHERE asked_at > %s"
RANGE = re.compile(r"FROM \('?(\d+)'?\) TO \('?(\d+)'?\)")
# Pages are filled to 70 %, as migration 0002 says why. Attaching makes the indexes.
MAKE = """
CREATE TABLE {name} (LIKE delivery INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    WITH (fillfactor = 70);
ALTER TABLE delivery ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({end})
"""


@dataclass(frozen=True, slots=True)
class Partition:
    """A part of the ledger: runs from first up to before end."""

    name: str
    first: int
    end: int
    leaving: bool = False  # its detach was begun and not ended


def partitions() -> list[Partition]:
    """Return the partitions, the oldest runs first."""
    with connection.cursor() as cursor:
        cursor.execute(LIST)
        rows = cursor.fetchall()
    found = []
    for name, bound, leaving in rows:
        limits = RANGE.search(bound or "")
        if limits:
            found.append(Partition(name, int(limits[1]), int(limits[2]), leaving))
    return sorted(found, key=lambda one: one.first)


def last_run() -> int:
    """Return the highest run id that was given out, 0 if none was."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_RUN)
        (last,) = cursor.fetchone() or (0,)
    return int(last)


def make_room(*, now: datetime) -> Partition | None:
    """Make the next partition if fewer than AHEAD run ids are left; return it.

    It takes as many ids as the last 30 days did.
    """
    if _has_room(partitions()):
        return None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        there = partitions()
        if _has_room(there):  # another was quicker
            return None
        cursor.execute(LATELY, [now - MONTH])
        (lately,) = cursor.fetchone() or (0,)
        first = max((one.end for one in there), default=1)
        end = max(first, last_run() + 1) + max(AHEAD, int(lately))
        made = Partition(f"delivery_from_{first}", first, end)
        cursor.execute(MAKE.format(name=made.name, first=first, end=end))
    log.info("delivery.partition.made from=%s to=%s", first, end)
    return made


def _has_room(there: list[Partition]) -> bool:
    return max((one.end for one in there), default=0) - last_run() > AHEAD
