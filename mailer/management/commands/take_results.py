"""`mailer take_results`: results in."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.elections import operations, sheet
from mailer.management.commands.preview_results import as_json, as_line, read_file


class Command(BaseCommand):
    """Take a results file and say what became of each council in it."""

    help = (
        "Take a results file (CSV; docs/elections.md). Exit status 2 and nothing "
        "changed where it contradicts itself. Example: mailer take_results night.csv"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the file, and who counted."""
        parser.add_argument("file", nargs="?", help="a CSV file, or - for standard in")
        parser.add_argument("--source", default="", help="who counted")
        parser.add_argument("--json", action="store_true", help="one object a council")
        parser.add_argument(
            "--template", action="store_true", help="print a file to start from"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take the file in one call."""
        if options["template"]:
            self.stdout.write(sheet.TEMPLATE, ending="")
            return
        if not options["file"]:
            raise CommandError("name a file, or ask for --template", returncode=2)
        taken = operations.take_results(
            data=read_file(options["file"]),
            name=Path(options["file"]).name,
            source=options["source"],
            now=datetime.now(tz=UTC),
        )
        for fault in taken.faults:
            self.stderr.write(str(fault))
        for warning in taken.warnings:
            self.stderr.write(f"warning: {warning}")
        for decision in taken.decisions:
            said = as_json(decision) if options["json"] else as_line(decision)
            self.stdout.write(json.dumps(said) if options["json"] else str(said))
        if taken.faults:
            self.stderr.write("Nothing was changed.")
            sys.exit(2)
