"""What a benchmark takes of the machine: processor time of others, memory, a sink.

Linux only: /proc. Postfix's smtp-sink and smtp-source are the peers (in Debian's
package postfix; tests/kit/install brings them).
"""

import os
import resource
import shutil
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mailer.local.home import Home
from mailer.local.processes import Program

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
SINK_BACKLOG = "512"


@dataclass(frozen=True)
class Spread:
    """Some measurements of one thing: their middle, and how far apart they lie."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """Return the one in the middle."""
        return statistics.median(self.values)

    def __str__(self) -> str:
        return f"{self.median:.2f} ({min(self.values):.2f} to {max(self.values):.2f})"


def tool(name: str) -> str | None:
    """Return the path of one of Postfix's load tools, None where it is missing."""
    return shutil.which(name, path=f"/usr/sbin:{os.environ.get('PATH', '')}")


def sink(home: Home) -> Program:
    """Return Postfix's smtp-sink in the relay's place: it takes and forgets."""
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    address = f"127.0.0.1:{home.ports['smtp']}"
    command = [tool("smtp-sink") or "smtp-sink", *user, address, SINK_BACKLOG]
    return Program("relay", command, home.environment(), home.log("relay"))


@dataclass(frozen=True)
class Source:
    """What smtp-source took: seconds, and of processor time a mail (µs)."""

    seconds: float
    cpu_us: float


def smtp_source(port: int, *, mails: int, size: int, sessions: int) -> Source:
    """Let Postfix's own load generator send, each session reused; return what it took.

    size: bytes of a message, as smtp-source counts them.
    """
    command = [tool("smtp-source") or "smtp-source", "-d", "-s", str(sessions)]
    command += ["-l", str(size), "-m", str(mails), f"127.0.0.1:{port}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Source(seconds, used / mails * 1e6)


def with_children(pid: int) -> list[int]:
    """Return a process and all below it."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                waiting += map(int, task.read_text().split())
            except OSError:
                continue
    return found


def cpu_seconds(pids: Sequence[int]) -> float:
    """Return the processor time of processes, and of their children that ended."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def memory_mb(pids: Sequence[int]) -> float:
    """Return the largest resident size any of these processes ever had, in MB."""
    peak = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:
            continue
        peak = max([peak, *(int(x.split()[1]) for x in lines if x[:6] == "VmHWM:")])
    return peak / 1024
