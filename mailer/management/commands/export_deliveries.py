"""`mailer export_deliveries`: who got a run, when, by which relay, with which reply."""

import csv
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mailer.audience.subscriberfile import escaped
from mailer.delivery import history, queries
from mailer.delivery.ledger import State

COLUMNS = [field.name for field in fields(history.Line)]


class Command(BaseCommand):
    """Writes CSV or JSON lines to stdout, or to a file only the owner may read."""

    help = (
        "Write every delivery of a run: state, time, relay, reply, and why it never "
        "went. The columns are explained in docs/operations.md. "
        "Example: mailer export_deliveries 7 --state refused --addresses --to seven.csv"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the run, and what to say of it."""
        parser.add_argument("run", type=int, help="its number; see `mailer runs`")
        parser.add_argument(
            "--state",
            choices=[state.value for state in State],
            help="only those that stand there",
        )
        parser.add_argument(
            "--addresses",
            action="store_true",
            help="say whose mail it is; without it, the subscriber's number alone",
        )
        parser.add_argument(
            "--json", action="store_true", help="one JSON object a line"
        )
        parser.add_argument("--to", metavar="FILE", help="instead of stdout")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write them."""
        try:
            run = queries.progress(options["run"])
        except queries.UnknownRun as missing:
            raise CommandError(str(missing), returncode=2) from missing
        if run.archived_at is not None:
            raise CommandError(
                f"The rows of run {run.run_id} were archived: look in the file that "
                "`mailer archive_runs` wrote.",
                returncode=2,
            )
        state = State(options["state"]) if options["state"] else None
        found = history.lines(run.run_id, state=state, addresses=options["addresses"])
        if not options["to"]:
            _write(found, self.stdout, options)
            return
        target = Path(options["to"])
        try:
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise CommandError(f"{target}: {error.strerror}", returncode=2) from error
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            written = _write(found, file, options)
        sys.stderr.write(f"{written:,} deliveries in {target}\n")


def _write(
    found: Iterator[history.Line], file: IO[str] | Any, options: dict[str, Any]
) -> int:
    columns = [name for name in COLUMNS if name != "address" or options["addresses"]]
    writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\r\n")
    if not options["json"]:
        writer.writeheader()
    written = 0
    for line in found:
        written += 1
        values = asdict(line) | {"at": line.at.isoformat() if line.at else None}
        if options["json"]:
            kept = {name: values[name] for name in columns}
            file.write(json.dumps(kept) + "\n")
            continue
        values["reason"], values["address"] = (
            escaped(line.reason),
            escaped(line.address),
        )
        values["was_in_doubt"] = "yes" if line.was_in_doubt else ""
        writer.writerow(values)
    return written
