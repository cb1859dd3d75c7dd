"""`mailer stop_run`: end a run for good."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from getpass import getuser
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.delivery import operations


class Command(BaseCommand):
    """Stop a run and say how many had it, and how many will not get it."""

    help = (
        "Stop a run for good: who has not got it will not get it. Says exactly how "
        "many had gone. Example: mailer stop_run 7 --reason 'wrong headline'"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a run, and why."""
        parser.add_argument("run", type=int, help="its number; see runs")
        parser.add_argument("--reason", default="", help="why, for the others")
        parser.add_argument("--json", action="store_true", help="gone, left, refused")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Stop in one call."""
        try:
            stopped = operations.stop(
                run_id=options["run"],
                by=getuser(),
                reason=options["reason"],
                now=datetime.now(tz=UTC),
            )
        except (operations.NotNow, operations.NoSuchRun) as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(asdict(stopped)))
        else:
            self.stdout.write(
                f"Stopped. {stopped.gone:,} had gone, "
                f"{stopped.left:,} people will not get it."
            )
