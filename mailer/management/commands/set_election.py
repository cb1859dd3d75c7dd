"""`mailer set_election`: an election, its parties and its councils."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandParser

from mailer.elections import operations
from mailer.management.commands.preview_results import read_file


class Command(BaseCommand):
    """Set an election up, or change it."""

    help = (
        "Set an election up from TOML, JSON or CSV: parties, councils, seats of the "
        "last one (docs/elections.md). A file with the code of an election changes it. "
        "Example: mailer set_election karanda-2026.toml"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the file."""
        parser.add_argument("file", help="a file ending in .toml, .json or .csv")
        parser.add_argument("--json", action="store_true", help="one object")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Set it up in one call."""
        done = operations.set_election(
            data=read_file(options["file"]),
            name=Path(options["file"]).name,
            now=datetime.now(tz=UTC),
        )
        for fault in done.faults:
            self.stderr.write(fault)
        if done.faults:
            self.stderr.write("Nothing was changed.")
            sys.exit(2)
        said = {
            "election": done.code, "parties": done.parties, "councils": done.councils
        }  # fmt: skip
        plain = f"{done.code}: {done.parties} parties, {done.councils} councils"
        self.stdout.write(json.dumps(said) if options["json"] else plain)
