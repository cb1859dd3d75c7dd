"""What others are told about runs and deliveries: frozen, and it adds up.

Pure: no clock, no table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailer.delivery.breaker import Position
from mailer.delivery.ledger import State
from mailer.delivery.run import RunKind, RunState

LATELY = timedelta(seconds=30)  # a run that moved within it is moving


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many of a run wait for their own hour, and until when."""

    at: datetime
    people: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come. The states are the tally's; audience is the run's own.

    first_at, last_at: when the first and the last delivery were settled, as far as the
    tally knows; None until one was. per_second: over that time, 0 if it is too short
    to say. waves: who still waits for her own hour, as far as nobody began with them;
    they are among the due. superseded_by: the run that made this one old.
    archived_at: since when its rows are in a file, and only its sums here.
    """

    run_id: int
    kind: RunKind
    state: RunState
    newsletter_id: int
    edition_id: int | None
    audience: int
    due: int = 0
    in_flight: int = 0
    accepted: int = 0
    refused: int = 0
    deferred: int = 0
    in_doubt: int = 0
    cancelled: int = 0
    opened: bool = False  # all of the audience is in the ledger
    asked_at: datetime | None = None
    release_at: datetime | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None
    finished_at: datetime | None = None
    per_second: float = 0.0
    moved_by: str = ""
    reason: str = ""
    superseded_by: int | None = None
    archived_at: datetime | None = None
    waves: tuple[Waiting, ...] = ()

    @property
    def total(self) -> int:
        """Add up the states: the audience, or the sums are wrong."""
        return sum(getattr(self, state.value) for state in State)

    @property
    def adds_up(self) -> bool:
        """Tell whether every person of the audience is in exactly one state."""
        return self.total == self.audience

    @property
    def gone(self) -> int:
        """Count who got it or may have got it."""
        return self.accepted + self.in_doubt + self.in_flight

    @property
    def left(self) -> int:
        """Count who still waits for it."""
        return self.due + self.deferred

    def due_at(self, now: datetime) -> int:
        """Count who is due now: those who wait for their own hour are not."""
        return self.due - sum(wave.people for wave in self.waves if wave.at > now)

    def moved_at(self, now: datetime) -> datetime | None:
        """Return when it last moved, or should have begun: at the latest of its waves.

        None if nothing of it should have left by now.
        """
        began = (self.last_at, self.release_at, *(wave.at for wave in self.waves))
        return max((at for at in began if at and at <= now), default=None)

    @property
    def over(self) -> bool:
        """Tell whether nothing will move by itself any more."""
        return self.state in {RunState.DONE, RunState.STOPPED}


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a stop found: exact, counted in the ledger.

    gone: who has it or may have it (accepted, in doubt, on the wire). left: who will
    not get it. refused: whose server took it not.
    """

    gone: int
    left: int
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Doubt:
    """One delivery nobody knows the end of."""

    run_id: int
    position: int
    subscriber_id: int
    newsletter_id: int
    kind: RunKind
    asked_at: datetime | None  # when the run was asked for
    settled_at: datetime | None  # when it came into doubt
    reason: str


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One row of the ledger, with what it belongs to."""

    run_id: int
    position: int
    subscriber_id: int
    newsletter_id: int
    edition_id: int | None
    kind: RunKind
    state: State
    code: int | None
    settled_at: datetime | None
    reason: str
    relay_id: int | None = None


@dataclass(frozen=True, slots=True)
class RelayView:
    """How a relay answers, who holds its pipes, and what is left of its day.

    kind: by what it is reached, without address and key. position: of its breaker. cap:
    mails a day, 0 for any number; used_today: of them, counted where there is a cap.
    waiting: people whose mail is due there. drained_at: taken out by a person.
    """

    relay_id: int
    pipes_held: int
    kind: str = "smtp"
    weight: int = 1
    cap: int = 0
    used_today: int = 0
    waiting: int = 0
    position: Position = Position.CLOSED
    failures: int = 0
    failing_since: datetime | None = None
    retry_at: datetime | None = None
    last_ok_at: datetime | None = None
    reason: str = ""
    drained_at: datetime | None = None
    drained_by: str = ""

    @property
    def is_used_up(self) -> bool:
        """Tell whether it has had its mails of today."""
        return bool(self.cap) and self.used_today >= self.cap


@dataclass(frozen=True, slots=True)
class PauseView:
    """Everything is paused: by whom, since when, why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class LaneView:
    """What is due in the ledger now, by priority: batches, people, the oldest."""

    priority: int
    batches: int
    waiting: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Recount:
    """The tally of a run against a count of its rows, where they differ.

    wrong: by state, what the tally says and how many rows there are.
    """

    run_id: int
    audience: int
    rows: int
    wrong: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    counted_at: datetime | None = None

    @property
    def differs(self) -> bool:
        """Tell whether anything is counted wrong."""
        return bool(self.wrong) or self.rows != self.audience

    def __str__(self) -> str:
        """Say both sums of each state that differs."""
        said = [
            f"{state.replace('_', ' ')}: {tally:,} in the tally, {rows:,} in the ledger"
            for state, (tally, rows) in sorted(self.wrong.items())
        ]
        if self.rows != self.audience:
            said.append(f"audience: {self.audience:,}, {self.rows:,} in the ledger")
        return "; ".join(said)


def rate(accepted: int, first_at: datetime | None, last_at: datetime | None) -> float:
    """Return deliveries a second between two settlements, 0.0 if that says nothing."""
    if first_at is None or last_at is None or last_at <= first_at:
        return 0.0
    return accepted / (last_at - first_at).total_seconds()
