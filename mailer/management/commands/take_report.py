"""`mailer take_report`: hand over one mail that came back."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError

from mailer.feedback import operations as feedback
from mailer.feedback.operations import Heard, Outcome
from mailer.feedback.report import LARGEST_BYTES


class Command(BaseCommand):
    """Reads a bounce, a complaint or a leaving from stdin or a file."""

    help = (
        "Take in one bounce or complaint. A mail server pipes it in: the status is "
        "then 0 whatever the mail says, so that nothing is ever answered, or 75 while "
        "the database is away, so that it is tried again. "
        "Example: mailer take_report < bounce.eml"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name a file, or none."""
        parser.add_argument("file", nargs="?", default="-", help="instead of stdin")
        parser.add_argument("--json", action="store_true", help="for a program")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take the report and say what was made of it."""
        piped = options["file"] == "-"
        try:
            raw = _read(options["file"])
            heard = feedback.take_report(raw=raw, now=datetime.now(tz=UTC))
        except OSError as error:
            raise CommandError(
                f"{options['file']}: {error.strerror}", returncode=2
            ) from error
        except (DatabaseError, InterfaceError) as error:
            why = "The database is away; nothing was taken in."
            raise CommandError(why, returncode=os.EX_TEMPFAIL) from error
        if options["json"]:
            self.stdout.write(json.dumps(_told(heard)))
        elif heard.outcome is not Outcome.SET_ASIDE:
            about = f"run {heard.run_id}, position {heard.position}"
            self.stdout.write(f"{heard.outcome}: {heard.why} ({about})")
        if heard.outcome is Outcome.SET_ASIDE:
            if not piped:
                raise CommandError(f"This mail {heard.why}.", returncode=2)
            self.stderr.write(f"This mail {heard.why}.")


def _read(name: str) -> bytes:
    if name == "-":
        raw = sys.stdin.buffer.read(LARGEST_BYTES)
        while sys.stdin.buffer.read(LARGEST_BYTES):
            pass  # whoever pipes must not be told that the pipe broke
        return raw
    with Path(name).open("rb") as file:
        return file.read(LARGEST_BYTES)


def _told(heard: Heard) -> dict[str, object]:
    return {
        "outcome": heard.outcome,
        "why": heard.why,
        "kind": heard.kind,
        "run": heard.run_id,
        "position": heard.position,
        "blame": heard.blame,
    }
