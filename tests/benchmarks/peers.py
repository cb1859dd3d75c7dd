"""Others that send the same bytes to the same sink, in turns with our road.

The standard library's smtplib, aiosmtplib, and two Django applications with a database
each on the same PostgreSQL: django-newsletter, and django-post-office, which keeps a
row a mail. All but the first live in an environment of their own, made here from
requirements/peers.lock. Nothing is aimed at: these rows say how many times as fast our
whole road is, ledger and all.
"""
# ruff: noqa: T201

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from tests.benchmarks.machine import Spread
from tests.benchmarks.road import SESSIONS, Road, a_message, readers, road
from tests.benchmarks.rows import Row, Sizes

SENDER = Path(__file__).with_name("peer_sender.py")
LOCK = Path("requirements/peers.lock")
FOLDER = Path(".local/bench/peers")
# The slow send fewer mails, so that each takes about as long as the others.
ONE_OF = {
    "smtplib": 2,
    "aiosmtplib": 2,
    "django_newsletter": 40,
    "django_post_office": 4,
}
WHAT = {
    "smtplib": f"{SESSIONS} threads, one message, no database",
    "aiosmtplib": f"{SESSIONS} tasks, one message, no database",
    "django_newsletter": "one process, a connection a mail, no row a mail",
    "django_post_office": f"one process of {SESSIONS} threads, a row a mail",
}
BUILT_IN = "smtplib"
WITH_A_DATABASE = {"django_newsletter", "django_post_office"}


def peers(tables: Path, sizes: Sizes) -> Iterator[Row]:
    """Measure our road beside each peer that can be had, in turns."""
    pythons = {BUILT_IN: Path(sys.executable)}
    try:
        pythons = dict.fromkeys(WHAT, environment()) | pythons
    except NotInstalled as error:
        left_out = ", ".join(name for name in WHAT if name != BUILT_IN)
        print(f"peers  not measured: {left_out}: {error}", flush=True)
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in pythons}
    with road(tables) as way, ExitStack() as stack:
        others = {
            name: stack.enter_context(a_peer(name, python, way))
            for name, python in pythons.items()
        }
        newsletter = readers(sizes.peers)
        way.send(readers(1_000), mails=1_000)  # connections, plans, caches
        for peer in others.values():
            peer.send(100)
        for _ in range(sizes.pairs):
            trip = way.send(newsletter, mails=sizes.peers)
            ours = {
                "road_per_second": trip.per_second,
                "worker_us": trip.worker_us,
                "postgres_us": trip.postgres_us,
            }
            for name, peer in others.items():
                runs[name].append(ours | peer.send(sizes.peers // ONE_OF[name]))
    for name, found in runs.items():
        yield _row(name, found)


def _row(name: str, runs: list[dict[str, float]]) -> Row:
    def middle(key: str) -> float:
        return Spread(tuple(run[key] for run in runs)).median

    ratios = [run["road_per_second"] / run["peer_per_second"] for run in runs]
    theirs = f"{middle('peer_us'):.0f}"
    if name in WITH_A_DATABASE:
        theirs += f" + {middle('peer_postgres_us'):.0f} in PostgreSQL"
    notes = (
        f"times as fast; {WHAT[name]}; {middle('peer_per_second'):,.0f} mails/s; CPU µs"
        f" a mail {theirs}; ours {middle('worker_us'):.0f}"
        f" + {middle('postgres_us'):.0f} in PostgreSQL"
    )
    return Row(f"peer_{name}", "-", Spread(tuple(ratios)), None, notes, runs)


class NotInstalled(Exception):
    """The peers' environment cannot be made here; says why."""


def environment() -> Path:
    """Return the Python of the peers' environment, made anew where its lock is new.

    Raises NotInstalled.
    """
    python, stamp = FOLDER.absolute() / "bin/python", FOLDER / "installed.lock"
    if stamp.exists() and stamp.read_bytes() == LOCK.read_bytes():
        return python
    _run(sys.executable, "-m", "venv", "--clear", str(FOLDER))
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    kinds = ("--require-hashes", "--only-binary=:all:")
    _run(*pip, "--retries", "1", "install", *kinds, "-r", str(LOCK))
    stamp.write_bytes(LOCK.read_bytes())
    return python


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr + done.stdout).splitlines() or [f"{command} failed"]
        raise NotInstalled(next((line for line in said if "ERROR" in line), said[0]))


@dataclass(frozen=True)
class Peer:
    """A peer's process, which sends when it is asked to."""

    process: subprocess.Popen[str]
    way: Road

    def send(self, mails: int) -> dict[str, float]:
        """Let it send; return its mails a second and processor time a mail (µs).

        What it prepares, subscribers and their rows, is there before the clock starts.
        """
        assert self._answer_to(str(mails)) == "ready"
        server = self.way.postgres_seconds()
        seconds, cpu = json.loads(self._answer_to(""))
        server = self.way.postgres_seconds() - server
        return {
            "peer_per_second": mails / seconds,
            "peer_us": cpu / mails * 1e6,
            "peer_postgres_us": server / mails * 1e6,
        }

    def _answer_to(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(line, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().strip()
        assert answer, f"a peer ended; it said why above: {self.process.args!r}"
        return answer


@contextmanager
def a_peer(name: str, python: Path, way: Road) -> Iterator[Peer]:
    """Lend a peer that is ready to be asked."""
    home = way.here.home
    message = home.folder / "message.eml"
    message.write_bytes(a_message())
    command = [python, "-I", SENDER, name, way.port, SESSIONS, message]
    if name in WITH_A_DATABASE:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        command += [home.sockets, name]
    with subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Peer(process, way)
