"""`mailer warm_up`: make a relay known to receivers, step by step."""

from datetime import UTC, date, datetime
from getpass import getuser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.delivery import operations
from mailer.delivery.warmup import cap_of

SHOWN = 12


class Command(BaseCommand):
    """Begin or end the warm-up of a relay."""

    help = (
        "Let a new relay have only so many mails a day and receiver, twice as many "
        "after each day that went well; the rest waits. Six weeks before you need it. "
        "Example: mailer warm_up 2 --from 2026-12-01"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the relay, and a first day or the end."""
        parser.add_argument("relay", type=int, help="its number, as in RELAYS")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument(
            "--from", dest="begins_on", metavar="DATE", help="the first day, ISO"
        )
        which.add_argument("--end", action="store_true", help="no cap any more")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Begin or end in one call."""
        relay_id = options["relay"]
        if not 1 <= relay_id <= len(settings.RELAYS):
            raise CommandError(f"there is no relay {relay_id}", returncode=2)
        if options["end"]:
            now = datetime.now(tz=UTC)
            was = operations.end_warm_up(relay_id=relay_id, by=getuser(), now=now)
            self.stdout.write("It has ended." if was else "There was none.")
            return
        try:
            begins_on = date.fromisoformat(options["begins_on"])
        except ValueError as fault:
            raise CommandError("--from: write 2026-12-01", returncode=2) from fault
        operations.begin_warm_up(relay_id=relay_id, begins_on=begins_on, by=getuser())
        caps = ", ".join(f"{cap_of(step):,}" for step in range(1, SHOWN + 1))
        self.stdout.write(f"From {begins_on}, a day and receiver: {caps} …")
