"""`mailer export_subscribers`: write the list as CSV, ready for import elsewhere."""

import os
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mailer.audience import operations as audience
from mailer.audience import queries


class Command(BaseCommand):
    """Writes CSV to stdout or a file only the owner may read."""

    help = (
        "Write all subscribers as CSV, in the columns that import_subscribers reads. "
        "Who left or is suppressed is marked so. "
        "Example: mailer export_subscribers --newsletter morning --to readers.csv"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Narrow it, or name a file."""
        parser.add_argument("--newsletter", metavar="SLUG", help="only of this one")
        parser.add_argument("--to", metavar="FILE", help="instead of stdout")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the list."""
        newsletter_id = None
        if options["newsletter"]:
            found = queries.newsletter_by_slug(options["newsletter"])
            if found is None:
                raise CommandError(
                    f"there is no newsletter {options['newsletter']}", returncode=2
                )
            newsletter_id = found.id
        if not options["to"]:
            audience.write_subscribers(file=self.stdout, newsletter_id=newsletter_id)
            return
        target = Path(options["to"])
        try:
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise CommandError(f"{target}: {error.strerror}", returncode=2) from error
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            written = audience.write_subscribers(file=file, newsletter_id=newsletter_id)
        sys.stderr.write(f"{written:,} subscribers in {target}\n")
