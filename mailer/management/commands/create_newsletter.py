"""`mailer create_newsletter`: make a list that people can be on."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mailer.audience import operations as audience
from mailer.audience.newsletter import Newsletter


class Command(BaseCommand):
    """Makes a newsletter and prints its id and list id."""

    help = (
        "Make a newsletter; `set_recipe` then says when it comes and what of. "
        'Example: mailer create_newsletter morning "Morning digest" '
        '--from-name "The Causeway" --from-address digest@news.causeway.example '
        '--rhythm "Weekdays, 06:00"'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the fields of a newsletter."""
        parser.add_argument("slug", help="short name in addresses: small letters, -")
        parser.add_argument("name", help="as readers see it")
        parser.add_argument("--from-name", required=True)
        parser.add_argument("--from-address", required=True)
        parser.add_argument("--reply-to", default="", help="empty: the from address")
        parser.add_argument("--description", default="", help="one sentence")
        parser.add_argument("--rhythm", default="", help="when it comes, in words")
        parser.add_argument("--language", default="en")
        parser.add_argument(
            "--list-id", default="", help="for ever; empty: made from the slug"
        )
        parser.add_argument(
            "--subscriber-only", action="store_true", help="for paying readers"
        )
        parser.add_argument(
            "--by-place", action="store_true", help="an edition for each place"
        )
        parser.add_argument("--alerts", action="store_true", help="breaking news")
        parser.add_argument("--json", action="store_true", help="for a program")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make the newsletter."""
        list_id = options["list_id"] or audience.list_id_for(options["slug"])
        newsletter = Newsletter(
            id=0,
            slug=options["slug"],
            name=options["name"],
            description=options["description"],
            rhythm=options["rhythm"],
            list_id=list_id,
            from_name=options["from_name"],
            from_address=options["from_address"],
            reply_to=options["reply_to"],
            language=options["language"],
            subscriber_only=options["subscriber_only"],
            by_place=options["by_place"],
            is_alerts=options["alerts"],
        )
        try:
            made = audience.create_newsletter(newsletter=newsletter)
        except audience.BadNewsletter as fault:
            raise CommandError(str(fault), returncode=2) from fault
        if options["json"]:
            told = {"id": made, "slug": newsletter.slug, "list_id": list_id}
            self.stdout.write(json.dumps(told))
            return
        self.stdout.write(f"Newsletter {made}: {newsletter.slug}, List-Id {list_id}")
