"""What the parts of the benchmark are asked and what they answer: sizes and rows."""

from dataclasses import dataclass, field

from tests.benchmarks.machine import Spread


@dataclass(frozen=True)
class Sizes:
    """How much is measured; `quick` is the same with less."""

    mails: int = 200_000
    pairs: int = 7
    signed: int = 20_000
    snapshot: int = 1_000_000
    ledger: int = 100_000
    alert: int = 50_000
    peers: int = 20_000


QUICK = Sizes(20_000, 3, 4_000, 100_000, 20_000, 5_000, 2_000)
MARKS = {True: "met", False: "missed", None: ""}


@dataclass(frozen=True)
class Row:
    """One line of the report: what was aimed at, and what was measured.

    is_met: None where nothing is aimed at; the aim is then "-".
    """

    name: str
    aim: str
    measured: Spread
    is_met: bool | None
    notes: str = ""
    runs: list[dict[str, float]] = field(default_factory=list)

    def __str__(self) -> str:
        found = f"{self.name:23} aim {self.aim:8} {self.measured!s:28}"
        return f"{MARKS[self.is_met]:6} {found} {self.notes}"
