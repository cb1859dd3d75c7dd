"""What has come back, and what waits to be read. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count

from mailer.feedback.maildir import Maildir, Waiting
from mailer.feedback.models import HeardReport


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report and what was made of it."""

    heard_at: datetime
    kind: str
    outcome: str
    run_id: int | None
    position: int | None
    subscriber_id: int | None
    blame: str
    status: str


def recent(*, limit: int = 50) -> list[ReportView]:
    """Return the latest reports, newest first."""
    rows = HeardReport.objects.order_by("-heard_at", "-pk")[:limit]
    return [
        ReportView(
            heard_at=row.heard_at,
            kind=row.kind,
            outcome=row.outcome,
            run_id=row.run_id,
            position=row.position,
            subscriber_id=row.subscriber_id,
            blame=row.blame,
            status=row.status,
        )
        for row in rows
    ]


def counts(*, run_id: int) -> dict[str, int]:
    """Return how many reports about a run there were, by outcome."""
    rows = HeardReport.objects.filter(run_id=run_id).values_list("outcome")
    return dict(rows.annotate(n=Count("pk")).order_by("outcome"))


def waiting() -> Waiting:
    """Return what nobody has read yet; nothing where no Maildir is set."""
    if settings.BOUNCE_MAILDIR is None:
        return Waiting(0, None)
    return Maildir(settings.BOUNCE_MAILDIR).waiting()
