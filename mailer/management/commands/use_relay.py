"""`mailer use_relay`: put back a relay that was taken out."""

from datetime import UTC, datetime
from getpass import getuser
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.delivery import operations, queries
from mailer.management.commands.status import relay_line


class Command(BaseCommand):
    """Give a relay mail again."""

    help = (
        "Put back a relay that drain_relay took out: its own mail comes back to it. "
        "Example: mailer use_relay 2"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the relay."""
        parser.add_argument("relay", type=int, help="its place in RELAYS, from 1")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Put it back in one call, and show how the relays stand."""
        now = datetime.now(tz=UTC)
        try:
            operations.use_relay(relay_id=options["relay"], by=getuser(), now=now)
        except operations.NoSuchRelay as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        for relay in queries.relays(now=now):
            self.stdout.write(relay_line(relay))
