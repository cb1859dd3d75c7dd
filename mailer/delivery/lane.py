"""How a lane stands: slowed or suspended by what its receiver answers, and back again.

    usual ──"slower"──▶ slowed ──"slower", 10 s later──▶ half of that, one a minute
      ▲                   │
      └── +10 % every 10 minutes without trouble, until it is as fast as before

    three replies in 10 minutes that find fault with us ──▶ suspended for an hour

Additive increase, multiplicative decrease, as for TCP (RFC 5681 §3.1). The growth is
not written down: the rate follows from the last halving and the time since. A fault
that concerns less than 1 in 100 mails is about these mails, not about us.

Pure: no clock, no table. Rates are mails a second, times aware, UTC.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailer.delivery.shaping import SLOWEST

HALVED_AT_MOST_EVERY = timedelta(seconds=10)  # one storm is one trouble
GROWS_EVERY = timedelta(minutes=10)
GROWS_BY = 1.1
FAULTS = 3
FAULTS_WITHIN = timedelta(minutes=10)
FAULTS_ABOVE = 0.01  # of what the lane answered meanwhile
SUSPENDED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is remembered of a lane's trouble; all at its default: there is none.

    rate: as halved last, at changed_at; usual: as before the trouble, where it ends.
    faults: how many found fault with us since faults_since. since: of the trouble.
    """

    rate: float | None = None
    usual: float | None = None
    changed_at: datetime | None = None
    faults: int = 0
    faults_since: datetime | None = None
    suspended_until: datetime | None = None
    reason: str = ""
    since: datetime | None = None

    def rate_at(self, now: datetime) -> float | None:
        """Return how fast the lane may go now, None if nothing slows it any more."""
        if self.rate is None or self.usual is None or self.changed_at is None:
            return None
        steps = max(0, (now - self.changed_at) // GROWS_EVERY)
        grown = self.rate * GROWS_BY ** min(steps, 1_000)
        return grown if grown < self.usual else None

    def is_suspended(self, now: datetime) -> bool:
        """Tell whether nothing but letters may go now."""
        return self.suspended_until is not None and now < self.suspended_until

    def is_troubled(self, now: datetime) -> bool:
        """Tell whether anything holds the lane back now."""
        return self.is_suspended(now) or self.rate_at(now) is not None


def slowed(standing: Standing, *, going: float, reason: str, now: datetime) -> Standing:
    """Return how a lane stands after its receiver asked for less.

    going: how fast it went when it did. Within HALVED_AT_MOST_EVERY of the last time
    nothing changes.
    """
    last = standing.changed_at
    if last is not None and now - last < HALVED_AT_MOST_EVERY:
        return standing
    rate = standing.rate_at(now)
    was_slowed = rate is not None
    before = max(going if rate is None else rate, SLOWEST)
    usual = standing.usual if was_slowed and standing.usual else before
    return replace(
        standing,
        rate=max(before / 2, SLOWEST),
        usual=max(usual, 2 * SLOWEST),
        changed_at=now,
        reason=reason,
        since=standing.since if standing.is_troubled(now) else now,
    )


def faulted(
    standing: Standing, *, faults: int, answers: int, reason: str, now: datetime
) -> Standing:
    """Return how a lane stands after replies that find fault with us.

    faults: how many of these `answers` did.
    """
    if faults < FAULTS_ABOVE * answers:
        return standing
    began = standing.faults_since
    if began is None or now - began > FAULTS_WITHIN:
        standing, began = replace(standing, faults=0), now
    count = standing.faults + faults
    if count < FAULTS:
        return replace(standing, faults=count, faults_since=began)
    return replace(
        standing,
        faults=0,
        faults_since=None,
        suspended_until=now + SUSPENDED_FOR,
        reason=reason,
        since=standing.since if standing.is_troubled(now) else now,
    )
