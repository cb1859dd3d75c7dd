"""What operators' machines do by themselves: heartbeats, upkeep, a look at sources."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from mailer import bell
from mailer.audience import operations as audience
from mailer.delivery import operations as delivery
from mailer.feedback import operations as feedback
from mailer.kernel.bells import Bell
from mailer.ops.models import WorkerBeat
from mailer.sources import queries as sources

FORGET_AFTER = timedelta(hours=1)

log = logging.getLogger(__name__)


def beat(
    *, name: str, queues: Sequence[str], task: str, busy_seconds: float, now: datetime
) -> None:
    """Write down that a worker lives, and what it does since when."""
    since = now - timedelta(seconds=busy_seconds) if task else None
    WorkerBeat.objects.update_or_create(
        name=name,
        defaults={
            "queues": list(queues),
            "task": task,
            "task_since": since,
            "beat_at": now,
        },
    )


def ring_for_sources(*, now: datetime) -> list[int]:
    """Ring for each source whose time has come; return them."""
    due = sources.due(now)
    for source_id in due:
        bell.ring(Bell.COLLECT, source_id=source_id)
    return due


def upkeep(*, now: datetime) -> list[str]:
    """Put every room in order; return the parts that failed, which keep no other."""
    parts: dict[str, Callable[[], object]] = {
        "delivery": partial(delivery.upkeep, now=now),
        "audience": partial(audience.tidy, now=now),
        "reach": partial(audience.note_reach, now=now),
        "domains": partial(audience.look_up, now=now),
        "feedback": partial(feedback.tidy, now=now),
        "workers": partial(_forget_workers, now=now),
    }
    failed = []
    for name, keep in parts.items():
        try:
            keep()
        except Exception:
            log.exception("ops.upkeep.failed part=%s", name)
            failed.append(name)
    return failed


def _forget_workers(*, now: datetime) -> None:
    WorkerBeat.objects.filter(beat_at__lt=now - FORGET_AFTER).delete()
