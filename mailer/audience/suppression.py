"""When an address is left alone, and for how long one may go on failing.

    event                                     then
    the address or domain does not exist      at once, everything
    complaint                                 at once, everything
    mailbox full, domain not found for now    3 in a row over 14 days, newsletters only
    other passing failures                    5 in a row over 30 days, newsletters only
    policy, spam, authentication, rate        never: that is about us

A dead address must not be tried again, a good reader must not be lost to a block list
that names our server. Counts in between follow what large senders publish; sources
disagree, so the softer suppressions end when the reader confirms anew.

Pure: no clock, no table.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mailer.kernel.blame import Blame


class Reason(StrEnum):
    """Why an address is suppressed. Values are stored: never renamed."""

    NO_SUCH_ADDRESS = "no_such_address"
    COMPLAINT = "complaint"
    KEEPS_FAILING = "keeps_failing"
    MANUAL = "manual"
    LEGAL = "legal"  # a registry or a court says so
    ERASED = "erased"


class Scope(StrEnum):
    """What is withheld. Values are stored: never renamed."""

    ALL = "all"  # newsletters and letters
    LISTS = "lists"  # newsletters; letters the person asks for still go


@dataclass(frozen=True, slots=True)
class Streak:
    """Failures in a row: how many days had one, the first and the last."""

    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to do: suppress for a reason, remember a streak, or neither."""

    reason: Reason | None = None
    scope: Scope = Scope.ALL
    streak: Streak | None = None


# How many, over how long. Several failures within a day count as one.
PATIENCE: dict[Blame, tuple[int, timedelta]] = {
    Blame.MAILBOX_FULL: (3, timedelta(days=14)),
    Blame.DOMAIN: (3, timedelta(days=14)),
    Blame.RECEIVER: (5, timedelta(days=30)),
}
ONE_FAILURE = timedelta(hours=20)  # a daily mail must count as one a day
# A longer silence means that something came through in between. Eight days: a weekly
# newsletter's failures still follow one another.
STREAK_ENDS = timedelta(days=8)


def judge(blame: Blame, streak: Streak | None, now: datetime) -> Judgement:
    """Decide what a failure means for an address.

    streak: what is remembered of earlier failures of the same blame, None if nothing.
    """
    if blame is Blame.ADDRESS:
        return Judgement(Reason.NO_SUCH_ADDRESS)
    if blame is Blame.READER:
        return Judgement(Reason.COMPLAINT)
    if blame not in PATIENCE:
        return Judgement()
    grown = _grown(streak, now)
    count, over = PATIENCE[blame]
    if grown.count >= count and grown.last_at - grown.first_at >= over:
        return Judgement(Reason.KEEPS_FAILING, Scope.LISTS, grown)
    return Judgement(streak=grown)


def _grown(streak: Streak | None, now: datetime) -> Streak:
    if streak is None or now - streak.last_at > STREAK_ENDS:
        return Streak(1, now, now)
    if now - streak.last_at < ONE_FAILURE:
        return streak
    return Streak(streak.count + 1, streak.first_at, now)


# Which of two reasons stays when both apply: what only a person may lift wins.
_WEIGHT = {
    Reason.KEEPS_FAILING: 0,
    Reason.NO_SUCH_ADDRESS: 1,
    Reason.MANUAL: 2,
    Reason.COMPLAINT: 3,
    Reason.LEGAL: 4,
    Reason.ERASED: 5,
}


def heavier(one: Reason, other: Reason) -> Reason:
    """Return the reason that is kept when an address is suppressed twice."""
    return max(one, other, key=_WEIGHT.__getitem__)
