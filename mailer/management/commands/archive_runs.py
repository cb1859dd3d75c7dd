"""`mailer archive_runs`: move the rows of old runs to files and out of the ledger."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.delivery import operations


class Command(BaseCommand):
    """Archive whole partitions of runs that are over."""

    help = (
        "Write the deliveries of runs that were over before a day to compressed CSV "
        "files, read them again, and only then drop them; sums stay. Nothing waits for "
        "it. Example: mailer archive_runs --before 2026-09-01 --to /var/archive"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the day and the folder."""
        parser.add_argument("--before", required=True, metavar="DATE", help="UTC")
        parser.add_argument("--to", required=True, metavar="FOLDER", help="for files")
        parser.add_argument(
            "--json", action="store_true", help="one JSON object a line"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Archive in one call."""
        try:
            before = datetime.fromisoformat(options["before"])
        except ValueError as error:
            raise CommandError(
                "--before: write it as 2026-09-01", returncode=2
            ) from error
        folder = Path(options["to"])
        if not folder.is_dir():
            raise CommandError(f"{folder}: there is no such folder", returncode=2)
        try:
            done = operations.archive_runs(
                before=before if before.tzinfo else before.replace(tzinfo=UTC),
                folder=folder,
                now=datetime.now(tz=UTC),
            )
        except (operations.TooYoung, operations.FileDiffers, OSError) as fault:
            raise CommandError(str(fault), returncode=2) from fault
        for one in done:
            values = {
                "first_run": one.first,
                "last_run": one.end - 1,
                "rows": one.rows,
                "file": str(one.file),
            }
            said = f"runs {one.first} to {one.end - 1}: {one.rows:,} rows in {one.file}"
            self.stdout.write(json.dumps(values) if options["json"] else said)
        if not done and not options["json"]:
            self.stdout.write(
                "Nothing to archive: a part of the ledger leaves when all its runs "
                "were over before that day."
            )
