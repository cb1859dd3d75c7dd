"""`mailer set_recipe`: when a newsletter comes, what of, and who lets it go."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.audience import queries as audience
from mailer.editions import operations, queries
from mailer.editions.recipe import Approval, Waves
from mailer.editions.view import RecipeView

NEXT = 3


class Command(BaseCommand):
    """Set what is given of a newsletter's recipe, and show the whole of it."""

    help = (
        "Set a newsletter's schedule, selection and approval; what is not given stays. "
        "Example: mailer set_recipe morning --cron '0 6 * * MON-FRI' "
        "--time-zone Africa/Johannesburg --approval editor "
        '--selection \'{"sections": ["Business"], "least": 3}\''
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the newsletter by its slug; the rest is optional."""
        parser.add_argument("newsletter", help="its slug, as in its address")
        parser.add_argument(
            "--cron", help="minute, hour, day of month, month, day of week; '' for none"
        )
        parser.add_argument("--time-zone", help="an IANA name: Africa/Johannesburg")
        parser.add_argument(
            "--approval",
            help=f"{' or '.join(Approval)}: who lets an edition go",
        )
        parser.add_argument(
            "--lead", type=int, metavar="MINUTES", help="before the slot it is filled"
        )
        parser.add_argument(
            "--deadline",
            type=int,
            metavar="MINUTES",
            help="after the slot; later it is skipped, not sent",
        )
        parser.add_argument(
            "--waves",
            help=f"{' or '.join(Waves)}: at whose hour a digest comes",
        )
        parser.add_argument(
            "--expires",
            type=int,
            metavar="MINUTES",
            help="after its release; no mail of it leaves later; 0: as usual",
        )
        parser.add_argument(
            "--selection",
            metavar="JSON",
            help="replaces the selection; @FILE reads it from there; see "
            "docs/newsletters.md",
        )
        parser.add_argument("--json", action="store_true", help="show it as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Set the recipe in one call and show it."""
        now = datetime.now(tz=UTC)
        newsletter = audience.newsletter_by_slug(options["newsletter"])
        if newsletter is None:
            raise CommandError(
                f"there is no newsletter '{options['newsletter']}'", returncode=2
            )
        try:
            recipe = operations.set_recipe(
                newsletter_id=newsletter.id,
                cron=options["cron"],
                time_zone=options["time_zone"],
                selection=_selection(options["selection"]),
                approval=options["approval"],
                lead_minutes=options["lead"],
                deadline_minutes=options["deadline"],
                waves=options["waves"],
                expires_minutes=options["expires"],
                by="the command line",
                now=now,
            )
        except operations.BadRecipe as fault:
            raise CommandError(str(fault), returncode=2) from fault
        slots = [s.at for s in queries.next_slots(newsletter.id, NEXT, now)]
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(recipe, slots)))
            return
        self.stdout.write(f"{newsletter.name}: approved by {recipe.approval}")
        self.stdout.write(f"filled {recipe.lead_minutes} minutes before its slot")
        self.stdout.write(f"skipped {recipe.deadline_minutes} minutes after it")
        if recipe.waves is Waves.READER:
            self.stdout.write("comes at each reader's own hour")
        if recipe.expires_minutes:
            self.stdout.write(
                f"not sent {recipe.expires_minutes} minutes after it left"
            )
        for at in slots:
            self.stdout.write(f"next: {at:%a %d %b %Y %H:%M %Z}")
        if not slots:
            self.stdout.write("It has no schedule.")


def _selection(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        if text.startswith("@"):
            text = Path(text[1:]).read_text(encoding="utf-8")
        values = json.loads(text)
    except (OSError, ValueError) as error:
        raise CommandError(f"--selection: {error}", returncode=2) from error
    if not isinstance(values, dict):
        raise CommandError("--selection: must be a JSON object", returncode=2)
    return values


def _as_json(recipe: RecipeView, slots: list[datetime]) -> dict[str, Any]:
    return asdict(recipe) | {
        "selection": recipe.selection.as_json(),
        "since": recipe.since.isoformat(),
        "next_slots": [at.isoformat() for at in slots],
    }
