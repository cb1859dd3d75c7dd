"""Which bells wake somebody for due mail: the urgent pipe, and as many as may help."""

from django.conf import settings

from mailer import bell
from mailer.delivery.models import Batch, Run
from mailer.kernel.bells import Bell
from mailer.kernel.priority import Priority


def ring_for(*, run_id: int) -> None:
    """Wake workers for a run's batches, after commit."""
    priority = Run.objects.values_list("priority", flat=True).get(pk=run_id)
    waiting = Batch.objects.filter(run_id=run_id, done=False)
    for relay_id in waiting.values_list("relay_id", flat=True).distinct():
        ring(relay_id=relay_id, urgent=priority <= Priority.LETTER)


def ring(*, relay_id: int, urgent: bool) -> None:
    """Wake the urgent pipe, for urgent mail, and the others: a bell for each.

    A bell that finds no free pipe ends at once, so too many cost nothing.
    """
    if urgent:
        bell.ring(Bell.URGENT, relay_id=relay_id)
    for _ in range(settings.RELAY_PIPES):
        bell.ring(Bell.DELIVER, relay_id=relay_id)


def ring_all() -> None:
    """Wake everybody, for whatever is due."""
    for relay_id in range(1, len(settings.RELAYS) + 1):
        ring(relay_id=relay_id, urgent=True)
