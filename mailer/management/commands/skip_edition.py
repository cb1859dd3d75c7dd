"""`mailer skip_edition`: send no such edition, and say why."""

from datetime import UTC, datetime
from getpass import getuser
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.editions import operations, queries


class Command(BaseCommand):
    """Skip an edition, or bring a skipped one back before its deadline."""

    help = (
        "Skip an edition that has not gone; its stories are free for the next. "
        "Example: mailer skip_edition 7 --reason 'National mourning'"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the edition and the reason."""
        parser.add_argument("edition", type=int, help="its number")
        parser.add_argument("--reason", default="", help="shown where it would be")
        parser.add_argument(
            "--undo", action="store_true", help="bring it back, to be approved"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Skip, or bring back, in one call."""
        act = {"edition_id": options["edition"], "by": getuser()}
        act["now"] = datetime.now(tz=UTC)
        try:
            if options["undo"]:
                operations.unskip(**act)
            else:
                operations.skip(reason=options["reason"], **act)
        except (
            operations.NotNow,
            operations.Refused,
            queries.NoSuchEdition,
        ) as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        self.stdout.write("It is back." if options["undo"] else "Skipped.")
