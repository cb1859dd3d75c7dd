"""The whole road: an approved edition, a real worker, PostgreSQL, Valkey, a sink.

One installation, as in production: fsync on, commits waited for. The clock starts when
the edition is let go, and stops when the ledger's last row is final.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from mailer.audience.newsletter import Newsletter
from mailer.delivery import operations as delivery
from mailer.delivery import queries
from mailer.delivery.press import Press
from mailer.delivery.run import RunKind, RunState
from mailer.kernel.bells import Bell
from mailer.kernel.clock import utc_now
from mailer.local import programs
from mailer.local.home import Home
from mailer.local.processes import Program
from tests.benchmarks import machine
from tests.kit.audience import a_newsletter, many_readers
from tests.kit.delivery import a_run_for
from tests.kit.processes import Installation, installed, until
from tests.kit.wire import a_house, a_mail, html_of

SESSIONS = 16
KILOBYTES = 40
PATIENCE_SECONDS = 3_000.0
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Trip:
    """One send: seconds from the release to the last final row, and what it cost.

    worker_us, postgres_us, sink_us: processor time a mail. worker_mb: the largest
    process.
    """

    mails: int
    seconds: float
    worker_us: float
    postgres_us: float
    sink_us: float
    worker_mb: float

    @property
    def per_second(self) -> float:
        """Return how many mails a second."""
        return self.mails / self.seconds


@dataclass
class Road:
    """An installation with its workers, and newsletters to send to."""

    here: Installation
    workers: tuple[str, ...]

    @property
    def port(self) -> int:
        """Return where the sink listens."""
        return self.here.home.ports["smtp"]

    def send(self, newsletter: Newsletter, *, mails: int) -> Trip:
        """Send to all readers of a newsletter; return how it went.

        The rows are there before, as in the minute before a release.
        """
        run = self.held(newsletter)
        pids = self._pids(*self.workers)
        worker, server = machine.cpu_seconds(pids), self.postgres_seconds()
        sink = self.sink_seconds()
        began = time.perf_counter()
        self.release(run)
        self.wait_for(run)
        seconds = time.perf_counter() - began
        accepted = queries.progress(run).accepted
        assert accepted == mails, f"{accepted} of {mails} were accepted"
        worker = machine.cpu_seconds(self._pids(*self.workers)) - worker
        server = self.postgres_seconds() - server
        return Trip(
            mails,
            seconds,
            worker / mails * 1e6,
            server / mails * 1e6,
            (self.sink_seconds() - sink) / mails * 1e6,
            machine.memory_mb(self._pids(*self.workers)),
        )

    def held(self, newsletter: Newsletter, kind: RunKind = RunKind.DIGEST) -> int:
        """Return a run that is written and waits for its release."""
        run = a_run_for(
            newsletter,
            kind=kind,
            state=RunState.PAUSED,
            html=html_of(KILOBYTES),
            now=utc_now(),
            release_at=utc_now(),
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE delivery, batch, run, audience_subscription")
        return run.pk

    def release(self, run: int, *, urgent: bool = False) -> None:
        """Let a run go, and ring as the rooms do."""
        delivery.resume(run_id=run, by="benchmark", now=utc_now())
        if urgent:
            self.here.ring(Bell.URGENT, relay_id=1)
        for _ in self.workers:
            self.here.ring(Bell.DELIVER, relay_id=1)

    def wait_for(self, run: int) -> None:
        """Wait until every row is final."""
        until(
            lambda: queries.progress(run).state is RunState.DONE,
            "the end of the run",
            seconds=PATIENCE_SECONDS,
        )

    def postgres_seconds(self) -> float:
        """Return the processor time PostgreSQL has used until now."""
        return machine.cpu_seconds(self._pids("postgres"))

    def sink_seconds(self) -> float:
        """Return the processor time of the sink so far."""
        return machine.cpu_seconds(self._pids("relay"))

    def _pids(self, *names: str) -> list[int]:
        running = self.here.family.running
        return [p for name in names for p in machine.with_children(running[name].pid)]


@contextmanager
def road(
    tables: Path,
    *,
    workers: int = 1,
    queues: str = "deliver",
    relay: Callable[[Home], Program] = machine.sink,
    **values: str,
) -> Iterator[Road]:
    """Lend a road with so many workers of one process each."""
    settings = {
        "RELAY_SESSIONS": str(SESSIONS),
        "RELAY_PIPES": str(max(1, workers)),
        **values,
    }
    with installed(tables, relay, throw_away=False, **settings) as here:
        names = tuple(f"worker-{n}" for n in range(1, workers + 1))
        here.start(
            *(programs.worker(here.home, name, queues, at_once=1) for name in names)
        )
        yield Road(here, names)


def readers(mails: int) -> Newsletter:
    """Return a newsletter with so many new readers."""
    newsletter = a_newsletter(f"road-{next(_numbers)}")
    many_readers(mails, newsletter)
    return newsletter


def a_message() -> bytes:
    """Return one message as it goes over the wire."""
    press = Press(a_mail(html=html_of(KILOBYTES)), a_house())
    one = press.envelope(position=1, address="r1@a.example", subscriber_id=1)
    return one.message


def message_bytes() -> int:
    """Return how many bytes one message has."""
    return len(a_message())
