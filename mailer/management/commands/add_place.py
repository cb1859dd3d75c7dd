"""`mailer add_place`: a municipality or region that results and warnings are about."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mailer.audience import operations as audience
from mailer.audience.queries import PlaceView


class Command(BaseCommand):
    """Adds a place, or gives a known one its new name."""

    help = (
        "Add a place readers can choose, or rename one. "
        'Example: mailer add_place TAMBA "Tamba Valley" --parent OREME'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the place."""
        parser.add_argument("code", help="as in results files; never changes")
        parser.add_argument("name", help="as readers see it")
        parser.add_argument("--kind", default="municipality")
        parser.add_argument("--parent", default="", metavar="CODE", help="it lies in")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Add the place."""
        place = PlaceView(
            options["code"], options["name"], options["kind"], options["parent"]
        )
        try:
            new = audience.add_place(place=place)
        except audience.BadPlace as fault:
            raise CommandError(str(fault), returncode=2) from fault
        self.stdout.write(f"{'Added' if new else 'Changed'} {place.code}: {place.name}")
