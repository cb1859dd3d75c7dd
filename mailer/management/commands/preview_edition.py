"""`mailer preview_edition`: an edition as its readers will get it."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.editions import queries
from mailer.editions.content import Content
from mailer.rendering import framed, operations
from mailer.rendering.variant import Variant


class Command(BaseCommand):
    """Print one rendering of an edition, or what it holds."""

    help = (
        "Print an edition as its readers will get it, with addresses that belong to "
        "nobody. Example: mailer preview_edition 7 --html > 7.html"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the edition and the form."""
        parser.add_argument("edition", type=int, help="its number")
        parser.add_argument("--tier", default="free", help="free or subscriber")
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--text", action="store_true", help="the text part (default)")
        form.add_argument("--html", action="store_true", help="the HTML part")
        form.add_argument(
            "--json", action="store_true", help="state, subject, stories and findings"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Render, or find what is rendered, and print it."""
        edition_id = options["edition"]
        try:
            content = queries.content(edition_id=edition_id)
        except queries.NoSuchEdition as missing:
            raise CommandError(str(missing), returncode=2) from missing
        variants = operations.render(edition_id=edition_id, now=datetime.now(tz=UTC))
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(content, variants)))
            return
        wanted = [v for v in variants if v.key.tier == options["tier"]] or variants[:1]
        if not wanted:
            view = queries.edition(edition_id)
            why = view.blocked or view.reason
            raise CommandError(f"edition {edition_id}: {why}", returncode=2)
        body = wanted[0].html if options["html"] else wanted[0].text
        base = settings.PUBLIC_URL
        self.stdout.write(
            framed.for_everyone(
                body,
                unsubscribe=f"{base}/u/preview",
                preferences=f"{base}/p",
                browser=f"{base}/v/preview",
            )
        )


def _as_json(content: Content, variants: list[Variant]) -> dict[str, Any]:
    view = queries.edition(content.edition_id)
    return {
        "id": view.id,
        "newsletter": view.newsletter.slug,
        "kind": view.kind,
        "state": view.state,
        "reason": view.reason,
        "blocked": view.blocked,
        "number": view.number,
        "slot_at": view.slot_at.isoformat(),
        "release_at": view.release_at.isoformat(),
        "deadline_at": view.deadline_at.isoformat(),
        "hash": content.hash,
        "approved_by": view.approved_by,
        "subject": content.subject,
        "preheader": content.preheader,
        "stories": [
            {"block": item.block, "id": item.story.id, "title": item.title}
            for item in content.items
        ],
        "variants": [
            {
                "number": v.number,
                "tier": v.key.tier,
                "place": v.key.place,
                "subject": v.subject,
                "findings": [asdict(finding) for finding in v.findings],
            }
            for v in variants
        ],
    }
