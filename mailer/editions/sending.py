"""What rendering and delivery tell of an edition: it can't be, it goes, it went."""

from datetime import datetime

from django.db import transaction

from mailer import bell
from mailer.editions.content import EditionState
from mailer.editions.guard import ChangedSince, locked
from mailer.editions.journal import note
from mailer.editions.queries import holding_withdrawn
from mailer.editions.states import NotNow, check_move
from mailer.kernel.bells import Bell

RENDERING = "rendering"
DELIVERY = "delivery"


@transaction.atomic
def block(*, edition_id: int, reason: str, now: datetime | None = None) -> None:
    """Keep an edition from being released: it can't be rendered, and why.

    An empty reason says that it can: what blocked it is gone. A change of the content
    lifts a block too. The same reason twice is one.
    """
    row, _newsletter = locked(edition_id)
    if row.blocked == reason:
        return
    row.blocked = reason
    row.save(update_fields=["blocked"])
    if reason:
        note(row, "blocked", by=RENDERING, now=now, reason=reason)
    else:
        note(row, "unblocked", by=RENDERING, now=now)
        bell.ring(Bell.OPEN)


@transaction.atomic
def mark_sending(*, edition_id: int, run_id: int, now: datetime | None = None) -> None:
    """Bind an edition to the run that sends it. The same run again is no news.

    Raises NotNow unless it is approved as it is and can be rendered, ChangedSince if a
    story of it was withdrawn at its source since.
    """
    row, _newsletter = locked(edition_id)
    if row.state == EditionState.SENDING and row.run_id == run_id:
        return
    check_move(EditionState(row.state), EditionState.SENDING)
    if row.blocked or row.approved_hash != row.hash:
        raise NotNow("This edition can't be released as it is; nothing was changed.")
    if holding_withdrawn([edition_id]):
        bell.ring(Bell.PLAN)
        raise ChangedSince("A story in it was withdrawn at its source.")
    row.state, row.run_id = EditionState.SENDING, run_id
    row.save(update_fields=["state", "run_id"])
    note(row, "sending", by=DELIVERY, now=now, run=run_id)


@transaction.atomic
def mark_sent(*, edition_id: int, now: datetime) -> None:
    """Say that the run of an edition is over. A second time is no news."""
    row, _newsletter = locked(edition_id)
    if row.state == EditionState.SENDING:
        row.state, row.sent_at = EditionState.SENT, now
        row.save(update_fields=["state", "sent_at"])
        note(row, "sent", by=DELIVERY, now=now)


@transaction.atomic
def mark_stopped(
    *, edition_id: int, by: str = DELIVERY, reason: str = "", now: datetime
) -> None:
    """Say that the run of an edition was stopped for good; some may have it."""
    row, _newsletter = locked(edition_id)
    if row.state == EditionState.SENDING:
        row.state, row.reason, row.sent_at = EditionState.STOPPED, reason, now
        row.save(update_fields=["state", "reason", "sent_at"])
        note(row, "stopped", by=by, now=now, reason=reason)
