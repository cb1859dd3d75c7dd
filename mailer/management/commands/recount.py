"""`mailer recount`: count the rows of a run and make its tally say the same."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from getpass import getuser
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.delivery import operations


class Command(BaseCommand):
    """Repair the sums of one run from its rows."""

    help = (
        "Count the rows of a run and put its tally and its audience right by them; it "
        "may go on meanwhile. Says what was wrong. Example: mailer recount 7"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the run, and the form of the answer."""
        parser.add_argument("run", type=int, help="its number; see `mailer runs`")
        parser.add_argument("--json", action="store_true", help="say it as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Count and repair in one call."""
        run_id = options["run"]
        found = operations.repair(run_id=run_id, by=getuser(), now=datetime.now(tz=UTC))
        if found is None:
            raise CommandError(
                f"There is no run {run_id}, or its rows were archived.", returncode=2
            )
        if options["json"]:
            self.stdout.write(json.dumps(asdict(found), default=str))
        elif found.differs:
            self.stdout.write(f"run {run_id} is put right. It was {found}.")
        else:
            rows = f"{found.rows:,} rows"
            self.stdout.write(f"run {run_id}: {rows}, and the tally agrees.")
