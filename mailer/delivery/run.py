"""What a run is: one edition or letter to one audience; its states and moves.

    held ──▶ open ◀──▶ paused        held: written, waits for its release
      │       │ ▲         │
      │       ▼ │ doubt   │
      │      done         │
      └──────────────▶ stopped ◀─── (from open and paused too; for good)

open    its batches may be leased, although not all are there until `opened_at`
done    nothing is due, in flight or deferred; some may still be in doubt
stopped what had not gone is cancelled, with the reason: by a person, because its story
        was withdrawn, or because a newer run superseded it

Pure: no clock, no table.
"""

from datetime import timedelta
from enum import StrEnum

from mailer.kernel.priority import Priority


class RunKind(StrEnum):
    """What a run carries. Values are stored: never renamed."""

    DIGEST = "digest"
    ALERT = "alert"
    RESULTS = "results"
    LETTER = "letter"
    TEST = "test"  # an edition, to staff only, with TEST in its subject


class RunState(StrEnum):
    """Where a run stands. Values are stored: never renamed."""

    HELD = "held"
    OPEN = "open"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


RUN_MOVES = {
    RunState.HELD: {RunState.OPEN, RunState.STOPPED},
    RunState.OPEN: {RunState.PAUSED, RunState.STOPPED, RunState.DONE},
    RunState.PAUSED: {RunState.OPEN, RunState.STOPPED},
    RunState.DONE: {RunState.OPEN},  # a doubt of it is sent again
    RunState.STOPPED: set(),
}


class DoubtPolicy(StrEnum):
    """What becomes of deliveries in doubt. Values are stored: never renamed."""

    ASK = "ask"  # an operator; closed after CLOSE_DOUBT_AFTER
    RESEND = "resend"  # again, with the same Message-ID


CLOSE_DOUBT_AFTER = timedelta(hours=24)  # safety.md: nobody answers, not resent

PRIORITIES = {
    RunKind.ALERT: Priority.BREAKING,
    RunKind.LETTER: Priority.LETTER,
    RunKind.TEST: Priority.LETTER,  # somebody sits and waits for it
    RunKind.RESULTS: Priority.ELECTIONS,
    RunKind.DIGEST: Priority.NEWSLETTER,
}

# How long a mail is worth sending after its release, whether the relay put it off or
# nobody came to it. News grows old; a
# confirmation is good for days (RFC 5321 §4.5.4.1 asks for 4 to 5 of a relay, and we
# are not one).
LIFETIMES = {
    RunKind.ALERT: timedelta(hours=6),
    RunKind.RESULTS: timedelta(hours=12),
    RunKind.DIGEST: timedelta(hours=24),
    RunKind.LETTER: timedelta(hours=48),
    RunKind.TEST: timedelta(hours=6),
}


def rest_reason(superseded_by: int | None) -> str:
    """Say why what of a stopped run had not gone never goes."""
    return "stopped" if superseded_by is None else f"superseded by run {superseded_by}"


LETTERS = frozenset({RunKind.LETTER, RunKind.TEST})  # to people, not to a list


def reach_of(kind: RunKind, newsletter_id: int) -> int:
    """Return whose readers are asked for: 0, all who may be written to, for letters."""
    return 0 if kind in LETTERS else newsletter_id
