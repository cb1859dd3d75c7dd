"""How a relay that receivers do not know yet is made known: so many mails a day.

    step    1    2    3  …    9       10       11        12
    cap   100  200  400  …  25,600  50,000  75,000  112,500

A cap is for each receiver by itself. After a day that went well comes the next step; a
day with more than 10 in 100 put off, or 1 in 1,000 complaints, is had again. So is one
that used less than half of its cap: receivers learn from mail, not from days.

Sources disagree about the first days, and agree on twice the day before at most, most
engaged readers first, 30 to 90 days (SocketLabs).

Pure: no clock, no table.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

FIRST = 100
DOUBLES_TO = 50_000
THEN_BY = 1.5
LARGEST = 10_000_000  # by then nothing is held back
MOST_DEFERRED = 0.10
MOST_COMPLAINTS = 0.001
LEAST_USED = 0.5


@dataclass(frozen=True, slots=True)
class Day:
    """What a lane did on a day: mails sent, how many were put off, complaints."""

    on: date
    taken: int
    deferred: int = 0
    complaints: int = 0


def cap_of(step: int) -> int:
    """Return how many mails a receiver gets on a day of this step, from 1."""
    cap = FIRST
    for _ in range(1, step):
        if cap < DOUBLES_TO:
            cap = min(2 * cap, DOUBLES_TO)
        else:
            cap = min(int(cap * THEN_BY), LARGEST)
    return cap


def went_well(day: Day, *, cap: int) -> bool:
    """Tell whether a day lets the next one be larger."""
    return (
        day.taken >= LEAST_USED * cap
        and day.deferred <= MOST_DEFERRED * day.taken
        and day.complaints <= MOST_COMPLAINTS * day.taken
    )


def step_on(today: date, days: Iterable[Day]) -> int:
    """Return the step of a day, from 1, by the days before it. In any order."""
    step = 1
    for day in sorted(days, key=lambda one: one.on):
        if day.on < today and went_well(day, cap=cap_of(step)):
            step += 1
    return step
