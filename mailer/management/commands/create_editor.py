"""`mailer create_editor`: make an editor and print her log-in link."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mailer.desk import people


class Command(BaseCommand):
    """Makes an editor; prints a link that works once, for three days."""

    help = (
        "Make an editor and print her log-in link\n"
        'Example: mailer create_editor thandi --full-name "Thandi Mokoena"'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the options."""
        parser.add_argument("name", nargs="?", default="editor", help="log-in name")
        parser.add_argument("--full-name", default="", help="as colleagues read it")
        parser.add_argument(
            "--first", action="store_true", help="only if there is none"
        )
        parser.add_argument("--again", action="store_true", help="a new link")
        parser.add_argument("--json", action="store_true", help="for a program")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make the editor."""
        if options["first"] and people.there_is_one():
            self.stdout.write(
                "There is an editor already. A new log-in link: "
                "mailer create_editor NAME --again"
            )
            return
        name = options["name"]
        try:
            invitation = (
                people.link_again(name=name)
                if options["again"]
                else people.invite(name=name, full_name=options["full_name"])
            )
        except people.BadName as fault:
            raise CommandError(str(fault), returncode=2) from fault
        if invitation is None:
            raise CommandError(f"There is no editor “{name}”.", returncode=2)
        if options["json"]:
            told = {"name": invitation.name, "link": invitation.link}
            self.stdout.write(json.dumps(told))
            return
        self.stdout.write(
            f"Log-in link for {invitation.name}, works once within three days:\n"
            f"{invitation.link}"
        )
