"""Stop a run short when too many bounce or complain, and tell the paper's people.

A list that was bought, or grew old, shows within the first hundreds of mails. The run
is paused, not stopped: a person decides. Whoever lets it go on is not asked again.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from mailer.audience import operations as audience
from mailer.audience import queries as people
from mailer.audience.letter import LetterKind
from mailer.delivery import control, tally, warming
from mailer.delivery.ledger import State
from mailer.delivery.models import Batch, Delivery, Run
from mailer.delivery.run import LETTERS, RunState

BY = "delivery"

log = logging.getLogger(__name__)


@transaction.atomic
def heard_back(
    *, run_id: int, position: int, is_complaint: bool, now: datetime
) -> bool:
    """Count a hard bounce or a complaint that came back; return if it stops the run."""
    column = "complained" if is_complaint else "bounced"
    Run.objects.filter(pk=run_id).update(**{column: F(column) + 1})
    if is_complaint:
        _tell_the_lane(run_id, position, now)
    return stop_short(run_id=run_id, now=now)


@transaction.atomic
def stop_short(*, run_id: int, now: datetime) -> bool:
    """Pause a run if too many of its mails are refused, bounce or are complained about.

    Returns whether it did. A run that was stopped short once goes on unasked.
    """
    run = Run.objects.filter(pk=run_id, state=RunState.OPEN, tripped="").first()
    if run is None or run.kind in LETTERS:
        return False
    sums = tally.sums([run_id]).get(run_id, {})
    refused, accepted = (
        sums[state.value][0] if state.value in sums else 0
        for state in (State.REFUSED, State.ACCEPTED)
    )
    reason = settings.SHAPING.pause_a_run.reason(
        bounces=refused + run.bounced,
        complaints=run.complained,
        reached=accepted + refused,
    )
    if not reason or not _first_to_say(run_id, reason):
        return False
    control.pause(run_id=run_id, by=BY, reason=reason, now=now)
    _tell(run, reason, now)
    log.error("delivery.run.stopped_short run=%s why=%s", run_id, reason)
    return True


def _first_to_say(run_id: int, reason: str) -> bool:
    untold = Run.objects.filter(pk=run_id, state=RunState.OPEN, tripped="")
    return bool(untold.update(tripped=reason))


def _tell(run: Run, reason: str, now: datetime) -> None:
    """Write to the paper's own people."""
    name = people.newsletter(run.newsletter_id).name
    page = reverse("desk:run", args=[run.pk])
    for person in people.staff():
        audience.ask_letter(
            kind=LetterKind.NOTICE,
            subscriber_id=person.id,
            data={
                "title": f"{name} is paused",
                "lines": [
                    f"{reason[0].upper()}{reason[1:]}.",
                    "Nobody else gets it until somebody lets it go on or stops it.",
                ],
                "url": f"{settings.PUBLIC_URL}{page}",
                "button": "See how it stands",
            },
            now=now,
        )


def _tell_the_lane(run_id: int, position: int, now: datetime) -> None:
    delivery = Delivery.objects.filter(run_id=run_id, position=position).first()
    batch = Batch.objects.filter(
        run_id=run_id, first__lte=position, last__gte=position
    ).first()
    if delivery is not None and delivery.relay_id is not None and batch is not None:
        warming.note_complaint(
            relay_id=delivery.relay_id, provider_id=batch.provider_id, now=now
        )
