"""What a person may do to a run: undo, pause, resume, stop; and to everything.

Each is one compare-and-set: of two that meet, one wins, and the answer says which.
The next window sees it; what is on the wire by then has gone.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from mailer.delivery import queries
from mailer.delivery.ending import cancel_rest
from mailer.delivery.models import Pause, Run
from mailer.delivery.progress import Stopped
from mailer.delivery.ringing import ring_all, ring_for
from mailer.delivery.run import LETTERS, RUN_MOVES, RunKind, RunState
from mailer.editions import operations as editions
from mailer.editions import queries as editions_seen
from mailer.editions.content import Block
from mailer.kernel.errors import Permanent
from mailer.sources import queries as sources

UNDONE = "undone before it left"
WITHDRAWN = "its main story was withdrawn at the source"

log = logging.getLogger(__name__)


class NotNow(Permanent):
    """The run is in a state that does not allow this; str() says which."""


class NoSuchRun(LookupError):
    """There is no run of this number."""


def pause(*, run_id: int, by: str, now: datetime, reason: str = "") -> None:
    """Hold a run: the next window asks nobody. Pausing twice changes nothing.

    Raises NoSuchRun, or NotNow if the run is over or has not left yet.
    """
    _move(run_id, RunState.PAUSED, by=by, reason=reason, now=now)


def resume(*, run_id: int, by: str, now: datetime) -> None:
    """Let a paused run go on. Raises NoSuchRun, or NotNow if it is not paused."""
    run = _move(run_id, RunState.OPEN, by=by, reason="", now=now, only=RunState.PAUSED)
    ring_for(run_id=run.pk)


def stop(*, run_id: int, by: str, reason: str, now: datetime) -> Stopped:
    """End a run for good and return how many have it and how many will not get it.

    What is on the wire counts as gone. A second stop returns the same figures.

    Raises NoSuchRun, or NotNow if the run is done.
    """
    held = Run.objects.filter(pk=run_id, state=RunState.HELD).first()
    if held is not None and held.edition_id:
        undo(edition_id=held.edition_id, by=by, now=now)
    run = _move(run_id, RunState.STOPPED, by=by, reason=reason, now=now)
    cancel_rest(run_id=run_id, reason="stopped", now=now)
    progress = queries.progress(run.pk)
    return Stopped(progress.gone, progress.cancelled, progress.refused)


@transaction.atomic
def undo(*, edition_id: int, by: str, now: datetime) -> bool:
    """Take an edition back before it leaves; return whether that came in time.

    The release is a compare-and-set on the same rows: one of the two wins.
    """
    if not editions.withdraw(edition_id=edition_id, by=by, now=now, before=now):
        return False
    run = Run.objects.select_for_update().filter(_of_edition(edition_id)).first()
    if run is not None:
        _set(run, RunState.STOPPED, by=by, reason=UNDONE, now=now)
        cancel_rest(run_id=run.pk, reason=UNDONE, now=now)
    return True


def stop_withdrawn(*, now: datetime) -> list[int]:
    """Stop runs that carry a story withdrawn at its source as their alert or lead.

    A legal pull: what has gone has gone, the rest must not. Returns the runs stopped.
    """
    going = Run.objects.filter(
        state__in=[RunState.OPEN, RunState.PAUSED], edition_id__isnull=False
    ).exclude(kind__in=LETTERS)
    runs = {run.edition_id: run.pk for run in going if run.edition_id is not None}
    stopped = []
    for edition_id in editions_seen.holding_withdrawn(runs) if runs else ():
        if _is_carried_by_withdrawn(edition_id):
            stop(run_id=runs[edition_id], by="delivery", reason=WITHDRAWN, now=now)
            stopped.append(runs[edition_id])
    return stopped


def _is_carried_by_withdrawn(edition_id: int) -> bool:
    content = editions_seen.content(edition_id=edition_id)
    if content.alert is not None:
        return True
    leads = [item.story.id for item in content.items if item.block is Block.LEAD]
    return bool(sources.withdrawn(leads))


def pause_everything(*, by: str, now: datetime, reason: str = "") -> None:
    """Throw the switch: until it is lifted no window is asked, letters included."""
    Pause.objects.get_or_create(pk=1, defaults={"by": by, "at": now, "reason": reason})
    log.warning("delivery.everything.paused by=%s", by)


def resume_everything(*, by: str, now: datetime) -> None:
    """Lift the switch; whatever is due goes on."""
    Pause.objects.all().delete()
    log.warning("delivery.everything.resumed by=%s at=%s", by, now.isoformat())
    ring_all()


@transaction.atomic
def _move(  # noqa: PLR0913
    run_id: int,
    to: RunState,
    *,
    by: str,
    reason: str,
    now: datetime,
    only: RunState | None = None,
) -> Run:
    """Move a run as drawn in run.py; a move to where it stands changes nothing.

    only: the one state it may come from.
    """
    run = Run.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise NoSuchRun(f"There is no run {run_id}.")
    state = RunState(run.state)
    if state is to:
        return run
    if to not in RUN_MOVES[state] or (only and state is not only):
        raise NotNow(f"Run {run_id} is {state.value}; nothing was changed.")
    _set(run, to, by=by, reason=reason, now=now)
    return run


def _set(run: Run, to: RunState, *, by: str, reason: str, now: datetime) -> None:
    was = run.state
    run.state, run.moved_by, run.reason = to, by, reason
    run.save(update_fields=["state", "moved_by", "reason"])
    sends = None if run.kind in LETTERS or was == RunState.HELD else run.edition_id
    if to is RunState.STOPPED and sends is not None:
        editions.mark_stopped(edition_id=sends, by=by, reason=reason, now=now)
    log.info("delivery.run.moved run=%s from=%s to=%s", run.pk, was, to.value)


def _of_edition(edition_id: int) -> Q:
    return Q(edition_id=edition_id, state=RunState.HELD) & ~Q(kind=RunKind.TEST)
