"""`mailer collect`: poll sources now."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.core.management import BaseCommand, CommandParser

from mailer.sources import operations, queries
from mailer.sources.operations import Collected


class Command(BaseCommand):
    """Poll sources, and say what came of it."""

    help = (
        "Poll sources now: those that are due, or the ones you name. Harmless at any "
        "moment. Exit status 2 where a named one failed. Example: mailer collect 3"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name sources, or none."""
        parser.add_argument("source", nargs="*", type=int, help="ids; default: the due")
        parser.add_argument("--all", action="store_true", help="every source")
        parser.add_argument("--json", action="store_true", help="one object a source")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Collect each source in one call."""
        named = options["source"]
        if options["all"]:
            named = [s.id for s in queries.sources() if s.ended_at is None]
        failed = False
        for source_id in named or queries.due(datetime.now(tz=UTC)):
            done = operations.collect(source_id=source_id, now=datetime.now(tz=UTC))
            failed = failed or not done.ok or not done.asked
            if options["json"]:
                self.stdout.write(json.dumps(asdict(done), ensure_ascii=False))
            else:
                self.stdout.write(as_lines(done))
        if failed and named:
            sys.exit(2)


def as_lines(done: Collected) -> str:
    """Return what one poll did, for a person."""
    counts = ", ".join(
        f"{count} {what}"
        for what, count in (
            ("new", done.new),
            ("revised", done.revised),
            ("unchanged", done.unchanged),
            ("withdrawn", done.withdrawn),
            ("refused", done.refused),
        )
        if count
    )
    said = done.reason if not (done.ok and counts) else counts
    lines = [f"source {done.source_id}: {said or 'nothing in it'}", *done.problems]
    return "\n  ".join(lines)
