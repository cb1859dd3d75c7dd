"""The demo's stage: all programs up, what falls over put up again, patient waiting.

In a run with kills a random program that is up is ended with SIGKILL every second
while mail goes out, and started again at once. On a machine too slow to get them up
again in time the next kill waits: else, in the end, nothing would ever be up.
Everything here runs in the main thread: children die with the thread that started them.
"""

import random
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import TypeVar

from django.db import Error as DatabaseError
from django.db import connection

from mailer.local.home import Home
from mailer.local.processes import Family, NotReady, Program, TooLate
from mailer.local.visitor import NoSuchButton, WentWrong

KILL_EVERY_SECONDS = 1.0
MOST_DOWN = 3  # of nine programs, those not yet up again
PATIENCE_WITH_KILLS = 4  # times: half of the time somebody is not there
LOOK_SECONDS = 0.1
AWAY = (DatabaseError, OSError, HTTPException)  # a server that is down for a moment
NOT_ITSELF = (WentWrong, NoSuchButton)  # a page without the servers behind it

T = TypeVar("T")


class Stage:
    """All programs of the local run. `kills`: how many were ended on the way."""

    def __init__(self, home: Home, *, seed: int | None = None) -> None:
        self.home = home
        self.family = Family()
        self.killing = False
        self.kills = 0
        self._random = random.Random(seed)  # noqa: S311  chance, not a secret
        self._next_kill = 0.0
        self._getting_up: set[str] = set()

    def start(self, *wanted: Program) -> None:
        """Start programs side by side and wait until all are ready."""
        self.family.start(*wanted)

    def tick(self) -> None:
        """Kill one if it is time, start again what ended by itself or by us.

        Raises NotReady for a program that ended although nobody killed any.
        """
        if self.killing and time.monotonic() >= self._next_kill:
            self._kill_one()
        for name in self.family.ended():
            if not self.kills:
                tail = self.family.programs[name].log.read_text(errors="replace")
                raise NotReady(f"{name} ended. The end of its log:\n{tail[-2000:]}")
            self.family.restart(name)
            self._getting_up.add(name)

    def _kill_one(self) -> None:
        programs = self.family.programs
        self._getting_up = {n for n in self._getting_up if not programs[n].ready()}
        if len(self._getting_up) >= MOST_DOWN:
            return
        name = self._random.choice(sorted(set(programs) - self._getting_up))
        self.family.kill(name)
        self.kills += 1
        self._next_kill = time.monotonic() + KILL_EVERY_SECONDS

    def wait_for(
        self, happened: Callable[[], T | None], what: str, *, seconds: float
    ) -> T:
        """Wait until something is true, and return it.

        A server that is away for a moment counts as "not yet"; while programs are
        killed, so does a page that says something else.

        Raises TooLate.
        """
        seconds *= PATIENCE_WITH_KILLS if self.killing else 1
        not_yet = AWAY + NOT_ITSELF if self.killing else AWAY
        ends_at = time.monotonic() + seconds
        last = ""
        while time.monotonic() < ends_at:
            self.tick()
            try:
                if found := happened():
                    return found
            except not_yet as away:
                last = f": {away}"
                connection.close()
            time.sleep(LOOK_SECONDS)
        raise TooLate(f"{what} did not happen within {seconds:.0f} s{last}")

    def insist(self, act: Callable[[], T], what: str, *, seconds: float = 60) -> T:
        """Do something that may meet a server which is away; again until it works."""

        def tried() -> tuple[T]:
            return (act(),)

        return self.wait_for(tried, what, seconds=seconds)[0]

    def stop(self) -> None:
        """Stop everything, the last started first."""
        connection.close()
        self.family.stop()
