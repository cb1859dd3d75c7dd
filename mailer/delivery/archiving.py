"""Old runs leave the ledger, a partition at a time, for a file that was read again.

    export ─▶ read again ─▶ runs say archived ─▶ detach, concurrently ─▶ counted once
    more, when nobody can write ─▶ dropped

Nobody who sends or looks waits for any of it. A crash between two steps loses nothing:
the next call goes on. Sums of archived runs stay; their rows are in the file alone.
"""

import csv
import gzip
import io
import logging
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from mailer.delivery.models import Batch, Run
from mailer.delivery.partitions import Partition, last_run, partitions
from mailer.delivery.recounting import OVER
from mailer.kernel.errors import Permanent

SETTLED = timedelta(days=2)  # doubts are closed after one, letters forgotten after two
BATCHES_AT_ONCE = 10_000

log = logging.getLogger(__name__)

Sums = Counter[tuple[int, str]]  # rows by run and state

COUNT = "SELECT run_id, state, count(*) FROM {name} GROUP BY run_id, state"
EXPORT = (
    "COPY (SELECT run_id, position, subscriber_id, state, relay_id, code, settled_at,"
    " reason, doubted, fence FROM {name} ORDER BY run_id, position)"
    " TO STDOUT WITH (FORMAT csv, HEADER)"
)


class TooYoung(Permanent):
    """Runs of the last two days may still move; nothing was archived."""


class FileDiffers(Permanent):
    """The file does not say what the rows say; nothing was dropped."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A partition that left: its runs from first up to before end."""

    first: int
    end: int
    rows: int
    file: Path


def archive_runs(*, before: datetime, folder: Path, now: datetime) -> list[Archived]:
    """Write partitions all of whose runs were over before a moment to files; drop them.

    The partition that new runs go to stays. Not inside a transaction. Raises TooYoung,
    FileDiffers, OSError.
    """
    if before > now - SETTLED:
        raise TooYoung("Runs of the last two days may still move. Name an earlier day.")
    _drop_detached()
    return [
        _archive(partition, folder, now)
        for partition in partitions()
        if partition.end <= last_run() and _is_over(partition, before)
    ]


def _is_over(partition: Partition, before: datetime) -> bool:
    runs = _runs_of(partition)
    ended = Coalesce("finished_at", "release_at")
    young = runs.exclude(state__in=OVER) | runs.filter(give_up_at__gte=before)
    if young.exists() or runs.annotate(ended=ended).filter(ended__gte=before).exists():
        return False
    return not Batch.objects.filter(run__in=runs, done=False).exists()


def _runs_of(partition: Partition) -> QuerySet[Run]:
    return Run.objects.filter(pk__gte=partition.first, pk__lt=partition.end)


def _archive(partition: Partition, folder: Path, now: datetime) -> Archived:
    last = partition.end - 1
    target = folder / f"deliveries-of-runs-{partition.first}-{last}.csv.gz"
    _export(partition.name, target)
    written = _read_again(target)
    if written != _count(partition.name):
        raise FileDiffers(f"{target.name} does not say what the rows say.")
    _runs_of(partition).filter(archived_at=None).update(archived_at=now)
    _detach(partition)
    if written != _count(partition.name):  # nobody can write there any more
        _take_back(partition)
        raise FileDiffers(f"Rows changed while {target.name} was written.")
    _drop(partition.name, partition.first, partition.end)
    rows = written.total()
    log.info(
        "delivery.partition.archived from=%s to=%s rows=%s",
        *(partition.first, partition.end, rows),
    )
    return Archived(partition.first, partition.end, rows, target)


def _export(name: str, target: Path) -> None:
    """Write the rows of a partition to a file that only the owner may read."""
    part = target.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    connection.ensure_connection()
    with os.fdopen(descriptor, "wb") as raw:
        with (
            gzip.GzipFile(filename="", fileobj=raw, mode="wb") as file,
            connection.connection.cursor() as cursor,
            cursor.copy(EXPORT.format(name=name)) as rows,
        ):
            for block in rows:
                file.write(bytes(block))
        raw.flush()
        os.fsync(raw.fileno())
    part.replace(target)


def _read_again(target: Path) -> Sums:
    return Counter(_cells(target))


def _cells(target: Path) -> Iterator[tuple[int, str]]:
    with gzip.open(target, "rb") as raw:
        for row in csv.DictReader(io.TextIOWrapper(raw, "utf-8", newline="")):
            yield int(row["run_id"]), row["state"]


def _count(name: str) -> Sums:
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(name=name))
        return Counter({(run, state): n for run, state, n in cursor.fetchall()})


def _detach(partition: Partition) -> None:
    how = "FINALIZE" if partition.leaving else "CONCURRENTLY"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE delivery DETACH PARTITION {partition.name} {how}")


def _take_back(partition: Partition) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE delivery ATTACH PARTITION {partition.name}"
            f" FOR VALUES FROM ({partition.first}) TO ({partition.end})"
        )
    _runs_of(partition).update(archived_at=None)


def _drop(name: str, first: int, end: int) -> None:
    """Drop what was detached, and the batches of its runs, some thousand a commit."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {name}")
    while True:
        old = Batch.objects.filter(run__gte=first, run__lt=end).order_by("pk")
        some = list(old.values_list("pk", flat=True)[:BATCHES_AT_ONCE])
        if not some:
            return
        Batch.objects.filter(pk__in=some).delete()


def _drop_detached() -> None:
    """Drop what a crash left detached: its runs say archived, its file was checked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname ~ '^delivery_from_[0-9]+$'"
            " AND relkind = 'r' AND NOT relispartition"
        )
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        runs = {run for run, _ in _count(name)}
        if not Run.objects.filter(pk__in=runs, archived_at=None).exists():
            _drop(name, min(runs, default=0), max(runs, default=-1) + 1)
