"""`mailer allocate_seats`: the seats that follow from a results file."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandParser

from mailer.elections import operations
from mailer.elections.operations import Worked
from mailer.management.commands.preview_results import read_file


def as_json(worked: Worked) -> dict[str, Any]:
    """Return a council's seats for a program to read."""
    done = worked.allocation
    return {
        "code": worked.place_code,
        "seats_total": worked.seats_total,
        "quota": done.quota,
        "quotas": list(done.quotas),
        "seats": done.seats,
        "method": done.method,
        "excessive": list(done.excessive),
        "undecided": [{"seats": t.seats, "among": list(t.among)} for t in done.ties],
        "notes": list(worked.notes),
    }


class Command(BaseCommand):
    """Work out the seats of each council in a results file."""

    help = (
        "Work out the seats of each council in a results file, and change nothing. "
        "Sizes come from the column council_seats, else from the election as set up. "
        "Example: mailer allocate_seats night.csv --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the file."""
        parser.add_argument("file", help="a CSV file, or - for standard in")
        parser.add_argument("--json", action="store_true", help="one object a council")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Work them out in one call."""
        worked, faults = operations.allocate_seats(
            data=read_file(options["file"]), name=Path(options["file"]).name
        )
        for fault in faults:
            self.stderr.write(str(fault))
        for council in worked:
            if options["json"]:
                self.stdout.write(json.dumps(as_json(council)))
                continue
            seats = council.allocation.seats
            self.stdout.write(
                f"{council.place_code}: quota {council.allocation.quota}; "
                + ", ".join(f"{name} {n}" for name, n in seats.items() if n)
            )
            for note in council.notes:
                self.stdout.write(f"  {note}")
        if faults:
            sys.exit(2)
