"""`mailer set_staff`: say who gets test sends."""

from datetime import UTC, datetime
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.audience import operations
from mailer.audience.address import BadAddress


class Command(BaseCommand):
    """Put an address on the list of test sends, or take it off."""

    help = (
        "Say who gets test sends. Nobody is put on a newsletter by it. "
        "Example: mailer set_staff thandi@causeway.example"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address."""
        parser.add_argument("address", help="of a colleague")
        parser.add_argument("--off", action="store_true", help="no tests any more")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write it down in one call."""
        is_staff = not options["off"]
        try:
            operations.set_staff(
                address=options["address"],
                is_staff=is_staff,
                now=datetime.now(tz=UTC),
            )
        except BadAddress as fault:
            raise CommandError(str(fault), returncode=2) from fault
        said = "Gets tests from now on." if is_staff else "Gets no tests any more."
        self.stdout.write(said)
