"""`mailer check_dns`: whether DNS says what it should."""

import json
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.delivery.dns_check import NoAnswer
from mailer.delivery.dns_lookup import lookup_at
from mailer.delivery.publishing import published


class Command(BaseCommand):
    """Looks the records up and says what is right, missing or different."""

    help = (
        "Look up what `mailer dns_records` prints and say of each: right, missing, or "
        "how it differs. Exit status 2 where something is wrong. Example: mailer "
        "check_dns --server 9.9.9.9"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whom to ask, and the form of the answer."""
        parser.add_argument(
            "--server", default="", metavar="ADDRESS[:PORT]", help="instead of yours"
        )
        parser.add_argument("--json", action="store_true", help="one object a record")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Ask and tell."""
        try:
            findings = published(lookup_at(options["server"]))
        except NoAnswer as fault:
            raise CommandError(f"{fault}.", returncode=2) from fault
        for one in findings:
            record = one.record
            if options["json"]:
                told = {"about": record.about, "name": record.name}
                told |= {"state": one.state, "words": one.words, "line": record.line}
                self.stdout.write(json.dumps(told))
                continue
            words = f": {one.words}" if one.words else ""
            self.stdout.write(f"{record.about:<5} {one.state:<7} {record.name}{words}")
            if not one.is_right:
                self.stdout.write(f"      publish {record.line}")
        if settings.DKIM_SIGN == "relay" and not options["json"]:
            self.stdout.write("DKIM  is the relay's: its operator says what to publish")
        wrong = sum(not one.is_right for one in findings)
        if wrong:
            raise CommandError(
                f"{wrong} of {len(findings)} to set right.", returncode=2
            )
