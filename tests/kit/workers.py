"""Real workers as processes of their own, on the database of the test."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.db import connection

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.02


class Worker:
    """A process that was started; what it says is in its log."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.log = log

    def says(self, words: str) -> bool:
        """Tell whether its log holds these words by now."""
        return words in self.log.read_text(errors="replace")

    def kill(self) -> None:
        """End it and its children at once, as a crash would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end, as a deploy does, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE_SECONDS)


def environment(**values: str) -> dict[str, str]:
    """Return the environment of a process that shares the test's database."""
    database = connection.settings_dict
    name, host = database["NAME"], quote(str(database["HOST"]), safe="/")
    url = f"postgresql://{database['USER']}@/{name}?host={host}"
    return {**os.environ, "DATABASE_URL": url, "PYTHONUNBUFFERED": "1", **values}


@contextlib.contextmanager
def a_process(log: Path, *command: str, **values: str) -> Iterator[Worker]:
    """Give a process of Python, killed at the end if it still runs."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, *command],
            env=environment(**values),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    worker = Worker(process, log)
    try:
        yield worker
    finally:
        worker.kill()


@contextlib.contextmanager
def a_worker(log: Path, *queues: str, **values: str) -> Iterator[Worker]:
    """Give a Celery worker of these queues, with its lookouts."""
    command = ["-m", "celery", "-A", "workers.app", "worker", "-c", "1", "-l", "INFO"]
    command += ["-Q", ",".join(queues), "-n", f"{log.stem}@test"]
    with a_process(log, *command, **values) as worker:
        yield worker


def another_connection() -> psycopg.Connection[Any]:
    """Return a connection beside ours, as a worker's is."""
    known = connection.get_connection_params()
    wanted = ("host", "port", "dbname", "user", "password")
    return psycopg.connect(**{name: known[name] for name in wanted if name in known})


def wait_until(
    claim: Callable[[], object], *, seconds: float = PATIENCE_SECONDS
) -> float:
    """Wait until something is so, and return how many seconds that took.

    Fails where it is not so in time.
    """
    started = time.monotonic()
    while not claim():
        waited = time.monotonic() - started
        assert waited < seconds, f"not so after {seconds} s"
        time.sleep(LOOK_SECONDS)  # another process moves on
    return time.monotonic() - started
