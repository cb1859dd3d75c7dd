"""`mailer preview_source`: what a feed would bring."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from django.core.management import BaseCommand, CommandParser

from mailer.management.commands.add_source import add_filing, filing
from mailer.sources.draft import Draft
from mailer.sources.fetch import web
from mailer.sources.preview import NothingToPreview, preview


def as_json(draft: Draft) -> dict[str, Any]:
    """Return a story for a program to read."""
    image = draft.image
    return {
        "title": draft.title,
        "url": draft.url,
        "guid": draft.guid,
        "published_at": _moment(draft.published_at),
        "updated_at": _moment(draft.updated_at),
        "summary": draft.standfirst,
        "image": image
        and {
            "url": image.url,
            "alt": image.alt,
            "width": image.width,
            "height": image.height,
            "credit": image.credit,
        },
        "authors": list(draft.authors),
        "section": draft.section,
        "tags": list(draft.tags),
        "kind": str(draft.kind),
        "subscriber_only": draft.subscriber_only,
        "language": draft.language,
        "body_text": draft.body_text,
        "credit": draft.credit,
        "related": [{"title": r.title, "url": r.url} for r in draft.related],
        "starts_at": _moment(draft.starts_at),
        "venue": draft.venue,
        "notes": list(draft.notes),
    }


def as_lines(draft: Draft) -> str:
    """Return a story in a few lines for a person."""
    dated = (
        f"{draft.published_at:%Y-%m-%d %H:%M} UTC" if draft.published_at else "undated"
    )
    filed = [dated, str(draft.kind).replace("_", " "), draft.section, draft.language]
    filed += ["subscribers only"] if draft.subscriber_only else []
    filed += [f"by {', '.join(draft.authors)}"] if draft.authors else []
    filed += [f"from {draft.credit}"] if draft.credit else []
    lines = [draft.title, f"  {draft.url}", "  " + " · ".join(filter(None, filed))]
    if draft.standfirst:
        lines.append(f"  {draft.standfirst}")
    if draft.image:
        size = (
            f"{draft.image.width} x {draft.image.height}" if draft.image.width else ""
        )
        about = " · ".join(filter(None, [draft.image.alt, size]))
        lines.append(f"  Picture: {draft.image.url}" + (f" ({about})" if about else ""))
    return "\n".join(lines)


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


class Command(BaseCommand):
    """Show what a feed would bring, and write nothing down."""

    help = (
        "Show what a feed, or a page that links to one, would bring; change nothing. "
        "What cannot come in is named on standard error. Exit status 2 where there is "
        "no feed. Example: mailer preview_source https://news.example.org/ --json"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the feed, and how its items would be filed."""
        parser.add_argument("source", help="an address, or a file with a feed or page")
        parser.add_argument("--json", action="store_true", help="one object a line")
        add_filing(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Preview the source in one call."""
        now = datetime.now(tz=UTC)
        target = options["source"]
        try:
            found = preview(target, rules=filing(options), web=web(), now=now)
        except NothingToPreview as why:
            self.stderr.write(f"{target}: {why}")
            sys.exit(2)
        for problem in found.problems:
            self.stderr.write(f"{target}: {problem}")
        if options["json"]:
            for draft in found.drafts:
                self.stdout.write(json.dumps(as_json(draft), ensure_ascii=False))
            return
        named = f"{found.format}: {found.title}".rstrip(": ")
        if found.url not in {"", target}:
            named += f" ({found.url})"
        refused = sum(problem.refused for problem in found.problems)
        count = f"{len(found.drafts)} of {len(found.drafts) + refused} stories"
        self.stdout.write(f"{named}\n{count} would come in.\n")
        for draft in found.drafts:
            self.stdout.write(as_lines(draft) + "\n")
