"""A newer run ends an older one: an old election update is worth no more mail.

Runs that share a `replaces_key` are of one newsletter, one place, one election. When a
later one is released, what has not gone of those before it is cancelled, and says by
which run. What is on the wire finishes.
"""

import logging
from datetime import datetime

from mailer.delivery.models import Run
from mailer.delivery.run import RunState, rest_reason
from mailer.editions import operations as editions
from mailer.editions.content import EditionKind
from mailer.editions.view import EditionView
from mailer.elections import queries as elections

BY = "delivery"

log = logging.getLogger(__name__)


def replaces_key(edition: EditionView) -> str:
    """Return what editions share of which only the latest is worth sending, or ""."""
    if edition.kind is not EditionKind.RESULTS or edition.result_id is None:
        return ""
    result = elections.result(edition.result_id)
    contest = result.election_code if result is not None else ""
    return f"results {edition.newsletter.id} {edition.place_code} {contest}"


def end_older(run: Run, *, now: datetime) -> list[int]:
    """Stop the runs that this one, just released, makes old; return them.

    In the transaction of the release, so that no window comes between. The caller
    cancels their rows afterwards; upkeep does, if a crash comes first.
    """
    if not run.replaces_key:
        return []
    older = Run.objects.select_for_update().filter(
        replaces_key=run.replaces_key,
        pk__lt=run.pk,
        state__in=[RunState.OPEN, RunState.PAUSED],
    )
    ended = []
    for one in older.order_by("pk"):
        one.state, one.superseded_by, one.moved_by = RunState.STOPPED, run.pk, BY
        one.reason = rest_reason(run.pk)
        one.save(update_fields=["state", "superseded_by", "moved_by", "reason"])
        if one.edition_id is not None:
            editions.mark_stopped(
                edition_id=one.edition_id, by=BY, reason=one.reason, now=now
            )
        log.info("delivery.run.superseded run=%s by=%s", one.pk, run.pk)
        ended.append(one.pk)
    return ended
