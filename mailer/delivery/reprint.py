"""The message of one delivery once more, byte for byte, for a person to look at."""

from mailer.delivery.headers import Unprintable
from mailer.delivery.models import Batch, Delivery, Reach, Run
from mailer.delivery.run import RunKind, reach_of
from mailer.delivery.step import Asked
from mailer.delivery.stock import presses_of
from mailer.delivery.transport import Envelope


class NothingToPrint(LookupError):
    """There is no such delivery, or nobody to print it for; str() says which."""


def envelope_of(*, run_id: int, position: int) -> Envelope:
    """Return what a delivery sends, or sent if the subscriber is still who she was.

    Raises NothingToPrint.
    """
    run = Run.objects.filter(pk=run_id).first()
    row = Delivery.objects.filter(run_id=run_id, position=position).first()
    if run is None or row is None:
        raise NothingToPrint(f"There is no delivery {position} in run {run_id}.")
    reach = Reach.objects.filter(
        newsletter_id=reach_of(RunKind(run.kind), run.newsletter_id),
        subscriber_id=row.subscriber_id,
    ).first()
    if reach is None:
        raise NothingToPrint(f"Delivery {position} of run {run_id} reaches nobody now.")
    asked = Asked(
        position=position,
        subscriber_id=row.subscriber_id,
        address=reach.address,
        tier=reach.tier,
        place_code=reach.place_code,
        language=reach.language,
    )
    wave_at = (
        Batch.objects.filter(run=run, first__lte=position, last__gte=position)
        .values_list("wave_at", flat=True)
        .first()
    )
    try:
        return presses_of(run_id=run_id, wave_at=wave_at).envelope(asked)
    except Unprintable as fault:
        raise NothingToPrint(f"Run {run_id} cannot be printed: {fault}.") from fault
