"""`mailer check_relay`: whether a relay lets us in, and what it offers."""

import json
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.delivery.anymail import AnymailTransport
from mailer.delivery.connecting import connect
from mailer.delivery.smtp import SmtpTransport
from mailer.delivery.stock import signing_keys
from mailer.delivery.transport import RelayFault


class Command(BaseCommand):
    """Greets a relay as the workers do, and sends nothing."""

    help = (
        "Connect to a relay of RELAYS, begin TLS, log in, print what it offers, and "
        "leave; ask a mail service whether our key is good. Nothing is sent. Example: "
        "mailer check_relay 1"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the relay."""
        parser.add_argument(
            "relay", type=int, nargs="?", default=1, help="its place in RELAYS, from 1"
        )
        parser.add_argument("--json", action="store_true", help="for a program")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Connect and tell."""
        relay_id = options["relay"]
        try:
            with connect(relay_id=relay_id) as transport:
                line, said = transport.line_in_words, _said_by(transport)
        except RelayFault as fault:
            told = {"relay": relay_id, "works": False, "reason": str(fault)}
            if options["json"]:
                self.stdout.write(json.dumps(told))
            raise CommandError(f"{fault}.", returncode=2) from fault
        if options["json"]:
            told = {"relay": relay_id, "works": True, "line": line, **said}
            self.stdout.write(json.dumps(told))
            return
        self.stdout.write(f"Relay {relay_id} takes mail from us: {line}.")
        if "empty_call" in said:
            self.stdout.write(f"  Key         {said['empty_call']}")
            self.stdout.write("  DKIM        left to the service")
            return
        for name, is_offered, without in (
            ("PIPELINING", said["pipelining"], "sending will be slow"),
            ("SIZE", said["largest_bytes"] is not None, "large mails fail late"),
            ("DSN", said["dsn"], "bounces bring back whole mails"),
        ):
            words = "offered" if is_offered else f"not offered: {without}"
            self.stdout.write(f"  {name:<11} {words}")
        if said["largest_bytes"]:
            self.stdout.write(f"  Largest     {said['largest_bytes']:,} bytes")
        self.stdout.write(f"  {'DKIM':<11} {_signer_in_words()}")


def _said_by(transport: SmtpTransport | AnymailTransport) -> dict[str, Any]:
    """Return what a relay says when it is greeted, or a service when it is asked."""
    if isinstance(transport, AnymailTransport):
        return {"empty_call": transport.check()}
    offers = transport.offers
    return {
        "pipelining": offers.pipelining,
        "dsn": offers.dsn,
        "largest_bytes": offers.largest_bytes,
        "offers": offers.lines,
        "signed_by_us": [key.selector for key in signing_keys()],
    }


def _signer_in_words() -> str:
    """Return who signs; that each key works was tried when it was read."""
    names = " and ".join(f"{key.selector} ({key.algorithm})" for key in signing_keys())
    if not names:
        return "left to the relay (DKIM_SIGN=relay)"
    return f"signed here with {names}; a trial signature holds"
