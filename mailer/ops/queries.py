"""How everything stands: the one query set behind /ops and `mailer status --json`."""

from datetime import datetime

from mailer.audience import queries as audience
from mailer.delivery import queries as delivery
from mailer.delivery import recounting
from mailer.delivery.lanetable import lane_table
from mailer.delivery.progress import Progress
from mailer.delivery.run import RunState
from mailer.editions import queries as editions
from mailer.ops import broker
from mailer.ops.models import WorkerBeat
from mailer.ops.status import ALIVE_FOR, QUEUES, QueueView, Status, WorkerView
from mailer.sources import queries as sources

LATEST_RUNS = 12
MOST_GOING = 100
MOST_WAITING = 1_000


def status(now: datetime) -> Status:
    """Return how queues, workers, runs, relays, sources and editions stand now."""
    alive = workers(now=now)
    waiting = broker.waiting(QUEUES)
    today = editions.today(now)
    return Status(
        at=now,
        broker_answers=waiting is not None,
        queues=tuple(
            QueueView(
                name=name,
                depth=waiting[name].depth if waiting else None,
                oldest_at=waiting[name].oldest_at if waiting else None,
                workers=sum(name in worker.queues for worker in alive),
            )
            for name in QUEUES
        ),
        workers=alive,
        lanes=tuple(delivery.lanes(now=now)),
        receivers=tuple(lane_table(now)),
        runs=_runs(),
        letters_waiting=len(audience.letters_waiting(MOST_WAITING)),
        letters_going=delivery.letters_on_their_way(),
        differing=tuple(recounting.known_to_differ()),
        doubt=tuple(delivery.doubt()),
        paused=delivery.pause(),
        relays=tuple(delivery.relays(now=now)),
        failing_sources=tuple(s for s in sources.sources() if s.failing_since),
        editions_waiting=today.needs_you,
        editions_coming=today.coming,
    )


def workers(*, now: datetime) -> tuple[WorkerView, ...]:
    """Return the workers that live, by name."""
    rows = WorkerBeat.objects.filter(beat_at__gt=now - ALIVE_FOR).order_by("name")
    return tuple(
        WorkerView(
            name=row.name,
            queues=tuple(row.queues),
            task=row.task,
            task_since=row.task_since,
            beat_at=row.beat_at,
        )
        for row in rows
    )


def _runs() -> tuple[Progress, ...]:
    """Return the runs that are not over, then the latest, each once."""
    going = delivery.runs(
        states=[RunState.HELD, RunState.OPEN, RunState.PAUSED], limit=MOST_GOING
    )
    latest = delivery.runs(limit=LATEST_RUNS)
    known = {run.run_id for run in going}
    return tuple(going) + tuple(run for run in latest if run.run_id not in known)
