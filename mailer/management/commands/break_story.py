"""`mailer break_story`: send breaking news, after the hold."""

import json
import secrets
from datetime import UTC, datetime
from getpass import getuser
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.audience import queries as audience
from mailer.editions import operations, queries


class Command(BaseCommand):
    """Make an alert of a story."""

    help = (
        "Send a story as breaking news. It leaves after the hold; stop_run stops it. "
        "Example: mailer break_story 812 --newsletter breaking "
        "--headline 'Oreme dam is leaking' --line 'Three towns move uphill.'"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the story, the words, and who gets it."""
        parser.add_argument("story", type=int, help="its number")
        parser.add_argument("--newsletter", required=True, help="its slug")
        parser.add_argument("--headline", required=True)
        parser.add_argument("--line", default="", help="one sentence below it")
        parser.add_argument("--place", default="", help="a code; empty: everybody")
        parser.add_argument(
            "--people",
            type=int,
            help="how many will get it, as asked for from 10,000 on",
        )
        parser.add_argument(
            "--update", action="store_true", help="it went out before, and changed"
        )
        parser.add_argument("--key", default="", help="the same key is the same alert")
        parser.add_argument("--json", action="store_true", help="edition, release_at")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Break it in one call."""
        newsletter = audience.newsletter_by_slug(options["newsletter"])
        if newsletter is None:
            raise CommandError(
                f"there is no newsletter '{options['newsletter']}'", returncode=2
            )
        try:
            edition_id = operations.break_story(
                story_id=options["story"],
                newsletter_id=newsletter.id,
                headline=options["headline"],
                line=options["line"],
                place_code=options["place"],
                typed_count=options["people"],
                update=options["update"],
                key=options["key"] or secrets.token_urlsafe(12),
                by=getuser(),
                now=datetime.now(tz=UTC),
            )
        except operations.Refused as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        at = queries.edition(edition_id).release_at.isoformat()
        if options["json"]:
            self.stdout.write(json.dumps({"edition": edition_id, "release_at": at}))
        else:
            self.stdout.write(f"Edition {edition_id} leaves at {at}.")
