"""Wake a worker after commit. A lost ring is harmless: a periodic look finds all."""

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from mailer.kernel.bells import Bell


def ring(bell: Bell, **ids: int) -> None:
    """Ask for a look at these rows soon. Never raises; a rollback rings no bell."""
    ringer = import_string(settings.BELL_RINGER)
    # A lambda, not a partial: Django logs the __qualname__ of what failed.
    transaction.on_commit(lambda: ringer(bell, ids), robust=True)


def silent(_bell: Bell, _ids: dict[str, int]) -> None:
    """Ring nothing: for commands and tests without workers."""
