"""`mailer show_message`: the very bytes that one delivery hands to the relay."""

import json
import sys
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.delivery.reprint import NothingToPrint, envelope_of


class Command(BaseCommand):
    """Prints one message as it goes out, the same on each try."""

    help = (
        "Print the message of one delivery, byte for byte, with its real addresses and "
        "links. Example: mailer show_message 7 12 > message.eml"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the delivery."""
        parser.add_argument("run", type=int, help="number of the run")
        parser.add_argument("position", type=int, help="of the delivery in it, from 1")
        parser.add_argument(
            "--json", action="store_true", help="the envelope, the message as text"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print it, and nothing else."""
        try:
            envelope = envelope_of(run_id=options["run"], position=options["position"])
        except NothingToPrint as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            told = {
                "mail_from": envelope.sender,
                "rcpt_to": envelope.address,
                "bytes": len(envelope.message),
                "message": envelope.message.decode(),
            }
            self.stdout.write(json.dumps(told))
            return
        sys.stdout.flush()
        sys.stdout.buffer.write(envelope.message)
