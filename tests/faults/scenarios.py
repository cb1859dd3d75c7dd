"""The faults, each on an installation of its own: what is done to it, and when."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import redis
from django.db import connection

from mailer.kernel.bells import Bell
from tests.faults.storm import WORKERS, Outcome, Storm, patiently, storm
from tests.kit.processes import until
from tests.kit.stepping_clock import SteppingClock, can_step

Scenario = Callable[[Path, int], Outcome]
HOUR = 3600


def of(*, kills: int) -> dict[str, Scenario]:
    """Return the scenarios by name. kills: of single workers, in the first."""
    servers = max(1, kills // 20)
    fire = {
        "kill -9 of a worker": partial(_workers, kills=kills),
        "kill -9 of all workers": partial(_all_workers, times=max(2, kills // 25)),
        "kill -9 of PostgreSQL": partial(_server, name="postgres", times=servers),
        "kill -9 and wipe of Valkey": partial(
            _server, name="valkey", times=servers, then=_wipe
        ),
        "kill -9 of beat": partial(_beat, times=servers),
        "kill -9 of the relay": partial(_server, name="relay", times=servers),
        "SIGTERM of workers (a deploy)": _deploy,
        "a worker that oversleeps": _oversleep,
        "a bell rung a thousand times": _bells,
    }
    if can_step():
        fire["the clock of a worker steps"] = _clock_of_a_worker
        fire["the clock of PostgreSQL steps"] = _clock_of_the_database
    if os.geteuid() == 0:
        fire["the disk runs full"] = _full_disk
    faulty = {
        "relay: cut before the message": {"no_data": 0.02},
        "relay: lost after the final dot": {"lose": 0.002},
        "relay: cut after the final dot": {"cut": 0.002},
        "relay: half a reply": {"half": 0.002},
        "relay: a reply too many": {"swap": 0.002},
        "relay: a reply too late": {"late": 0.0005},
        "relay: a reply too early": {"early": 0.002},
        "relay: a reply to no command": {"unasked": 0.002},
        "relay: replies out of order": {"order": 0.002, "skip": 0.002},
        "relay: never answers": {"mute": 0.002},
        "relay: a storm of 4xx": {"refuse": 0.05},
    }
    for name, how in faulty.items():
        fire[name] = partial(_faulty_relay, how=how)
    return {name: partial(_run, name, act) for name, act in fire.items()}


def _run(name: str, act: Callable[[Storm], None], tables: Path, seed: int) -> Outcome:
    with storm(tables, seed=seed) as fire:
        act(fire)
        fire.relay_behaves()
        fire.finish()
        return fire.outcome(name)


def _workers(fire: Storm, *, kills: int) -> None:
    fire.kill_workers(kills, readers=60_000)


def _all_workers(fire: Storm, *, times: int) -> None:
    fire.send(40_000)
    fire.start_workers()
    for _ in range(times):
        fire.wait_for_mail(500)
        fire.kill(*WORKERS)
        fire.bring_back(*WORKERS)


def _server(
    fire: Storm, *, name: str, times: int, then: Callable[[Storm], None] | None = None
) -> None:
    """Kill a server in mid-send and bring it back, again and again."""
    run = fire.send(60_000)
    fire.start_workers()
    for _ in range(times):
        if not fire.left(run):
            run = fire.send(60_000)
        fire.wait_for_mail(1_000)
        fire.kill(name)
        connection.close()
        fire.here.bring_back(name)
        if then is not None:
            then(fire)


def _wipe(fire: Storm) -> None:
    """Empty Valkey: it keeps nothing on disk, but a kill may be said to be luck."""
    client = redis.Redis.from_url(fire.here.home.redis_url)
    client.flushall()
    client.close()


def _beat(fire: Storm, *, times: int) -> None:
    fire.send(30_000)
    fire.here.start(fire.here.beat())
    fire.start_workers()
    for _ in range(times):
        fire.wait_for_mail(500)
        fire.kill("beat")
        fire.here.bring_back("beat")


def _deploy(fire: Storm) -> None:
    fire.send(60_000)
    fire.relay_behaves(delay=0.05)  # a drain ends within a second; the send must last
    fire.start_workers()
    for name in WORKERS:
        fire.wait_for_mail(500)
        fire.here.ask_to_end(name)
        fire.bring_back(name)


def _oversleep(fire: Storm) -> None:
    """Freeze a worker until another has sent what it held, then let it wake.

    Its connection stays, so that only its lease's end frees the batch.
    """
    run = fire.send(30_000)
    fire.start_workers(WORKERS[:2])
    until(lambda: fire.sends(WORKERS[0]), "it sending")
    process = fire.here.family.running[WORKERS[0]]
    os.killpg(process.pid, signal.SIGSTOP)
    try:
        until(lambda: not fire.left(run), "the other sending the rest")
    finally:
        os.killpg(process.pid, signal.SIGCONT)
    lost = "delivery.lease.lost"
    until(lambda: lost in fire.here.log(WORKERS[0]), "it noticing")


def _bells(fire: Storm) -> None:
    fire.send(20_000)
    fire.start_workers()
    for _ in range(1000):
        fire.here.ring(Bell.DELIVER, relay_id=1)


def _clock_of_a_worker(fire: Storm) -> None:
    """Set one worker's clock ahead and back by an hour, and behind and back."""
    clock = SteppingClock(fire.here.home.folder)
    right, wrong = WORKERS[:2]
    fire.send(60_000)
    fire.here.start(fire.worker(right), clock.worn_by(fire.worker(wrong)))
    fire.ring(2)
    until(lambda: fire.sends(wrong), "it sending")
    for ahead in (HOUR, 0, -HOUR, 0):
        fire.wait_for_mail(5_000)
        clock.set_ahead(ahead)


def _clock_of_the_database(fire: Storm) -> None:
    """Do the same to PostgreSQL's clock, by which leases are counted.

    A drain counts on from when it began, so at each step another worker begins: one
    that takes living workers' leases for over, and one for which nothing is due yet.
    """
    clock = SteppingClock(fire.here.home.folder)
    family = fire.here.family
    connection.close()
    family.running["postgres"].send_signal(signal.SIGINT)
    family.running["postgres"].wait()
    family.programs["postgres"] = clock.worn_by(family.programs["postgres"])
    fire.here.bring_back("postgres")
    fire.send(60_000)
    fire.relay_behaves(delay=0.01)  # it must last
    for name, ahead in zip(WORKERS[:3], (0, HOUR, 0), strict=True):
        clock.set_ahead(ahead)
        fire.start_workers([name])
        until(partial(fire.sends, name), "it sending")
    clock.set_ahead(-HOUR)
    fire.start_workers(WORKERS[3:])
    fire.wait_for_mail(1_000)
    clock.set_ahead(0)


def _full_disk(fire: Storm) -> None:
    """Run the database's disk full in mid-send, then make room. Only root can."""
    family = fire.here.family
    fire.send(60_000)
    more = fire.newsletter(300_000)
    fire.start_workers()
    connection.close()
    family.running["postgres"].send_signal(signal.SIGINT)
    family.running["postgres"].wait()
    with _a_small_disk(fire.here.home.folder / "postgres" / "data") as make_room:
        fire.here.bring_back("postgres")
        fire.here.start(fire.here.beat())
        fire.wait_for_mail(1_000)
        patiently(lambda: fire.open(more, opened=False), "a second run")
        log = family.programs["postgres"].log
        until(
            lambda: "No space left" in log.read_text(),
            "the disk running full",
            seconds=120,
        )
        make_room()
        connection.close()
        fire.finish()


@contextmanager
def _a_small_disk(folder: Path) -> Iterator[Callable[[], None]]:
    """Put a folder on a file system with little room; lend how to make more."""
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.mkdir()
    used = sum(f.stat().st_size for f in aside.rglob("*") if f.is_file()) >> 20
    _as_root("mount", "-t", "tmpfs", "-o", f"size={used + 50}m", "tmpfs", folder)
    try:
        _as_root("cp", "-a", f"{aside}/.", folder)
        yield lambda: _as_root("mount", "-o", "remount,size=4g", folder)
    finally:
        _as_root("umount", "-l", folder)  # who has it open keeps it


def _as_root(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _faulty_relay(fire: Storm, *, how: dict[str, float]) -> None:
    run = fire.send(30_000)
    fire.relay_behaves(**how)
    fire.start_workers()
    until(lambda: fire.left(run) < 3_000, "most of it to be tried", seconds=120)
