"""What an edition says of itself: its subject, its preheader, the reason it is not.

The preheader completes the subject: it never says the same again, and names what else
is in the mail.

Pure: no clock, no table.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mailer.editions.content import Block, Item
from mailer.kernel.figures import counted
from mailer.kernel.moments import DAYS, MONTHS, day_of

LONGEST_SUBJECT = 150  # characters; inboxes show 30 to 70, a header line holds 998
LONGEST_PREHEADER = 160
ALSO = 2  # further headlines a preheader names
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def one_line(text: str, most: int) -> str:
    """Return a text as one line without control characters, cut at a word.

    Line breaks end here: a title becomes a header. So do characters that turn the
    direction of what follows them.
    """
    line = " ".join(CONTROLS.sub(" ", text).split())
    if len(line) <= most:
        return line
    cut = line[:most].rpartition(" ")[0] or line[: most - 1]
    return cut.rstrip(",;:.") + "…"


def digest_subject(items: Sequence[Item]) -> str:
    """Return the lead's headline, or that of whatever comes first."""
    first = _first(items)
    return one_line(first.title, LONGEST_SUBJECT) if first else ""


def digest_preheader(items: Sequence[Item]) -> str:
    """Return the lead's standfirst, then what else there is, as far as it fits.

    A paid lead's standfirst is left out: the line is the same for every tier.
    """
    first = _first(items)
    if first is None:
        return ""
    open_words = "" if first.story.subscriber_only else first.standfirst
    words = one_line(open_words, LONGEST_PREHEADER)
    also = [
        one_line(item.title, 70).rstrip(".")
        for item in items
        if item is not first and item.block in {Block.LATEST, Block.SECTION}
    ][:ALSO]
    while also:
        rest = f"Also: {'; '.join(also)}."
        if len(f"{words} {rest}".strip()) <= LONGEST_PREHEADER:
            return f"{words} {rest}".strip()
        also.pop()
    return words


def alert_subject(headline: str, *, is_update: bool) -> str:
    """Return an alert's subject. One word says what it is, and none shouts."""
    word = "Update" if is_update else "Breaking"
    return one_line(f"{word}: {headline}", LONGEST_SUBJECT)


def correction_subject(subject: str) -> str:
    """Return the subject of a mail that puts an earlier one right, once marked."""
    bare = subject.removeprefix("Correction: ")
    return one_line(f"Correction: {bare}", LONGEST_SUBJECT)


def nothing_new(  # noqa: PLR0913  a sentence of six facts
    *,
    new: int,
    least: int,
    undated: int,
    since: datetime,
    time_zone: str,
    slot_at: datetime,
) -> str:
    """Return why a slot has no edition: "No new stories since Mon 23 Nov 06:00"."""
    when = _since(since, time_zone, slot_at)
    if not new:
        reason = f"No new stories since {when}"
    else:
        stories = counted(new, "new story", "new stories")
        reason = f"Only {stories} since {when}; the recipe asks for {least}"
    if undated:
        without = counted(undated, "story", "stories")
        reason += f". {without} without a date can only fill up"
    return reason


def missed(deadline: timedelta, *, also_from: datetime | None = None) -> str:
    """Return why nobody filled a slot.

    also_from: this row stands for all slots from then on that have none of their own.
    """
    reason = f"Missed: the scheduler was away until {_minutes(deadline)} after the slot"
    if also_from:
        reason += f" and later. So were all slots before it, from {day_of(also_from)}"
    return reason


def too_late(*, approved: bool, deadline: timedelta) -> str:
    """Return why a filled edition is not sent any more."""
    what = "Not released" if approved else "Not approved"
    return f"{what} within {_minutes(deadline)} of its slot, so it would be stale"


def _minutes(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes and minutes % 60 == 0:
        return counted(minutes // 60, "hour")
    return counted(minutes, "minute")


def _since(at: datetime, time_zone: str, slot_at: datetime) -> str:
    """Return a moment with weekday and date, whatever day it is read on."""
    local = at.astimezone(ZoneInfo(time_zone))
    other_year = local.year != slot_at.astimezone(ZoneInfo(time_zone)).year
    year = f" {local.year}" if other_year else ""
    day = f"{DAYS[local.weekday()][:3]} {local.day} {MONTHS[local.month - 1][:3]}{year}"
    return f"{day} {local:%H:%M}"


def _first(items: Sequence[Item]) -> Item | None:
    leads = (item for item in items if item.block is Block.LEAD)
    return next(leads, items[0] if items else None)
