"""`mailer doubt`: mails nobody knows the end of; send again or close."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from getpass import getuser
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.delivery import operations, queries


class Command(BaseCommand):
    """List deliveries in doubt, send them again, or close them."""

    help = (
        "List mails of which nobody knows whether they arrived. --resend sends them "
        "again with the same Message-ID (each may come twice); --close leaves them. "
        "Without positions: all of the run. Example: mailer doubt 7 --resend 12 13"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a run, positions, and what to do."""
        parser.add_argument("run", type=int, nargs="?", help="its number; all")
        what = parser.add_mutually_exclusive_group()
        for word, text in (("resend", "send again"), ("close", "leave as they are")):
            what.add_argument(
                f"--{word}", type=int, nargs="*", metavar="POSITION", help=text
            )
        parser.add_argument(
            "--json", action="store_true", help="one JSON object a line"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """List, or decide in one call."""
        found = queries.doubt(options["run"])
        for word, decide in (
            ("resend", operations.resend_doubt),
            ("close", operations.close_doubt),
        ):
            if options[word] is None:
                continue
            if options["run"] is None:
                raise CommandError(f"name the run to {word}", returncode=2)
            wanted = options[word] or [doubt.position for doubt in found]
            try:
                count = decide(
                    run_id=options["run"],
                    positions=wanted,
                    by=getuser(),
                    now=datetime.now(tz=UTC),
                )
            except operations.NotInDoubt as refusal:
                raise CommandError(str(refusal), returncode=2) from refusal
            self.stdout.write(f"{word}: {count}")
            return
        for doubt in found:
            line = f"run {doubt.run_id} position {doubt.position}: {doubt.reason}"
            values = json.dumps(asdict(doubt), default=str)
            self.stdout.write(values if options["json"] else line)
        if not found and not options["json"]:
            self.stdout.write("Nothing is in doubt.")
