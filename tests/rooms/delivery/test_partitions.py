"""The ledger in partitions: room is made ahead, and old runs leave for files."""

import csv
import gzip
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from mailer.delivery import archiving, history, partitions, queries, recounting
from mailer.delivery import operations as delivery
from mailer.delivery.models import Batch, Delivery, Run
from tests.kit.audience import NOW
from tests.kit.delivery import NO_SUCH_USER, ScriptedTransport, a_run_of, drain
from tests.kit.workers import another_connection, wait_until

LATER = NOW + timedelta(days=40)
BEFORE = NOW + timedelta(days=30)


def uses_run_ids(up_to):
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('run_id_seq', %s)", [up_to])


@pytest.mark.django_db
def test_room_is_made_before_it_is_needed_and_only_then():
    partitions.make_room(now=NOW)
    top = partitions.partitions()[-1]

    uses_run_ids(top.end - partitions.AHEAD - 1)
    early = partitions.make_room(now=NOW)
    uses_run_ids(top.end - partitions.AHEAD)
    made = partitions.make_room(now=NOW)

    assert early is None
    assert (made.first, made.end) == (top.end, top.end + partitions.AHEAD)
    assert partitions.partitions()[-1] == made


@pytest.mark.django_db
def test_a_new_partition_keeps_room_on_its_pages_and_has_both_indexes():
    partitions.make_room(now=NOW)
    uses_run_ids(partitions.partitions()[-1].end)
    made = partitions.make_room(now=NOW)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reloptions FROM pg_class WHERE relname = %s", [made.name]
        )
        [(options,)] = cursor.fetchall()
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = %s ORDER BY 1",
            [made.name],
        )
        indexes = [row[0].partition("USING ")[2] for row in cursor.fetchall()]

    assert options == ["fillfactor=70"]
    assert indexes == ['btree (run_id, "position")', "btree (run_id, subscriber_id)"]


@pytest.mark.django_db
def test_a_partition_takes_as_many_runs_as_the_last_month_had(monkeypatch):
    partitions.make_room(now=NOW)
    monkeypatch.setattr(partitions, "AHEAD", 2)
    for n in range(5):
        a_run_of(f"r{n}@a.example")
    top = partitions.partitions()[-1]
    uses_run_ids(top.end)

    made = partitions.make_room(now=NOW + timedelta(days=1))

    assert made.end - max(made.first, top.end + 1) == 5


@pytest.mark.django_db
def test_a_step_is_never_planned_anew_however_many_partitions_there_are():
    a_run_of(*(f"r{n}@a.example" for n in range(30)))

    drain(ScriptedTransport(window=2))

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(custom_plans), sum(generic_plans) > 10"
            "  FROM pg_prepared_statements WHERE statement LIKE '%%WITH gate AS%%'"
        )
        assert cursor.fetchone() == (0, True)


@pytest.fixture
def old(transactional_db):  # noqa: ARG001
    """Two old runs in a partition of their own, and a newer one in the next."""
    partitions.make_room(now=NOW)
    uses_run_ids(partitions.partitions()[-1].end - 1)
    partitions.make_room(now=NOW)
    ours = partitions.partitions()[-1]
    first = a_run_of("ann@a.example", "ben@a.example")
    second = a_run_of("cat@a.example")
    drain(ScriptedTransport([NO_SUCH_USER]))
    uses_run_ids(ours.end - 1)
    newer = a_run_of("dan@a.example", now=LATER, release_at=LATER)
    yield first, second, newer
    uses_run_ids(newer.pk)


def archived(tmp_path):
    return delivery.archive_runs(before=BEFORE, folder=tmp_path, now=LATER)


def test_old_runs_leave_for_a_file_and_their_sums_stay(old, tmp_path):
    first, second, newer = old
    before = queries.progress(first.pk)

    done = [one for one in archived(tmp_path) if one.rows]

    [one] = done
    with gzip.open(one.file, "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    said = [(int(row["run_id"]), row["state"], row["code"]) for row in rows]
    assert said == [
        (first.pk, "refused", "550"),
        (first.pk, "accepted", "250"),
        (second.pk, "accepted", "250"),
    ]
    assert one.file.stat().st_mode & 0o777 == 0o600
    after = queries.progress(first.pk)
    assert (after.accepted, after.refused, after.total) == (1, 1, before.total)
    assert after.archived_at == LATER
    assert not Delivery.objects.filter(run_id=first.pk).exists()
    assert not Batch.objects.filter(run__in=[first.pk, second.pk]).exists()
    assert Delivery.objects.filter(run_id=newer.pk).count() == 1
    assert one.first not in [there.first for there in partitions.partitions()]


def test_what_is_archived_is_neither_recounted_nor_looked_for(old, tmp_path):
    first, _second, newer = old
    reader = Delivery.objects.get(run_id=newer.pk).subscriber_id
    archived(tmp_path)

    assert recounting.recount_in_turn(now=LATER) == []
    assert delivery.repair(run_id=first.pk, by="O", now=LATER) is None
    assert [m.run_id for m in history.mails_to(reader).deliveries] == [newer.pk]
    with pytest.raises(CommandError, match="archived"):
        call_command("export_deliveries", first.pk)


def test_a_partition_with_one_run_that_is_not_over_stays(old, tmp_path):
    first, _second, _newer = old
    Run.objects.filter(pk=first.pk).update(state="paused")

    assert [one for one in archived(tmp_path) if one.rows] == []
    assert Delivery.objects.filter(run_id=first.pk).count() == 2


def test_a_file_that_does_not_say_what_the_rows_say_drops_nothing(
    old, tmp_path, monkeypatch
):
    first, _second, _newer = old
    monkeypatch.setattr(archiving, "_read_again", lambda _file: archiving.Sums())

    with pytest.raises(delivery.FileDiffers):
        archived(tmp_path)

    assert Delivery.objects.filter(run_id=first.pk).count() == 2
    assert queries.progress(first.pk).archived_at is None


def test_rows_that_changed_while_they_were_written_come_back(
    old, tmp_path, monkeypatch
):
    first, _second, _newer = old
    detach = archiving._detach  # noqa: SLF001

    def slips_in(partition):
        if partition.first <= first.pk < partition.end:
            rows = Delivery.objects.filter(run_id=first.pk)
            rows.filter(position=1).update(state="accepted")
        detach(partition)

    monkeypatch.setattr(archiving, "_detach", slips_in)

    with pytest.raises(delivery.FileDiffers, match="changed"):
        archived(tmp_path)

    assert Delivery.objects.filter(run_id=first.pk).count() == 2
    assert queries.progress(first.pk).archived_at is None


def test_a_crash_between_detach_and_drop_is_ended_by_the_next_call(
    old, tmp_path, monkeypatch
):
    first, _second, _newer = old

    def dies(*_where):
        raise KeyboardInterrupt

    with monkeypatch.context() as here:
        here.setattr(archiving, "_drop", dies)
        with pytest.raises(KeyboardInterrupt):
            archived(tmp_path)
    archived(tmp_path)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relname ~ '^delivery_from'"
            " AND relkind = 'r' AND NOT relispartition"
        )
        assert cursor.fetchone() == (0,)
    assert not Batch.objects.filter(run=first.pk).exists()


@pytest.mark.django_db
def test_the_last_two_days_are_never_archived(tmp_path):
    with pytest.raises(delivery.TooYoung):
        delivery.archive_runs(before=NOW, folder=tmp_path, now=NOW + timedelta(days=1))


@pytest.mark.usefixtures("transactional_db")
def test_a_partition_is_made_beside_a_window_that_is_not_committed_yet():
    run = a_run_of("ann@a.example")
    uses_run_ids(partitions.partitions()[-1].end)

    with another_connection() as worker, connection.cursor() as cursor:
        worker.execute(
            "UPDATE delivery SET fence = 1 WHERE run_id = %s AND position = 1", [run.pk]
        )
        cursor.execute("SET lock_timeout = '2s'")
        made = partitions.make_room(now=NOW)
        cursor.execute("RESET lock_timeout")

    assert made in partitions.partitions()


def test_rows_go_on_leaving_while_an_old_partition_waits_to_be_detached(old):
    first, _second, newer = old
    partition = next(p for p in partitions.partitions() if p.first <= first.pk < p.end)
    reading = another_connection()
    reading.execute("BEGIN; SELECT count(*) FROM delivery")  # an old reader: it waits
    with ThreadPoolExecutor(1) as pool:
        detaching = pool.submit(detach_alone, partition.name)
        wait_until(lambda: partition_leaves(partition.name))
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        drain(ScriptedTransport(), lambda: LATER)
        reading.rollback()
        detaching.result(timeout=20)
    reading.close()

    assert queries.progress(newer.pk).accepted == 1
    assert partition.name not in [p.name for p in partitions.partitions()]
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")
        cursor.execute(f"DROP TABLE {partition.name}")


def detach_alone(name):
    with another_connection() as other:
        other.autocommit = True
        other.execute(f"ALTER TABLE delivery DETACH PARTITION {name} CONCURRENTLY")


def partition_leaves(name):
    found = [p for p in partitions.partitions() if p.name == name]
    return not found or found[0].leaving


OLD_FORM = """
CREATE SCHEMA old_form;
SET LOCAL search_path = old_form;
CREATE TABLE run (id int);
CREATE TABLE delivery (LIKE public.delivery INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    WITH (fillfactor = 70);
ALTER TABLE delivery ADD CONSTRAINT delivery_pkey PRIMARY KEY (run_id, position),
    ADD CONSTRAINT one_delivery_per_run_and_subscriber UNIQUE (run_id, subscriber_id);
INSERT INTO run SELECT generate_series(1, 40);
INSERT INTO delivery (run_id, position, subscriber_id)
    SELECT r, p, p FROM generate_series(1, 40) r, generate_series(1, 25) p;
"""


@pytest.mark.django_db
def test_a_ledger_with_rows_becomes_the_first_partition_with_all_of_them():
    migration = import_module("mailer.delivery.migrations.0007_partitions")
    in_one = migration.SWAP.replace("BEGIN;", "").replace("COMMIT;", "")

    with connection.cursor() as cursor:
        cursor.execute(OLD_FORM)
        cursor.execute(migration.CHECK.format(bound=1_040))
        cursor.execute(migration.VALIDATE)
        cursor.execute(in_one.format(bound=1_040))
        cursor.execute(
            "SELECT tableoid::regclass::text, count(*) FROM delivery GROUP BY 1"
        )
        rows = cursor.fetchall()
        found = partitions.partitions()
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'delivery'::regclass"
            " AND contype IN ('p', 'u', 'c') ORDER BY 1"
        )
        constraints = [name for (name,) in cursor.fetchall()]
        cursor.execute("SET LOCAL search_path = public")

    assert rows == [("delivery_from_1", 1_000)]
    assert [(p.first, p.end) for p in found] == [(1, 1_040)]
    assert constraints == [
        "a_delivery_has_a_known_state",
        "delivery_pkey",
        "one_delivery_per_run_and_subscriber",
    ]
