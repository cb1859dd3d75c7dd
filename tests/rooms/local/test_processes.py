"""Processes in order: real children of this process, started, killed, stopped."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mailer.local.processes import Family, NotReady, Program

SLEEPS = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


def a_program(tmp_path: Path, name="sleeper", command=SLEEPS, **fields) -> Program:
    log = tmp_path / f"{name}.log"
    fields.setdefault("ready", lambda: log.exists() and "up" in log.read_text())
    return Program(name, command, dict(os.environ), log, **fields)


def test_a_program_is_ready_when_start_returns(tmp_path):
    family = Family()

    family.start(a_program(tmp_path))

    assert (tmp_path / "sleeper.log").read_text() == "up\n"
    family.stop()


def test_a_program_that_ends_before_it_is_ready_shows_its_log(tmp_path):
    family = Family()
    broken = a_program(
        tmp_path, command=[sys.executable, "-c", "raise SystemExit('no database')"]
    )

    with pytest.raises(NotReady, match=r"sleeper ended.*\n?no database"):
        family.start(broken)


def test_what_ended_by_itself_is_named_and_can_be_started_again(tmp_path):
    family = Family()
    family.start(a_program(tmp_path))

    family.kill("sleeper")
    ended = family.ended()
    family.restart("sleeper")

    assert ended == ["sleeper"]
    assert family.ended() == []
    family.stop()


def test_the_last_one_started_is_stopped_first(tmp_path):
    family = Family()
    order = tmp_path / "order"
    tells = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    open(sys.argv[2], 'a').write(sys.argv[1]); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end); print('up', flush=True); time.sleep(60)"
    )
    for name in ("a", "b", "c"):
        command = [sys.executable, "-c", tells, name, str(order)]
        family.start(a_program(tmp_path, name, command))

    family.stop()

    assert order.read_text() == "cba"


def test_children_die_with_a_parent_that_is_killed(tmp_path):
    parent = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from mailer.local.processes import Family, Program\n"
        "log = Path(sys.argv[1])\n"
        "program = Program('child', ['sleep', '60'], dict(os.environ), log)\n"
        "family = Family(); family.start(program)\n"
        "print(family.running['child'].pid, flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", parent, str(tmp_path / "log")], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    child = int(process.stdout.readline())

    process.send_signal(signal.SIGKILL)
    process.wait()

    assert is_gone(child)


def is_gone(number: int) -> bool:
    """Wait for a process to end: the kernel signals it when its parent is reaped."""
    ends_at = time.monotonic() + 10
    while time.monotonic() < ends_at:
        state = Path(f"/proc/{number}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return True
    return False
