"""`mailer look`: find due mail no bell announced, and ring for it."""

from datetime import UTC, datetime
from typing import Any

from django.core.management import BaseCommand

from mailer.delivery import operations


class Command(BaseCommand):
    """Look in the ledger and ring the bells it needs."""

    help = (
        "Look in the ledger for mail that is due and ring the workers, as they do by "
        "themselves every few seconds. Harmless at any moment. Example: mailer look"
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Look in one call."""
        found = operations.look(now=datetime.now(tz=UTC))
        relays = ", ".join(map(str, found))
        self.stdout.write(f"Rang for relay {relays}." if found else "Nothing is due.")
