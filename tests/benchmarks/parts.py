"""The parts of the benchmark: each measures one aim, as a ratio within its own run."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from mailer.audience.newsletter import Newsletter
from mailer.delivery.models import Run
from mailer.delivery.run import RunKind
from mailer.kernel.bells import Bell
from mailer.kernel.clock import utc_now
from tests.benchmarks import machine
from tests.benchmarks.machine import Spread
from tests.benchmarks.peers import peers
from tests.benchmarks.road import SESSIONS, Road, message_bytes, readers, road
from tests.benchmarks.rows import Row, Sizes
from tests.kit.delivery import a_run_for
from tests.kit.processes import until
from tests.kit.recorder import recorder, taken

WINDOW = 4 * SESSIONS
OPENSSL_SECONDS = 3


def the_road(tables: Path, sizes: Sizes) -> Iterator[Row]:
    """Measure the whole road beside smtp-source on the same sink, in turns."""
    size = message_bytes()
    runs: list[dict[str, float]] = []
    with road(tables) as way:
        newsletter = readers(sizes.mails)
        way.send(readers(2_000), mails=2_000)  # connections, plans, caches
        for _ in range(sizes.pairs):
            before = way.sink_seconds()
            peer = machine.smtp_source(
                way.port, mails=sizes.mails, size=size, sessions=SESSIONS
            )
            sink_us = (way.sink_seconds() - before) / sizes.mails * 1e6
            trip = way.send(newsletter, mails=sizes.mails)
            runs.append(
                {
                    "source_per_second": sizes.mails / peer.seconds,
                    "road_per_second": trip.per_second,
                    "source_us": peer.cpu_us,
                    "source_sink_us": sink_us,
                    "road_sink_us": trip.sink_us,
                    "worker_us": trip.worker_us,
                    "postgres_us": trip.postgres_us,
                    "worker_mb": trip.worker_mb,
                }
            )

    def of(over: str, under: str) -> Spread:
        return Spread(tuple(run[over] / run[under] for run in runs))

    speed = of("road_per_second", "source_per_second")
    cpu, server = of("worker_us", "source_us"), of("postgres_us", "source_us")
    memory = Spread(tuple(run["worker_mb"] for run in runs))
    what = (
        f"{sizes.mails:,} mails of {size:,} bytes, one process, {SESSIONS} sessions,"
        f" window {WINDOW}, commits waited for; µs a mail:"
    )
    for name in ("source", "source_sink", "worker", "postgres", "road_sink"):
        cost = Spread(tuple(run[f"{name}_us"] for run in runs))
        what += f" {name} {cost.median:.0f}"
    what += f"; the sink alone {of('source_sink_us', 'road_sink_us').median:.2f}"
    yield Row("road", "≥ 1.1", speed, speed.median >= 1.1, what, runs)
    yield Row("cpu", "≤ 1.5", cpu, cpu.median <= 1.5, "worker, of smtp-source's")
    yield Row("pg_cpu", "≤ 0.5", server, server.median <= 0.5, "of smtp-source's")
    yield Row("worker_mb", "≤ 150", memory, memory.median <= 150, "largest process")


def signed(tables: Path, sizes: Sizes) -> Iterator[Row]:
    """Measure a signed send beside OpenSSL's own RSA-2048 rate, in turns."""
    with keys() as named, road(tables, DKIM_SIGN="app", DKIM_KEYS=named) as way:
        newsletter = readers(sizes.signed)
        way.send(readers(1_000), mails=1_000)
        ratios, bounds = [], []
        cores = os.cpu_count() or 1
        for _ in range(sizes.pairs):
            alone = openssl_per_second()
            trip = way.send(newsletter, mails=sizes.signed)
            ratios.append(trip.per_second / alone)
            cost = trip.worker_us + trip.postgres_us + trip.sink_us
            bounds.append(cores * 1e6 / cost / alone)
    found, bound = Spread(tuple(ratios)), Spread(tuple(bounds))
    note = (
        f"RSA-2048 + Ed25519; at most {bound.median:.2f} on {cores} cores, which the"
        " sink and PostgreSQL share"
    )
    yield Row("signed", "≥ 0.85", found, found.median >= 0.85, note)


def first_mail(tables: Path, sizes: Sizes) -> Iterator[Row]:
    """Measure how long the first mail takes, with few readers and with very many."""
    for name, count in (("first_10k_s", 10_000), ("first_1m_s", sizes.snapshot)):
        with road(tables, relay=recorder, queues="deliver,render") as way:
            newsletter = readers(count)
            analyze()
            let_go = time.time_ns()
            now = utc_now()
            run = a_run_for(newsletter, now=now, release_at=now, opened=False)
            way.here.ring(Bell.OPEN)
            first = until(partial(taken, way.here.home), "a first mail")[0]
            opened = Run.objects.filter(pk=run.pk, opened_at__isnull=False)
            until(opened.exists, "all rows", seconds=600)
        seconds = Spread(((first.at_ns - let_go) / 1e9,))
        yield Row(name, "≤ 2 s", seconds, seconds.median <= 2, f"{count:,} readers")


def snapshot(tables: Path, sizes: Sizes) -> Iterator[Row]:
    """Measure writing the ledger's rows beside one INSERT … SELECT of the same rows."""
    with road(tables, workers=0) as way:
        del way
        newsletter = readers(sizes.snapshot)
        ratios = []
        for _ in range(min(3, sizes.pairs)):
            analyze()
            began = time.perf_counter()
            run = a_run_for(newsletter, now=utc_now(), release_at=utc_now())
            ours = time.perf_counter() - began
            began = time.perf_counter()
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO delivery (run_id, position, subscriber_id)"
                    " SELECT run_id + 500, position, subscriber_id FROM delivery"
                    "  WHERE run_id = %s",
                    [run.pk],
                )
                alone = time.perf_counter() - began
                cursor.execute("DELETE FROM delivery WHERE run_id > 500")
            ratios.append(ours / alone)
    found = Spread(tuple(ratios))
    note = f"{sizes.snapshot:,} rows"
    yield Row("snapshot", "≤ 2", found, found.median <= 2, note)


def two_workers(tables: Path, sizes: Sizes) -> Iterator[Row]:
    """Measure the ledger alone, by one drain and by two at once."""
    with road(tables, workers=0) as way:
        newsletter = readers(sizes.ledger)
        ratios = []
        for _ in range(min(3, sizes.pairs)):
            one, two = (_ledger_seconds(way, newsletter, n) for n in (1, 2))
            ratios.append(one / two)
    found = Spread(tuple(ratios))
    note = "the ledger alone, a scripted relay"
    yield Row("two_workers", "≥ 1.6", found, found.median >= 1.6, note)


def breaking(tables: Path, sizes: Sizes) -> Iterator[Row]:
    """Measure an alert that is released while a digest goes out."""
    with road(tables, relay=recorder, workers=2, queues="deliver,breaking") as way:
        digest, alert = readers(sizes.mails), readers(sizes.alert)
        held = way.held(alert, RunKind.ALERT)
        way.release(way.held(digest))
        until(
            lambda: len(taken(way.here.home)) > sizes.mails // 50,
            "the digest going out",
        )
        let_go = time.time_ns()
        way.release(held, urgent=True)
        way.wait_for(held)
        sent = [mail for mail in taken(way.here.home) if mail.at_ns >= let_go]
        alerts = set(addresses_of(alert))
    times = [mail.at_ns for mail in sent if mail.address in alerts]
    meanwhile = [mail for mail in sent if mail.at_ns <= max(times)]
    first = Spread(((min(times) - let_go) / 1e9,))
    share = len(times) / len(meanwhile)
    note = f"{share:.0%} of the mails from then to its end were the alert's"
    is_met = first.median <= 2 and share >= 0.9
    yield Row("breaking_first_s", "≤ 2 s", first, is_met, note)


PARTS = {
    "road": the_road,
    "signed": signed,
    "first": first_mail,
    "snapshot": snapshot,
    "two_workers": two_workers,
    "breaking": breaking,
    "peers": peers,
}


def addresses_of(newsletter: Newsletter) -> list[str]:
    """Return the addresses of a newsletter's readers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT address FROM audience_reach WHERE newsletter_id = %s",
            [newsletter.id],
        )
        return [row[0] for row in cursor.fetchall()]


def analyze() -> None:
    """Let PostgreSQL know what was just written, as autovacuum would by the morning."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@contextmanager
def keys() -> Iterator[str]:
    """Lend DKIM_KEYS: an RSA and an Ed25519 key in files."""
    with tempfile.TemporaryDirectory() as folder:
        named = []
        for kind in ("rsa", "ed25519"):
            path = Path(folder) / f"{kind}.pem"
            call_command(
                "make_dkim_key",
                selector=kind,
                kind=kind,
                to=str(path),
                stdout=io.StringIO(),
            )
            named.append(f"{kind}={path}")
        yield ",".join(named)


def openssl_per_second() -> float:
    """Return how many RSA-2048 signatures OpenSSL makes a second on one core."""
    openssl = shutil.which("openssl") or "openssl"
    said = subprocess.run(
        [openssl, "speed", "-seconds", str(OPENSSL_SECONDS), "rsa2048"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = re.search(r"rsa\s+2048 bits\s+\S+\s+\S+\s+([\d.]+)", said)
    assert found, said
    return float(found[1])


DRAIN = """
import django; django.setup()
import json, logging, sys, time; logging.disable()
from mailer.delivery import lease
from tests.kit.delivery import ScriptedTransport, drain
from mailer.kernel.bells import Bell
from mailer.kernel.clock import utc_now
input()
began = time.perf_counter()
while lease.is_due(relay_id=1, now=utc_now()):
    relay = ScriptedTransport(window=%d)
    drain(relay, utc_now)
print(json.dumps([began, time.perf_counter()]))
"""


def _ledger_seconds(way: Road, newsletter: Newsletter, workers: int) -> float:
    a_run_for(newsletter, now=utc_now(), release_at=utc_now())
    analyze()
    environment = way.here.home.environment()
    environment |= {"PYTHONPATH": str(Path.cwd()), "RELAY_PIPES": "2"}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", DRAIN % WINDOW],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(workers)
    ]
    spans = [json.loads(one.communicate("\n")[0]) for one in _all_ready(running)]
    return max(end for _, end in spans) - min(began for began, _ in spans)


def _all_ready(running: list[subprocess.Popen[str]]) -> list[subprocess.Popen[str]]:
    """Let all begin at once: each waits for its line."""
    for one in running:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    return running
