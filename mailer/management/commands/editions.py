"""`mailer editions`: what goes out, and what is in the way."""

import json
from datetime import UTC, datetime
from typing import Any

from django.core.management import BaseCommand, CommandParser

from mailer.editions import queries
from mailer.editions.view import EditionView


class Command(BaseCommand):
    """List the latest editions, the newest slot first."""

    help = (
        "List editions with their state or the reason there is none. "
        "Example: mailer editions --needs-you"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many, and which."""
        parser.add_argument("--limit", type=int, default=20, help="how many (20)")
        parser.add_argument(
            "--needs-you", action="store_true", help="only what waits for a person"
        )
        parser.add_argument("--json", action="store_true", help="one object a line")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print one line an edition."""
        if options["needs_you"]:
            views = list(queries.today(datetime.now(tz=UTC)).needs_you)
        else:
            views = queries.editions(limit=max(1, options["limit"]))
        for view in views:
            if options["json"]:
                self.stdout.write(json.dumps(_as_json(view)))
            else:
                self.stdout.write(_as_line(view))
        if not views and not options["json"]:
            self.stdout.write("There are none.")


def _as_json(view: EditionView) -> dict[str, Any]:
    return {
        "id": view.id,
        "newsletter": view.newsletter.slug,
        "kind": view.kind,
        "slot": view.slot,
        "slot_at": view.slot_at.isoformat(),
        "state": view.state,
        "reason": view.reason,
        "blocked": view.blocked,
        "subject": view.subject,
        "stories": view.stories,
        "hash": view.hash,
        "approved_by": view.approved_by,
        "place": view.place_code,
        "run": view.run_id,
    }


def _as_line(view: EditionView) -> str:
    when = f"{view.slot_at:%a %d %b %H:%M}"
    what = view.blocked or view.reason or view.subject
    return f"{view.id:>6}  {when}  {view.newsletter.slug:<16} {view.state:<9} {what}"
