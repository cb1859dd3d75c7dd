"""The states of one delivery, the moves between them, and the size of a window.

A delivery is one promise: this run, to this subscriber, once.

    due ──▶ in_flight ──▶ accepted | refused
     │       ▲     ├────▶ in_doubt ──▶ accepted | refused | due
     │       │     ▼
     │       deferred                  its batch comes round again
     ▼          ▼
      cancelled                        with the reason

in_flight  written before the server is asked, so a crash leaves a trace
in_doubt   the worker died, or the line broke, before the final reply: the
           server may have said yes. The run's policy decides, or a person

Pure: no clock, no table. Times come in as arguments, aware, UTC.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from mailer.delivery.transport import Pace
from mailer.kernel.priority import Priority


class State(StrEnum):
    """Where a delivery stands. Values are stored: never renamed."""

    DUE = "due"
    IN_FLIGHT = "in_flight"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    IN_DOUBT = "in_doubt"
    CANCELLED = "cancelled"


MOVES = {
    State.DUE: {State.IN_FLIGHT, State.CANCELLED},
    State.IN_FLIGHT: {State.ACCEPTED, State.REFUSED, State.DEFERRED, State.IN_DOUBT},
    State.DEFERRED: {State.IN_FLIGHT, State.CANCELLED},
    State.IN_DOUBT: {State.ACCEPTED, State.REFUSED, State.DUE},
    State.ACCEPTED: set(),
    State.REFUSED: set(),
    State.CANCELLED: set(),
}

UNSENT = frozenset({State.DUE, State.DEFERRED})  # a cancel may still catch it

LEASE = timedelta(seconds=30)  # of a batch; three idle steps fit into it
PIPE_LEASE = timedelta(seconds=20)  # shorter: a killed worker's pipe is missed soon
DRAIN = timedelta(seconds=20)  # a drain asks for no more after it …
LAST_CALL = timedelta(seconds=20)  # … and waits so long for what is in flight
TURN = timedelta(seconds=2)  # of a lane on a pipe, then another's; most need less
BATCH_SIZE = 1_000  # positions; a retry walks over one batch, a lease covers one
SLICE_SIZE = 25_000  # subscribers a transaction of open_run writes: 0.1 to 0.2 s

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=30)


def window_size(priority: Priority, pace: Pace) -> int:
    """Decide how many deliveries may be in flight at once, at least 1.

    Four a session keep commits cheap and sessions busy; an alert takes two, to
    leave less in doubt. Never more than half a second of the lane's rate, so
    that leaving and pausing act within a second on a slow lane too.
    """
    per_session = 2 if priority is Priority.BREAKING else 4
    return max(1, min(per_session * pace.sessions, int(pace.per_second / 2)))


def next_try_at(now: datetime, *, attempt: int) -> datetime:
    """Return when a batch with deferred deliveries becomes due again.

    attempt: the one that just ended, from 1. Each wait is twice the one before.
    """
    doublings = min(attempt - 1, 16)  # 16: stay clear of overflow
    return now + min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def ask_stop(start: int, last: int, *, room: int, waiting: Sequence[int] | None) -> int:
    """Return the position after the last one to ask for.

    start, last: the stretch still to go. room: how many may be asked. waiting: in a
    later round, the positions that wait for it, in order; the walk leaps over the
    others. None: all of them.
    """
    if waiting is None or not room:
        return min(start + room, last + 1)
    left = [position for position in waiting if start <= position <= last]
    return left[room] if room < len(left) else last + 1
