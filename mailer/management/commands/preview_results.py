"""`mailer preview_results`: what a results file would bring."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.elections import chart, operations, words
from mailer.elections.operations import Decision


def read_file(path: str) -> bytes:
    """Return the bytes of a file, or of standard in for "-"."""
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}", returncode=2) from error


def as_json(decision: Decision) -> dict[str, Any]:
    """Return a decision for a program to read."""
    count, result = decision.count, decision.result
    made: dict[str, Any] = {
        "line": count.at,
        "place_code": count.place_code,
        "council": decision.council,
        "as_at": count.as_at.isoformat(),
        "stations_in": count.stations_in,
        "outcome": str(decision.place),
        "reason": decision.reason,
        "warnings": list(decision.warnings),
    }
    if result is None:
        return made
    return made | {
        "result": result.id or None,
        "revision": result.revision,
        "status": str(result.status),
        "stations_total": result.stations_total,
        "seats_total": result.seats_total,
        "majority": result.majority,
        "quota": result.quota,
        "seats_official": result.seats_official,
        "standings": [
            {
                "name": s.name,
                "votes": s.votes,
                "share_tenths": s.share_tenths,
                "seats": s.seats,
                "seats_before": s.seats_before,
                "independent": s.independent,
            }
            for s in result.standings
        ],
        "undecided": list(result.undecided),
        "corrects": result.corrects,
        "what_changed": list(result.what_changed),
        "subject": words.subject(result),
        "headline": words.headline(result),
        "sentence": words.sentence(result),
        "as_at_line": words.as_at_line(result),
        "bar": [[s.name, s.percent] for s in chart.bar(result).segments],
        "alt": words.alt(result),
    }


def as_line(decision: Decision) -> str:
    """Return a decision in a line for a person."""
    if decision.result is None:
        return f"{decision.council}: {decision.place}: {decision.reason}"
    result = decision.result
    return f"{decision.council}: {words.headline(result)}. {words.as_at_line(result)}"


class Command(BaseCommand):
    """Say what a results file would bring, and change nothing."""

    help = (
        "Show what a results file would bring, and change nothing. Exit status 2 where "
        "it contradicts itself. Example: mailer preview_results night.csv --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the file."""
        parser.add_argument("file", help="a CSV file, or - for standard in")
        parser.add_argument("--source", default="", help="who counted")
        parser.add_argument("--json", action="store_true", help="one object a council")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Preview the file in one call."""
        taken = operations.preview_results(
            data=read_file(options["file"]),
            name=Path(options["file"]).name,
            source=options["source"],
            now=datetime.now(tz=UTC),
        )
        for fault in taken.faults:
            self.stderr.write(str(fault))
        for decision in taken.decisions:
            said = as_json(decision) if options["json"] else as_line(decision)
            self.stdout.write(json.dumps(said) if options["json"] else str(said))
            for warning in () if options["json"] else decision.warnings:
                self.stdout.write(f"  warning: {warning}")
        if taken.faults:
            sys.exit(2)
