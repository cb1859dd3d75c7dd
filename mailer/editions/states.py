"""The states of an edition and the moves between them.

    slot ─▶ ready ─▶ approved ─▶ sending ─▶ sent
      │      │ ▲───────┤            └─────▶ stopped
      ▼      ▼         ▼
    skipped ◀┴─────────┤        with the reason; back to ready until its deadline
                       ▼
    withdrawn ◀── ready, approved    a person took it back; also from sending,
                                     while the release is still to come

ready      filled; waits for approval, or asks again because its content moved
approved   bound to the hash of what was seen; released when its time comes
sending    a run is open: from here on the ledger says what happened

Pure: no clock, no table.
"""

from mailer.editions.content import EditionState
from mailer.kernel.errors import Permanent

MOVES: dict[EditionState, frozenset[EditionState]] = {
    EditionState.READY: frozenset(
        {EditionState.APPROVED, EditionState.SKIPPED, EditionState.WITHDRAWN}
    ),
    EditionState.APPROVED: frozenset(
        {
            EditionState.READY,
            EditionState.SENDING,
            EditionState.SKIPPED,
            EditionState.WITHDRAWN,
        }
    ),
    EditionState.SENDING: frozenset(
        {EditionState.SENT, EditionState.STOPPED, EditionState.WITHDRAWN}
    ),
    EditionState.SKIPPED: frozenset({EditionState.READY}),
    EditionState.SENT: frozenset(),
    EditionState.STOPPED: frozenset(),
    EditionState.WITHDRAWN: frozenset(),
}
UNSENT = frozenset({EditionState.READY, EditionState.APPROVED})
GONE = frozenset({EditionState.SENDING, EditionState.SENT, EditionState.STOPPED})

WORDS = {
    EditionState.READY: "waits for approval",
    EditionState.APPROVED: "is approved",
    EditionState.SENDING: "is going out",
    EditionState.SENT: "was sent",
    EditionState.STOPPED: "was stopped",
    EditionState.SKIPPED: "was skipped",
    EditionState.WITHDRAWN: "was withdrawn",
}


class NotNow(Permanent):
    """The edition is in a state that does not allow this."""


def check_move(now_is: EditionState, wanted: EditionState) -> None:
    """Do nothing if the move is drawn above.

    Raises NotNow, with a sentence for the person who asked.
    """
    if wanted not in MOVES[now_is]:
        raise NotNow(f"This edition {WORDS[now_is]}; nothing was changed.")


def check_unsent(now_is: EditionState) -> None:
    """Do nothing if the edition's content may still change.

    Raises NotNow, with a sentence for the person who asked.
    """
    if now_is not in UNSENT:
        raise NotNow(f"This edition {WORDS[now_is]}; nothing was changed.")
