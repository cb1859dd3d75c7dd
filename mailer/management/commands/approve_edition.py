"""`mailer approve_edition`: let an edition go at its time."""

from datetime import UTC, datetime
from getpass import getuser
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.editions import operations, queries


class Command(BaseCommand):
    """Approve what was seen, and nothing else."""

    help = (
        "Approve an edition as it was seen: by the hash that preview_edition --json "
        "shows. Example: mailer approve_edition 7 --hash 3f0c1d…"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the edition and the hash of what was seen."""
        parser.add_argument("edition", type=int, help="its number")
        parser.add_argument("--hash", required=True, help="of the content you saw")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Approve in one call."""
        try:
            operations.approve(
                edition_id=options["edition"],
                seen_hash=options["hash"],
                by=getuser(),
                now=datetime.now(tz=UTC),
            )
        except (
            operations.ChangedSince,
            operations.NotNow,
            operations.Refused,
            queries.NoSuchEdition,
        ) as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        view = queries.edition(options["edition"])
        self.stdout.write(
            f"Approved. It leaves at {view.release_at:%Y-%m-%d %H:%M} UTC."
        )
