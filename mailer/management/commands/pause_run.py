"""`mailer pause_run`: hold a run, or everything."""

from datetime import UTC, datetime
from getpass import getuser
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.delivery import operations, queries
from mailer.management.commands.status import run_line


class Command(BaseCommand):
    """Pause one run or all sending; the next window asks nobody."""

    help = (
        "Hold a run: its next window asks nobody; what is on the wire has gone. With "
        "--everything, hold all mail, letters too. Example: mailer pause_run 7"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a run or everything, and why."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("run", type=int, nargs="?", help="its number; see runs")
        which.add_argument("--everything", action="store_true", help="all sending")
        parser.add_argument("--reason", default="", help="why, for the others")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Pause in one call."""
        said = {"by": getuser(), "reason": options["reason"]}
        now = datetime.now(tz=UTC)
        if options["everything"]:
            operations.pause_everything(**said, now=now)
            self.stdout.write("Everything is paused.")
            return
        try:
            operations.pause(run_id=options["run"], **said, now=now)
        except (operations.NotNow, operations.NoSuchRun) as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        self.stdout.write(run_line(queries.progress(options["run"])))
