"""`mailer add_source`: a feed to poll from now on."""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.sources import operations
from mailer.sources.fetch import web
from mailer.sources.filing import Paid, Rules
from mailer.sources.preview import NothingToPreview, preview
from mailer.sources.story import Kind


def add_filing(parser: CommandParser) -> None:
    """Take what a newsroom can settle about a source's items."""
    parser.add_argument("--kind", choices=[str(kind) for kind in Kind], default="news")
    parser.add_argument("--section", default="", help="of items that name none")
    parser.add_argument(
        "--paid",
        choices=[str(paid) for paid in Paid],
        default="marked",
        help="which items are for subscribers: those marked so, all, or none",
    )
    parser.add_argument("--language", default="", help="such as en or af")
    parser.add_argument("--time-zone", default="UTC", help="of dates without a zone")
    parser.add_argument("--credit", default="", help="who sends these press releases")
    parser.add_argument(
        "--rename-section",
        action="append",
        default=[],
        metavar="CATEGORY=SECTION",
        help="what a category means here; may be repeated",
    )
    parser.add_argument(
        "--rename-kind",
        action="append",
        default=[],
        metavar="CATEGORY=KIND",
        help="what kind a category means here; may be repeated",
    )


def filing(options: Mapping[str, Any]) -> Rules:
    """Return the rules that the options name."""
    try:
        zone = ZoneInfo(options["time_zone"])
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        said = options["time_zone"]
        raise CommandError(
            f"--time-zone: there is no “{said}”", returncode=2
        ) from error
    try:
        kinds = {k: Kind(v) for k, v in _pairs(options["rename_kind"]).items()}
    except ValueError as error:
        raise CommandError(f"--rename-kind: {error}", returncode=2) from error
    return Rules(
        kind=Kind(options["kind"]),
        section=options["section"],
        paid=Paid(options["paid"]),
        language=options["language"],
        credit=options["credit"],
        zone=zone,
        sections=_pairs(options["rename_section"]),
        kinds=kinds,
    )


def _pairs(said: list[str]) -> dict[str, str]:
    pairs = {}
    for pair in said:
        name, equals, meaning = pair.partition("=")
        if not equals or not name.strip() or not meaning.strip():
            raise CommandError(f"“{pair}” is not CATEGORY=NAME", returncode=2)
        pairs[name.strip().casefold()] = meaning.strip()
    return pairs


class Command(BaseCommand):
    """Add a source after a look at it."""

    help = (
        "Add a feed, or a page that links to one, to the sources that are polled. What "
        "is there now counts as seen, unless --take-existing. Adding it again changes "
        "nothing. Example: mailer add_source https://news.example.org/ --name News"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the feed, its rhythm, and how its items are filed."""
        parser.add_argument("url", help="of the feed, or of a page that links to it")
        parser.add_argument("--name", default="", help="as editors see it")
        parser.add_argument("--every", type=int, default=300, metavar="SECONDS")
        parser.add_argument(
            "--take-existing", action="store_true", help="what is there now is new"
        )
        parser.add_argument(
            "--unchecked", action="store_true", help="do not fetch it first"
        )
        parser.add_argument("--json", action="store_true", help="the id, as an object")
        add_filing(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Look at the source, then add it."""
        now, rules, url = datetime.now(tz=UTC), filing(options), options["url"]
        name = options["name"]
        try:
            if not options["unchecked"]:
                found = preview(url, rules=rules, web=web(), now=now)
                url, name = found.url or url, name or found.title
            source_id = operations.add_source(
                url=url,
                name=name,
                now=now,
                every_seconds=options["every"],
                take_existing=options["take_existing"],
                kind=rules.kind,
                section=rules.section,
                paid=rules.paid,
                language=rules.language,
                time_zone=options["time_zone"],
                credit=rules.credit,
                sections=rules.sections,
                kinds=rules.kinds,
            )
        except (NothingToPreview, operations.BadSource) as why:
            self.stderr.write(f"{options['url']}: {why}")
            sys.exit(2)
        if options["json"]:
            self.stdout.write(json.dumps({"source": source_id, "url": url}))
        else:
            self.stdout.write(
                f"Source {source_id} is polled every {options['every']} s."
            )
