"""What operators see: one value behind the page and `mailer status --json`.

A part that could not be read is None: "not known", never 0.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from mailer.delivery.lanetable import LaneStanding
from mailer.delivery.progress import (
    Doubt,
    LaneView,
    PauseView,
    Progress,
    Recount,
    RelayView,
)
from mailer.editions.view import EditionView
from mailer.kernel.figures import people
from mailer.sources.queries import SourceView

# The queues of workers/queues.py, in the order operators read them; a test compares.
QUEUES = ("breaking", "deliver", "render", "collect", "feedback", "upkeep")
ALIVE_FOR = timedelta(seconds=15)  # after three missed heartbeats a worker is gone
STANDS_STILL_AFTER = timedelta(seconds=60)
OLD_BELL = timedelta(seconds=30)
STOPPED_SHORT_BY = "delivery"  # not a person: see delivery/tripwire.py


@dataclass(frozen=True, slots=True)
class QueueView:
    """One queue: bells that wait, when the oldest rang, how many workers serve it."""

    name: str
    depth: int | None
    oldest_at: datetime | None
    workers: int


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A worker that lives: what it serves and what it does, since when."""

    name: str
    queues: tuple[str, ...]
    task: str
    task_since: datetime | None
    beat_at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """How everything stands at one moment.

    lanes: what is due in the ledger, whatever the queues say. receivers: where mail
    waits or is held back. runs: those that are not over, then the latest.
    letters_waiting: asked for, not yet in the ledger. letters_going: in the ledger,
    not yet settled.
    """

    at: datetime
    broker_answers: bool
    queues: tuple[QueueView, ...]
    workers: tuple[WorkerView, ...]
    lanes: tuple[LaneView, ...]
    receivers: tuple[LaneStanding, ...]
    runs: tuple[Progress, ...]
    letters_waiting: int
    letters_going: int
    differing: tuple[Recount, ...]  # tally and rows, when they were counted last
    doubt: tuple[Doubt, ...]
    paused: PauseView | None
    relays: tuple[RelayView, ...]
    failing_sources: tuple[SourceView, ...]
    editions_waiting: tuple[EditionView, ...]  # nothing happens unless a person acts
    editions_coming: tuple[EditionView, ...]  # approved, by time

    @property
    def troubles(self) -> tuple[str, ...]:
        """Say what is wrong, worst first; nothing if all is well."""
        return tuple(_troubles(self))


def as_json(status: Status) -> dict[str, Any]:
    """Return a status as plain JSON values; times in ISO 8601."""
    values = _plain(asdict(status))
    for row, run in zip(values["runs"], status.runs, strict=True):
        row |= {"total": run.total, "adds_up": run.adds_up}
        row |= {"gone": run.gone, "left": run.left}
    return {"troubles": list(status.troubles), **values}


def _troubles(status: Status) -> list[str]:
    said = []
    if status.paused is not None:
        said.append(f"Everything is paused, by {status.paused.by}.")
    said += [
        f"The sums of run {run.run_id} are wrong. {str(run).capitalize()}."
        for run in status.differing
    ]
    known = {run.run_id for run in status.differing}
    said += [
        f"The sums of run {run.run_id} are wrong: {run.total} counted, "
        f"{run.audience} in the audience."
        for run in status.runs
        if not run.adds_up and run.run_id not in known
    ]
    if not status.broker_answers:
        said.append("The broker does not answer. Mail goes on, by looking.")
    said += _idle(status.queues)
    said += [trouble for relay in status.relays for trouble in _of_relay(relay)]
    said += [
        f"{lane.receiver.capitalize()} gets only letters from relay {lane.relay_id}, "
        f"{_wait(lane.waiting)}: {lane.why}."
        for lane in status.receivers
        if lane.suspended_until is not None
    ]
    said += [
        f"Run {run.run_id} was stopped short: {run.reason}."
        for run in status.runs
        if run.state == "paused" and run.moved_by == STOPPED_SHORT_BY
    ]
    said += [
        f"Run {run.run_id} stands still: {run.left} wait."
        for run in status.runs
        if stands_still(run, at=status.at)
    ]
    if status.doubt:
        said.append(
            f"We don't know whether {people(len(status.doubt))} got their mail."
        )
    said += [
        f"{source.name} can't be read: {source.reason}."
        for source in status.failing_sources
    ]
    return said


def _wait(number: int) -> str:
    return f"{people(number)} {'waits' if number == 1 else 'wait'}"


def _of_relay(relay: RelayView) -> list[str]:
    """Say what keeps mail from a relay, and whether anybody waits because of it."""
    name, waits = f"Relay {relay.relay_id}", ""
    if relay.waiting:
        waits = f" No other takes its mail: {people(relay.waiting)} wait."
    if relay.drained_at is not None:
        return [f"{name} is taken out, by {relay.drained_by}.{waits}"]
    if relay.failing_since is not None:
        return [f"{name} takes nothing: {relay.reason}."]
    if relay.is_used_up and waits:
        said = f"{name} has had its mails of today, {relay.cap:,}."
        return [f"{said}{waits[:-1]} until midnight UTC."]
    return []


def _idle(queues: Sequence[QueueView]) -> list[str]:
    """Say which queues nobody serves; all of them are one trouble."""
    idle = [queue.name for queue in queues if not queue.workers]
    if len(idle) > 1 and len(idle) == len(queues):
        return ["Nobody works on any queue: no worker runs."]
    return [f"Nobody works on {name}." for name in idle]


def stands_still(run: Progress, *, at: datetime) -> bool:
    """Tell whether a run should move, and has not for a minute."""
    moved_at = run.moved_at(at)
    waits = run.state == "open" and run.due_at(at) + run.in_flight > 0
    return waits and moved_at is not None and at - moved_at > STANDS_STILL_AFTER


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
