"""`mailer drain_relay`: take a relay out."""

from datetime import UTC, datetime
from getpass import getuser
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.delivery import operations, queries
from mailer.management.commands.status import relay_line


class Command(BaseCommand):
    """Give a relay no more mail; others take what waits for it."""

    help = (
        "Take a relay out: nothing new goes there, what waits for it moves to the "
        "others, what is on the wire finishes. use_relay puts it back. Example: mailer "
        "drain_relay 2"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the relay."""
        parser.add_argument("relay", type=int, help="its place in RELAYS, from 1")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take it out in one call, and show how the relays stand."""
        now = datetime.now(tz=UTC)
        try:
            operations.drain_relay(relay_id=options["relay"], by=getuser(), now=now)
        except operations.NoSuchRelay as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        for relay in queries.relays(now=now):
            self.stdout.write(relay_line(relay))
