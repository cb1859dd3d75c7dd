"""`mailer make_dkim_key`: a new key to sign with, and what to publish for it."""

import json
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.delivery.dkim_keys import BadKey, make_key


class Command(BaseCommand):
    """Makes a key pair; needs no configuration."""

    help = (
        "Make a key for DKIM signatures and print its DNS record. The file is new and "
        "only its owner may read it. Example: mailer make_dkim_key --selector r2026a "
        "--kind rsa --to /secrets/r2026a.pem"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the selector, the kind and the file."""
        parser.add_argument(
            "--selector", required=True, help="its name in DNS, new for each key"
        )
        parser.add_argument("--kind", choices=("rsa", "ed25519"), default="rsa")
        parser.add_argument("--to", required=True, metavar="FILE", help="a new file")
        parser.add_argument("--json", action="store_true", help="for a program")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make it and tell what comes next."""
        selector, path = options["selector"], Path(options["to"]).absolute()
        try:
            key = make_key(selector, options["kind"], path)
        except BadKey as fault:
            raise CommandError(f"{fault}.", returncode=2) from fault
        setting = f"{selector}={path}"
        name = f"{selector}._domainkey"
        if options["json"]:
            told = {"setting": setting, "name": name, "txt": key.record}
            self.stdout.write(json.dumps(told))
            return
        self.stdout.write(f"Written to {path}. Add to the end of DKIM_KEYS:")
        self.stdout.write(f"  {setting}")
        self.stdout.write("Publish for each domain in From (`mailer dns_records`):")
        self.stdout.write(f"  {name} TXT {key.record}")
