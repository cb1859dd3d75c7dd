"""A wall clock that can be set: some programs see another time than their machine.

Setting the machine's own would move everybody's. So the programs are started with a
library before the C library (stepping_clock.c, LD_PRELOAD), which adds what a file says
to each look at the time: in Python, in PostgreSQL, in all they use, while they run.
"""

import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

from mailer.local.processes import Program

SOURCE = Path(__file__).with_suffix(".c")


def can_step() -> bool:
    """Tell whether such a clock can be made here: Linux, and a C compiler."""
    return sys.platform == "linux" and shutil.which("cc") is not None


class SteppingClock:
    """One clock, right until it is set, for the programs that wear it."""

    def __init__(self, folder: Path) -> None:
        self._library = folder / "stepping_clock.so"
        self._step = folder / "clock_step"
        self._step.touch(mode=0o644)
        self.set_ahead(0)
        command = [
            "cc",
            "-O2",
            "-shared",
            "-fPIC",
            "-o",
            str(self._library),
            str(SOURCE),
        ]
        subprocess.run(command, check=True, capture_output=True)

    def set_ahead(self, seconds: int) -> None:
        """Set the clock so far ahead of the machine's; below 0: behind it."""
        with self._step.open("r+b") as file:  # the programs have it mapped
            file.write(seconds.to_bytes(8, sys.byteorder, signed=True))

    def worn_by(self, program: Program) -> Program:
        """Return a program that will go by this clock."""
        ours = {"LD_PRELOAD": str(self._library), "CLOCK_STEP": str(self._step)}
        worn = dict(program.environment) | ours
        return dataclasses.replace(program, environment=worn)
