"""Processes in order: each ready before the next, stopped in reverse, none left over.

Every child gets its own process group and dies with this process, even by SIGKILL
(Linux: PR_SET_PDEATHSIG, which follows the spawning thread: spawn from the main one).
Elsewhere a killed parent leaves its children behind.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
READY_SECONDS = 90.0
STOP_SECONDS = 50.0  # longer than a drain and what it has in flight: 20 s and 20 s
LOOK_SECONDS = 0.05


class NotReady(RuntimeError):
    """A process ended or was not ready in time; str() has the end of its log."""


class TooLate(RuntimeError):
    """Something did not happen in its time; str() says what."""


@dataclass
class Program:
    """How to run one process.

    ready: tells whether it does its work by now; never raises.
    before: runs before each start, also before a restart.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], bool] = lambda: True
    stop_signal: signal.Signals = signal.SIGTERM
    before: Callable[[], None] = lambda: None
    popen: Mapping[str, Any] = field(default_factory=dict)


class Family:
    """The running programs, by name, in the order of their start."""

    def __init__(self) -> None:
        self.programs: dict[str, Program] = {}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *wanted: Program) -> None:
        """Start programs side by side and wait until all are ready.

        Raises NotReady with the end of the log of one that is not.
        """
        for program in wanted:
            self.spawn(program)
        for program in wanted:
            self.wait(program)

    def spawn(self, program: Program) -> None:
        """Start a program without waiting; a restart keeps its place in the order."""
        program.before()
        self.programs[program.name] = program
        with program.log.open("ab") as out:
            self.running[program.name] = subprocess.Popen(  # noqa: S603
                program.command,
                env=dict(program.environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  no threads in the parent
                **program.popen,
            )

    def wait(self, program: Program) -> None:
        """Wait until a spawned program is ready. Raises NotReady."""
        ends_at = time.monotonic() + READY_SECONDS
        while not program.ready():
            gone = self.running[program.name].poll() is not None
            if gone or time.monotonic() > ends_at:
                why = "ended" if gone else "was not ready in time"
                tail = program.log.read_text(errors="replace")[-2000:]
                raise NotReady(f"{program.name} {why}. The end of its log:\n{tail}")
            time.sleep(LOOK_SECONDS)

    def ended(self) -> list[str]:
        """Return the names of the programs that ended by themselves."""
        return [name for name, p in self.running.items() if p.poll() is not None]

    def kill(self, name: str) -> None:
        """End a program and all its children at once, as a crash would."""
        process = self.running[name]
        _signal_group(process, signal.SIGKILL)
        process.wait()

    def restart(self, name: str) -> None:
        """Start a program again that has ended. Does not wait."""
        self.spawn(self.programs[name])

    def stop(self) -> None:
        """Stop all programs, the last started first, each with time to finish."""
        for name in reversed(list(self.running)):
            process = self.running.pop(name)
            if process.poll() is None:
                process.send_signal(self.programs[name].stop_signal)
                try:
                    process.wait(timeout=STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    _signal_group(process, signal.SIGKILL)
                    process.wait()
            _signal_group(process, signal.SIGKILL)  # what it left of its children


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
