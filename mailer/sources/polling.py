"""When a source is asked again: its own rhythm, patience with what fails, manners."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LEAST_SECONDS, MOST_SECONDS = 5, 86_400  # of a source's rhythm
LONGEST_BACK_OFF = timedelta(hours=6)
LONGEST_RETRY_AFTER = timedelta(hours=24)
# Between two requests to one host. The look for due sources comes every 5 s.
HOST_GAP = timedelta(seconds=5)
# While a poll runs nobody starts another; longer than any task may live (60 s).
CLAIM = timedelta(minutes=2)


def next_poll_at(
    now: datetime, *, every_seconds: int, failures: int, source_id: int
) -> datetime:
    """Return when to ask again.

    After failures the wait doubles, from the source's own rhythm up to six hours. A
    source's number shifts it by up to a tenth, so that what failed together does not
    come back together.
    """
    wait = timedelta(seconds=every_seconds)
    if failures:
        doubled = wait * 2 ** min(failures, 16)  # 16: stay clear of overflow
        wait = max(wait, min(doubled, LONGEST_BACK_OFF))
        wait += wait * (source_id * 7919 % 100) / 1000
    return now + wait


def read_retry_after(text: str, *, now: datetime) -> datetime | None:
    """Return when a server wants to be asked again (RFC 9110 §10.2.3).

    At most a day away; None where it says nothing that can be read.
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(
            seconds=min(int(text[:9]), LONGEST_RETRY_AFTER.total_seconds())
        )
        return now + wait
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at.astimezone(UTC), now), now + LONGEST_RETRY_AFTER)
