"""The circuit breaker of a relay: a rule. standing.py keeps its memory in the ledger.

    closed ──a failure──▶ open ──its silence is over──▶ half-open
      ▲                    ▲                               │ one worker takes the probe
      │ an answer          │ a failure: twice as long      ▼
      └────────────────────┴─────────────────────────── probing

open       nobody tries, and other relays take what waits for this one
half-open  whoever comes first tries, with one batch; it has PROBE to be answered, or
           the next one may try
closed     what was its own comes back

What comes late says nothing: a failure of a worker that began before the breaker
opened lengthens no silence. Failures are forgotten with an answer to a mail, not with
a mere greeting: a relay that greets and takes nothing is left alone for longer.

Pure: no clock, no table. Times are aware, UTC.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

FIRST_SILENCE = timedelta(seconds=1)  # of a relay that did not answer
LONGEST_SILENCE = timedelta(seconds=30)  # letters wait no longer once it is back
LONGEST_WISH = timedelta(hours=1)  # what a relay may ask for itself (Retry-After)
PROBE = timedelta(seconds=30)  # to connect (15 s), and to be answered


class Position(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"
    PROBING = "probing"


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is remembered of a relay. failures: in a row. retry_at: None if closed."""

    failures: int = 0
    failing_since: datetime | None = None
    retry_at: datetime | None = None
    probe_ends_at: datetime | None = None

    def position(self, now: datetime) -> Position:
        """Tell where it stands."""
        if self.retry_at is None:
            return Position.CLOSED
        if now < self.retry_at:
            return Position.OPEN
        if self.probe_ends_at is not None and now < self.probe_ends_at:
            return Position.PROBING
        return Position.HALF_OPEN

    def probed(self, now: datetime) -> "Breaker":
        """Return it with the probe taken; for whoever found it half-open."""
        return replace(self, probe_ends_at=now + PROBE)

    def failed(
        self, now: datetime, *, is_probe: bool, wish: timedelta = timedelta()
    ) -> "Breaker":
        """Return it after a failure. wish: how long the relay asks to be left alone."""
        if self.retry_at is not None and not is_probe:
            return self
        failures = self.failures + 1
        rest = max(silence(failures), min(wish, LONGEST_WISH))
        return Breaker(failures, self.failing_since or now, now + rest)

    def greeted(self) -> "Breaker":
        """Return it closed, the failures not forgotten: no mail was answered yet."""
        return Breaker(failures=self.failures)


def silence(failures: int) -> timedelta:
    """Return how long a relay that failed so many times in a row is left alone."""
    doublings = min(failures - 1, 16)  # 16: stay clear of overflow
    return min(FIRST_SILENCE * (1 << doublings), LONGEST_SILENCE)
