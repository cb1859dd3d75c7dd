"""`mailer suppress`: leave an address alone, or write to it again."""

import json
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mailer.audience import operations as audience
from mailer.audience import queries
from mailer.audience.address import BadAddress
from mailer.audience.consent import Evidence
from mailer.audience.suppression import Reason


class Command(BaseCommand):
    """Suppresses an address, lifts it, or shows why it is suppressed."""

    help = (
        "Never write to an address again, known here or not; --lift takes it back, "
        "--show only says why. "
        'Example: mailer suppress ann@a.example --note "Asked by phone, 24 Nov"'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the address and what to do."""
        parser.add_argument("address")
        parser.add_argument(
            "--reason",
            default=Reason.MANUAL.value,
            choices=[Reason.MANUAL.value, Reason.LEGAL.value, Reason.COMPLAINT.value],
        )
        parser.add_argument("--note", default="", help="why, without any address")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--lift", action="store_true", help="write to it again")
        what.add_argument("--show", action="store_true", help="change nothing")
        parser.add_argument("--json", action="store_true", help="for a program")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it and say how the address stands."""
        address, note = options["address"], options["note"]
        evidence = Evidence(wording=note, form="suppress", channel="command")
        now = datetime.now(tz=UTC)
        try:
            changed = False
            if options["lift"]:
                changed = audience.lift(
                    address=address, detail=note, evidence=evidence, now=now
                )
            elif not options["show"]:
                changed = audience.suppress(
                    address=address,
                    reason=Reason(options["reason"]),
                    detail=note,
                    evidence=evidence,
                    now=now,
                )
            found = queries.suppression(address)
        except BadAddress as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            told = {
                "changed": changed,
                "suppressed": found is not None,
                "reason": found and found.reason.value,
                "since": found and found.since.isoformat(),
                "note": found and found.detail,
            }
            self.stdout.write(json.dumps(told))
            return
        if found is None:
            self.stdout.write("This address is not suppressed.")
            return
        self.stdout.write(
            f"Suppressed since {found.since:%Y-%m-%d %H:%M} UTC: {found.reason}"
            + (f" ({found.detail})" if found.detail else "")
        )
