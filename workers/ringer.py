"""Ring a bell: publish a task, quickly or not at all.

Redis may be away. A publish then costs up to a second, so after a failure this process
stays silent for five seconds; the periodic look finds what was not announced.
"""

import logging
import threading
import time
from datetime import UTC, datetime

from kombu.exceptions import OperationalError

from mailer.kernel.bells import Bell

SILENCE_SECONDS = 5.0
STALE_SECONDS = 120  # a bell heard later than this is not worth a look: one was taken
log = logging.getLogger(__name__)
_silent_until = threading.local()


def ring(bell: Bell, ids: dict[str, int]) -> bool:
    """Publish one bell; return whether it rang. Never raises for an absent broker."""
    from workers.app import app  # noqa: PLC0415  the app needs Django to be set up

    if time.monotonic() < getattr(_silent_until, "value", 0.0):
        return False
    rung_at = datetime.now(tz=UTC).isoformat()  # noqa: TID251  an edge
    try:
        app.send_task(
            bell.value,
            kwargs=ids,
            headers={"rung_at": rung_at},
            expires=STALE_SECONDS,
            retry=False,
        )
    except (OperationalError, OSError) as error:
        _silent_until.value = time.monotonic() + SILENCE_SECONDS
        log.warning("bell.not_rung bell=%s why=%s", bell.value, type(error).__name__)
        return False
    return True
