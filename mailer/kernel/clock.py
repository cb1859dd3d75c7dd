"""What a clock is: for loops that live for seconds; all else takes `now`."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time, aware, in UTC. Only edges call this."""
    return datetime.now(tz=UTC)  # noqa: TID251
