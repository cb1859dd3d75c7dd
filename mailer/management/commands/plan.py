"""`mailer plan`: one planning pass, now."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.editions import operations, queries


class Command(BaseCommand):
    """Fill the slots that are due, and say what became of them."""

    help = (
        "Plan now what the scheduler plans every few seconds: fill slots, take over "
        "edits and withdrawals, skip what is stale, make results editions. Harmless "
        "at any moment. Example: mailer plan --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take only the form of the answer."""
        parser.add_argument("--json", action="store_true", help="ids, by what was done")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Plan in one call."""
        planned = operations.plan(now=datetime.now(tz=UTC))
        if options["json"]:
            self.stdout.write(json.dumps(asdict(planned)))
        else:
            done = asdict(planned)
            failed = done.pop("failed")
            for what, ids in done.items():
                for edition_id in ids:
                    self.stdout.write(f"{what}: {_line(edition_id)}")
            for newsletter_id in failed:
                self.stderr.write(f"failed: newsletter {newsletter_id}; see the log")
            if not any(planned_ids for planned_ids in asdict(planned).values()):
                self.stdout.write("Nothing was due.")
        if planned.failed:
            raise CommandError("some newsletters could not be planned", returncode=2)


def _line(edition_id: int) -> str:
    view = queries.edition(edition_id)
    what = view.reason or view.subject
    return f"{view.id} {view.newsletter.slug} {view.slot_at:%a %d %b %H:%M}: {what}"
