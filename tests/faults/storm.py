"""A storm: a send at full speed, processes killed at random moments, and the count.

What arrived is counted by the recorder (tests/kit/recorder.py), in its own file and by
Message-ID; what was promised is counted in the ledger. Neither is asked what the other
says. Everything is real: Celery workers, Valkey, PostgreSQL, sockets.
"""

import contextlib
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from mailer.audience.newsletter import Newsletter
from mailer.delivery import operations as delivery
from mailer.delivery import queries
from mailer.delivery.ledger import State
from mailer.delivery.models import Delivery, Run
from mailer.kernel.bells import Bell
from mailer.kernel.clock import utc_now
from mailer.local import programs
from mailer.local.processes import NotReady, Program
from tests.kit.audience import a_newsletter, many_readers
from tests.kit.delivery import a_run_for
from tests.kit.processes import Installation, installed, until
from tests.kit.recorder import met, recorder, taken

SESSIONS = 16
WINDOW = 4 * SESSIONS  # ledger.window_size, of a newsletter
WORKERS = tuple(f"worker-{n}" for n in range(1, 5))
QUEUES = "deliver,breaking,upkeep,render,feedback,collect"
PATIENCE_SECONDS = 240.0
DOUBTS = re.compile(r"delivery\.batch\.leased .* in_doubt=(\d+)")
STILL_TO_GO = [State.DUE, State.IN_FLIGHT, State.DEFERRED]


@dataclass(frozen=True)
class Outcome:
    """What a storm left. Lost: promised and accepted, or never ended, not arrived.

    met: how often the relay did something wrong.
    """

    name: str
    kills: int
    met: int
    mails: int
    arrived: int
    lost: int
    doubled: int
    refused: int
    in_doubt: int
    in_doubt_arrived: int
    worst_per_kill: int
    unfinished: int

    def __str__(self) -> str:
        fault = f"kills {self.kills:4}" if self.kills else f"met {self.met:6}"
        return (
            f"{self.name:34} {fault}  mails {self.mails:7,}  "
            f"lost {self.lost}  doubled {self.doubled}  in doubt {self.in_doubt:5} "
            f"(of them arrived {self.in_doubt_arrived}; one kill left "
            f"{self.worst_per_kill} at most)"
        )


class Storm:
    """One installation under fire, and what is known of it."""

    def __init__(self, here: Installation, *, seed: int) -> None:
        self.here = here
        self.kills = 0
        self.random = random.Random(seed)
        self._newsletters: list[Newsletter] = []

    # ── the send ──

    def send(self, readers: int) -> int:
        """Open a run to so many new readers; return it."""
        return self.open(self.newsletter(readers))

    def newsletter(self, readers: int) -> Newsletter:
        """Return a new newsletter with new readers."""
        made = a_newsletter(f"storm-{len(self._newsletters)}")
        self._newsletters.append(made)
        many_readers(readers, made)
        return made

    def open(self, newsletter: Newsletter, *, opened: bool = True) -> int:
        """Make a run to a newsletter, with its rows or without; return it."""
        now = utc_now()
        return a_run_for(newsletter, now=now, release_at=now, opened=opened).pk

    def relay_behaves(self, **faults: float) -> None:
        """Tell the recorder what goes wrong from now on, and how often."""
        (self.here.home.folder / "faults").write_text(json.dumps(faults))

    def worker(self, name: str) -> Program:
        """Return a worker with a queue of everything, one bell and one pipe."""
        return programs.worker(self.here.home, name, QUEUES, at_once=1)

    def start_workers(self, names: Sequence[str] = WORKERS) -> None:
        """Start workers, and ring for each."""
        self.here.start(*map(self.worker, names))
        self.ring(len(names))

    def ring(self, times: int) -> None:
        """Ring for so many workers: mail is due."""
        for _ in range(times):
            self.here.ring(Bell.DELIVER, relay_id=1)

    def wait_for_mail(self, more: int) -> None:
        """Wait until so many more mails have arrived."""
        goal = self.arrived() + more
        until(
            lambda: self.arrived() >= goal, "mail going out", seconds=PATIENCE_SECONDS
        )

    # ── the fire ──

    def kill(self, *names: str) -> None:
        """Kill these at once; each counts."""
        for name in names:
            self.here.family.kill(name)
        self.kills += len(names)

    def bring_back(self, *names: str) -> None:
        """Start what was killed, without waiting for it."""
        for name in names:
            self.here.family.restart(name)

    def ready(self, name: str) -> bool:
        """Tell whether a program is up again."""
        return self.here.family.programs[name].ready()

    def sends(self, name: str) -> bool:
        """Tell whether a worker has taken a batch since it was started."""
        if not self.ready(name):
            return False
        _, _, since = self.here.log(name).rpartition(" ready.")
        return "delivery.batch.leased" in since

    def kill_workers(self, kills: int, *, readers: int) -> None:
        """Kill a random worker that is sending, again and again."""
        run_id = self.send(readers)
        self.start_workers()
        ends = self.kills + kills
        while self.kills < ends:
            if not self.left(run_id):
                run_id = self.send(readers)
            victim = self.random.choice(until(self._sending, "a worker that sends"))
            self._let_pass(self.random.randrange(400), run_id)
            self.kill(victim)
            self.bring_back(victim)

    def _sending(self) -> list[str]:
        self.ring(1)
        return [name for name in WORKERS if self.sends(name)]

    def _let_pass(self, mails: int, run_id: int) -> None:
        """Let so many mails go, or the rest of a run: a kill comes at any moment."""
        goal = self.arrived() + mails
        until(
            lambda: self.arrived() >= goal or not self.left(run_id),
            "mail going out",
            seconds=PATIENCE_SECONDS,
        )

    # ── the count ──

    def left(self, run_id: int) -> int:
        """Return how many of a run have not ended."""
        progress = queries.progress(run_id)
        return progress.left + progress.in_flight + progress.deferred

    def finish(self, *, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until every run is over."""
        open_runs = Delivery.objects.filter(state__in=STILL_TO_GO)

        def over() -> bool:
            for name in self.here.family.ended():
                with contextlib.suppress(NotReady):
                    self.here.family.restart(name)
            return not open_runs.exists()

        with contextlib.suppress(AssertionError):  # what is left is counted
            until(over, "the end of every run", seconds=seconds)

    def arrived(self) -> int:
        """Return how many mails arrived."""
        with (self.here.home.folder / "taken").open("rb") as file:
            return sum(1 for _ in file)

    def outcome(self, name: str) -> Outcome:
        """Hold the ledger against what arrived."""
        arrivals = taken(self.here.home)
        ids = Counter(mail.message_id for mail in arrivals)
        came = {mail.address for mail in arrivals}
        states = ledger()
        accepted = states.get(State.ACCEPTED, set())
        doubt = states.get(State.IN_DOUBT, set())
        unfinished = {a for s in STILL_TO_GO for a in states.get(s, set())}
        return Outcome(
            name=name,
            kills=self.kills,
            met=met(self.here.home),
            mails=sum(map(len, states.values())),
            arrived=len(ids),
            lost=len(accepted - came) + len(unfinished),
            doubled=sum(n - 1 for n in ids.values()) + len(ids) - len(came),
            refused=len(states.get(State.REFUSED, set())),
            in_doubt=len(doubt),
            in_doubt_arrived=len(doubt & came),
            worst_per_kill=self._worst(),
            unfinished=len(unfinished),
        )

    def _worst(self) -> int:
        """Return how many one lost holder left in doubt at most, by the logs."""
        logs = self.here.home.folder / "logs"
        return max(
            (
                int(found[1])
                for log in logs.glob("worker*.log")
                for found in DOUBTS.finditer(log.read_text(errors="replace"))
            ),
            default=0,
        )


def ledger() -> dict[str, set[str]]:
    """Return the addresses of all deliveries by state; each reader has one run."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.state, array_agg(s.address) FROM delivery d"
            "  JOIN audience_subscriber s ON s.id = d.subscriber_id GROUP BY d.state"
        )
        return {state: set(addresses) for state, addresses in cursor.fetchall()}


@contextmanager
def storm(tables: Path, *, seed: int = 0, **values: str) -> Iterator[Storm]:
    """Lend a storm on an installation of its own."""
    settings = {"RELAY_SESSIONS": str(SESSIONS), "RELAY_PIPES": "4"} | values
    with installed(tables, recorder, **settings) as here:
        yield Storm(here, seed=seed)


def patiently(act: Callable[[], object], what: str) -> None:
    """Do something that may meet a server which is away, until it works."""

    def done() -> bool:
        act()
        return True

    until(done, what, seconds=PATIENCE_SECONDS)


def runs_add_up() -> bool:
    """Tell whether every run's tally agrees with its rows."""
    now = utc_now()
    return delivery.upkeep(now=now).wrong == () and all(
        queries.progress(run.pk).adds_up for run in Run.objects.all()
    )
