"""`mailer runs`: the latest runs and how far each has come."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management import BaseCommand, CommandParser

from mailer.delivery import queries
from mailer.management.commands.status import run_line


class Command(BaseCommand):
    """List runs, newest first."""

    help = (
        "List the latest runs with their states, which add up to the audience. "
        "Example: mailer runs --limit 5 --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many, and the form of the answer."""
        parser.add_argument("--limit", type=int, default=20, help="how many; 20")
        parser.add_argument(
            "--letters", action="store_true", help="letters to one person too"
        )
        parser.add_argument(
            "--json", action="store_true", help="one JSON object a line"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read the runs in one call."""
        found = queries.runs(limit=options["limit"], letters=options["letters"])
        for run in found:
            if options["json"]:
                values = asdict(run) | {"total": run.total, "adds_up": run.adds_up}
                self.stdout.write(json.dumps(values, default=str))
            else:
                self.stdout.write(run_line(run))
        if not found and not options["json"]:
            self.stdout.write("Nothing was sent yet.")
