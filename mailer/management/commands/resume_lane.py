"""`mailer resume_lane`: forget a lane's trouble, once it is mended."""

from datetime import UTC, datetime
from getpass import getuser
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.audience.providers import PROVIDERS
from mailer.delivery import operations


class Command(BaseCommand):
    """Let a receiver have its mail again."""

    help = (
        "Let a receiver that is slowed or suspended at a relay have its mail at once, "
        "because you mended what it found fault with. "
        "Example: mailer resume_lane 1 gmail"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the relay and the receiver."""
        parser.add_argument("relay", type=int, help="its number; see lanes")
        parser.add_argument("receiver", help="its name; see lanes")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Resume in one call."""
        names = {name: number for number, (name, _) in PROVIDERS.items()}
        if options["receiver"] not in names:
            known = ", ".join(names)
            raise CommandError(f"the receivers are {known}", returncode=2)
        was_held = operations.resume_lane(
            relay_id=options["relay"],
            provider_id=names[options["receiver"]],
            by=getuser(),
            now=datetime.now(tz=UTC),
        )
        self.stdout.write(
            "It goes on." if was_held else "Nothing held it back; nothing changed."
        )
