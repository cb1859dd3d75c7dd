"""`mailer dns_records`: what to publish in DNS."""

import json
from typing import Any

from django.core.management import BaseCommand, CommandParser

from mailer.delivery.publishing import to_publish


class Command(BaseCommand):
    """Prints records as lines of a zone file."""

    help = (
        "Print the SPF, DKIM, DMARC, BIMI, MX and PTR records to publish for the From "
        "domains of all newsletters and letters, and for bounces. Example: mailer "
        "dns_records > records.zone"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take only the form of the answer."""
        parser.add_argument("--json", action="store_true", help="one object a record")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print them."""
        for record in to_publish():
            if options["json"]:
                told = {"about": record.about, "name": record.name}
                told |= {"type": record.type, "value": record.value}
                told |= {"note": record.note, "line": record.line}
                self.stdout.write(json.dumps(told))
                continue
            note = f" ({record.note})" if record.note else ""
            self.stdout.write(f"; {record.about}{note}")
            self.stdout.write(record.line)
