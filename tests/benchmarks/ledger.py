"""What the ledger costs: rows a second when opening, time a delivery when draining.

    .venv/bin/python -m tests.benchmarks.ledger [READERS [PARTITIONS]]

PARTITIONS: others, of 100,000 old rows each, that the ledger has beside it.

No server is asked: a scripted relay says 250 at once. PostgreSQL's own time comes from
the processor time of its processes, this one's from its own. fsync is off, as in all
tests: what a disk adds is a wait a window, not time a delivery.
"""

import os
import sys
import time

import tests.kit.plugin  # noqa: F401  starts the servers
from tests.benchmarks import machine

WINDOW = 64


def main(readers: int, others: int = 0) -> None:
    """Open and drain one run, and print what each took."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.wiring.settings")
    import logging  # noqa: PLC0415

    import django  # noqa: PLC0415

    django.setup()
    logging.disable()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    _fill(others)
    from mailer.delivery import opening, queries  # noqa: PLC0415
    from tests.kit import audience, delivery  # noqa: PLC0415

    newsletter = audience.a_newsletter()
    audience.many_readers(readers, newsletter)
    run = delivery.a_run_for(newsletter, opened=False)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    started, server = time.perf_counter(), _cpu(backend)
    opening.write_a_slice(run_id=run.pk, now=audience.NOW)
    opening.write_a_slice(run_id=run.pk, now=audience.NOW)
    first = time.perf_counter() - started
    opening.open_run(run_id=run.pk, now=audience.NOW)
    took = time.perf_counter() - started
    spent = (_cpu(backend) - server) / readers * 1e6
    print(  # noqa: T201
        f"first slice {first:.2f} s; open {readers / took:,.0f} rows/s, "
        f"PostgreSQL {spent:.1f} µs a row"
    )

    server, own, wall = _cpu(backend), time.process_time(), time.perf_counter()
    relay = delivery.ScriptedTransport(window=WINDOW)
    while queries.progress(run.pk).state != "done":
        delivery.drain(relay)
        relay.envelopes.clear()
    n = queries.progress(run.pk).accepted
    print(  # noqa: T201
        f"{n} deliveries: PostgreSQL {(_cpu(backend) - server) / n * 1e6:.1f} µs, "
        f"worker {(time.process_time() - own) / n * 1e6:.1f} µs, "
        f"wall {(time.perf_counter() - wall) / n * 1e6:.1f} µs each"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT round(sum(n_tup_hot_upd) * 100 / greatest(1, sum(n_tup_upd)))"
            "  FROM pg_stat_user_tables WHERE relname ~ '^delivery_from_'"
        )
        print(f"{cursor.fetchone()[0]} % of updates HOT")  # noqa: T201


def _fill(others: int) -> None:
    from django.db import connection  # noqa: PLC0415

    from mailer.delivery import partitions  # noqa: PLC0415

    for _ in range(others):
        first = partitions.partitions()[-1].end
        made = {"name": f"delivery_from_{first}", "first": first, "end": first + 1_000}
        with connection.cursor() as cursor:
            cursor.execute(partitions.MAKE.format(**made))
            cursor.execute(
                "INSERT INTO delivery (run_id, position, subscriber_id, state)"
                " SELECT %s + g / 10000, 1 + g %% 10000, g, 'accepted'"
                "   FROM generate_series(0, 99999) g",
                [first],
            )


def _cpu(process: int) -> float:
    return machine.cpu_seconds([process])


if __name__ == "__main__":
    main(*([int(said) for said in sys.argv[1:]] or [50_000]))
