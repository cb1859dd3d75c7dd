"""`mailer resume_run`: let a paused run, or everything, go on."""

from datetime import UTC, datetime
from getpass import getuser
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.delivery import operations, queries
from mailer.management.commands.status import run_line


class Command(BaseCommand):
    """Let a paused run go on, or lift the switch that holds everything."""

    help = (
        "Let a paused run go on where it was. With --everything, lift the switch that "
        "holds all mail. Example: mailer resume_run 7"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a run or everything."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("run", type=int, nargs="?", help="its number; see runs")
        which.add_argument("--everything", action="store_true", help="all sending")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Resume in one call."""
        now = datetime.now(tz=UTC)
        if options["everything"]:
            operations.resume_everything(by=getuser(), now=now)
            self.stdout.write("Mail goes on.")
            return
        try:
            operations.resume(run_id=options["run"], by=getuser(), now=now)
        except (operations.NotNow, operations.NoSuchRun) as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        self.stdout.write(run_line(queries.progress(options["run"])))
