"""A whole installation of its own for one test: servers, inbox, pages, workers.

All are real processes. Each test has its own PostgreSQL, Valkey and inbox in a folder
of its own, so that it may kill any of them, and any number of runs share a machine.
The schema is made once a run; a test's database is a copy of it.
"""

import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from celery import Celery
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from mailer.audience.newsletter import Newsletter
from mailer.delivery import queries as delivery
from mailer.delivery.progress import Progress
from mailer.editions import operations as editing
from mailer.kernel.bells import Bell
from mailer.kernel.clock import utc_now
from mailer.local import programs
from mailer.local.home import Home, of_the_demo
from mailer.local.postbox import Arrival, Postbox
from mailer.local.processes import Family, NotReady, Program
from mailer.local.servers import start_postgres
from tests.kit.audience import a_newsletter
from tests.kit.editions import stored_stories
from workers.app import broker_url
from workers.queues import QUEUES

ALL_QUEUES = "breaking,collect,render,deliver,feedback,upkeep"
LOOK_SECONDS = 0.05
PATIENCE_SECONDS = 90.0
AWAY = (DatabaseError, OSError)  # a server that is down for a moment

T = TypeVar("T")


class Installation:
    """The programs of one test. Those that are killed stay away until they are called.

    Rooms called by the test itself work on its database, but ring no bell: a beat or a
    lookout has to find what they did.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self.family = Family()
        self.postbox = Postbox(home.inbox)

    def start(self, *wanted: Program) -> None:
        """Start programs side by side and wait until all are ready."""
        self.family.start(*wanted)

    def worker(self, name: str, queues: str = ALL_QUEUES) -> Program:
        """Return a worker of these queues, two bells at a time."""
        return programs.worker(self.home, name, queues)

    def beat(self, name: str = "beat") -> Program:
        """Return a scheduler."""
        return programs.beat(self.home, name)

    def ring(self, bell: Bell, **ids: int) -> None:
        """Ring a bell of this installation, as its rooms do."""
        with Celery(broker=broker_url(self.home.redis_url)) as bells:
            bells.send_task(bell.value, kwargs=ids, queue=QUEUES[bell])

    def kill(self, name: str) -> None:
        """End a program and its children at once, as a crash would."""
        self.family.kill(name)

    def ask_to_end(self, name: str) -> int:
        """Ask a worker to end, as a deploy does, and return its exit status."""
        process = self.family.running[name]
        process.terminate()
        return process.wait(timeout=PATIENCE_SECONDS)

    def end(self) -> None:
        """End all programs at once. PostgreSQL is stopped: it holds shared memory."""
        for name, process in self.family.running.items():
            if name != "postgres" and process.poll() is None:
                self.family.kill(name)
        self.family.stop()

    def bring_back(self, name: str) -> None:
        """Start a killed program again, and again where what it left is in its way.

        A new PostgreSQL waits for the last backend of the old one to end.
        """

        def back() -> bool:
            self.family.restart(name)
            try:
                self.family.wait(self.family.programs[name])
            except NotReady:
                return False
            return True

        until(back, f"{name} coming back")

    def log(self, name: str) -> str:
        """Return what a program has said."""
        return self.home.log(name).read_text(errors="replace")

    def in_the_inbox(self) -> int:
        """Count what arrived."""
        return self.postbox.counts()["mails"]

    def mails(self, words: str = "") -> list[Arrival]:
        """Return what arrived with these words in address or subject, oldest first."""
        return self.postbox.newest(words, limit=100_000)[::-1]

    def the_mail(self, words: str) -> Arrival:
        """Wait for a mail with these words, and return it."""
        return until(lambda: self.mails(words), f"a mail with “{words}”")[0]

    def doubled(self) -> dict[str, int]:
        """Return who got the same subject more than once, and how often."""
        seen = Counter(f"{mail.address}: {mail.subject}" for mail in self.mails())
        return {name: n for name, n in seen.items() if n > 1}

    def envelope_sender(self, mail: Arrival) -> str:
        """Return to whom a mail would have bounced."""
        with closing(sqlite3.connect(self.home.folder / "inbox.sqlite")) as store:
            query = "SELECT sender FROM message WHERE id = ?"
            return str(store.execute(query, [mail.id]).fetchone()[0])

    def command(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run `mailer …` in this installation and return what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "mailer.management.cli", *arguments],
            env=self.home.environment(),
            input=stdin,
            check=False,
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def run(self, newsletter: Newsletter) -> Progress | None:
        """Return the newest run of a newsletter, if there is one by now."""
        runs = delivery.runs(limit=100)
        return next((r for r in runs if r.newsletter_id == newsletter.id), None)

    def ended_run(self, newsletter: Newsletter, *, editions: int = 1) -> Progress:
        """Wait until a newsletter's run is over, and return it.

        editions: how many there are by then; more would be one too many.
        """

        def over() -> Progress | None:
            runs = [
                run
                for run in delivery.runs(limit=100)
                if run.newsletter_id == newsletter.id
            ]
            assert len(runs) <= editions, runs
            ended = all(run.over and not run.left + run.in_flight for run in runs)
            return runs[0] if ended and len(runs) == editions else None

        return until(over, "the end of the run")


def until(
    happened: Callable[[], T | None], what: str, *, seconds: float = PATIENCE_SECONDS
) -> T:
    """Wait until something is so, and return it. A server that is away says not yet."""
    ends_at = time.monotonic() + seconds
    last: object = ""
    while time.monotonic() < ends_at:
        try:
            last = happened()
        except AWAY as away:
            last = away
            connection.close()
        else:
            if last:
                return last
        time.sleep(LOOK_SECONDS)  # other processes move on
    raise AssertionError(f"{what}: not within {seconds:.0f} s; last: {last!r}")


def a_due_digest(
    *titles: str, approval: str = "automatic", list_name: str = "Morning digest"
) -> Newsletter:
    """Return a newsletter with stories, whose slot has just come."""
    newsletter = a_newsletter(name=list_name)
    stored_stories(*(titles or ("The dam holds", "Rain until Friday")), now=utc_now())
    give_slot(newsletter, approval=approval)
    return newsletter


def give_slot(
    newsletter: Newsletter,
    *,
    ago: timedelta = timedelta(),
    approval: str = "automatic",
    now: datetime | None = None,
) -> None:
    """Give a newsletter one slot: this minute, or one that is over.

    It is due as soon as a beat or a test plans, and for two hours.
    """
    now = now or utc_now()
    slot = now - ago
    editing.set_recipe(
        newsletter_id=newsletter.id,
        cron=f"{slot.minute} {slot.hour} * * *",
        time_zone="UTC",
        approval=approval,
        lead_minutes=5,
        deadline_minutes=120,
        now=now - timedelta(hours=12),
    )


@contextmanager
def schema() -> Iterator[Path]:
    """Make a PostgreSQL cluster with our tables, at rest, to be copied."""
    folder = _own_folder("stop-press-schema-")
    home = _a_home(folder, {})
    postgres = start_postgres(folder / "postgres", home.sockets, throw_away=True)
    try:
        command = [sys.executable, "-m", "mailer.management.cli", "migrate"]
        env = home.environment()
        done = subprocess.run(command, env=env, check=False, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
    finally:
        postgres.stop()
    yield folder / "postgres"
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def installed(
    tables: Path,
    relay: Callable[[Home], Program],
    *,
    throw_away: bool = True,
    **values: str,
) -> Iterator[Installation]:
    """Lend an installation with PostgreSQL, Valkey and a relay; nothing of it stays.

    tables: as `schema` makes them. throw_away: no commit waits for the disk. values:
    settings. Rooms called here work on its database until the end.
    """
    folder = _own_folder("stop-press-journey-")
    copy = ["cp", "-a", str(tables / "data"), str(folder / "postgres" / "data")]
    (folder / "postgres").mkdir()
    if (tables / "pgsql").exists():  # as root; see postgres_binaries
        (folder / "postgres" / "pgsql").symlink_to(tables / "pgsql")
    subprocess.run(copy, check=True)
    home = _a_home(folder, values)
    installation = Installation(home)
    try:
        with _connected_to(home.sockets):
            database = programs.database(home, throw_away=throw_away)
            installation.start(database, programs.broker(home), relay(home))
            yield installation
    finally:
        installation.end()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def a_schema() -> Iterator[Path]:
    """Make the tables once a run."""
    with schema() as tables:
        yield tables


@pytest.fixture
def install(
    a_schema: Path, django_db_blocker: pytest.FixtureRequest
) -> Iterator[Callable[..., Installation]]:
    """Lend a function that starts PostgreSQL, Valkey and an inbox, once a test.

    delay: seconds a mail takes the inbox. Other values go into the environment.
    """
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())  # type: ignore[attr-defined]

        def begin(*, delay: float = 0.0, **values: str) -> Installation:
            relay = partial(programs.relay, delay_seconds=delay)
            lent = installed(a_schema, relay, throw_away=True, **values)
            return stack.enter_context(lent)

        yield begin


@contextmanager
def _connected_to(sockets: Path) -> Iterator[None]:
    """Let the rooms of this process work on an installation's database."""
    kept = dict(connection.settings_dict)
    ringer = settings.BELL_RINGER
    connection.close()
    own = {"NAME": "mailer", "USER": "stoppress", "HOST": str(sockets)}
    connection.settings_dict.update(own)
    settings.BELL_RINGER = "mailer.bell.silent"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(kept)
        settings.BELL_RINGER = ringer


def _own_folder(prefix: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)  # PostgreSQL's user must reach its part of it
    return folder


def _a_home(folder: Path, values: dict[str, str]) -> Home:
    for name in ("logs", "s"):
        (folder / name).mkdir(mode=0o755)
    names = ("web", "inbox", "newsroom", "smtp", "flower")
    ports = dict(zip(names, _free_ports(len(names)), strict=True))
    own = {"RELAY_SESSIONS": "4", "RELAY_PIPES": "1", "BREAKING_HOLD_SECONDS": "2"}
    return Home(
        folder=folder,
        sockets=folder / "s",
        ports=ports,
        # The test's own, so that marks and links of both are the same.
        secret_key=settings.SECRET_KEY,
        is_new=True,
        own=of_the_demo(ports) | own | values,
    )


def _free_ports(n: int) -> list[int]:
    probes = [socket.socket() for _ in range(n)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports
