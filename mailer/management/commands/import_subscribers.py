"""`mailer import_subscribers`: bring a list in, as often as you like."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from mailer.audience import operations as audience
from mailer.audience.operations import Fate, NotAList, Taken, UnknownSlug

SHOWN = 20  # bad rows named one by one; --json names all


class Command(BaseCommand):
    """Reads CSV; says of each row what became of it; the totals add up."""

    help = (
        "Bring subscribers in from a CSV file. Who left stays left, who is suppressed "
        "stays so, and a second run changes nothing. The columns are in "
        "docs/audience.md. Example: mailer import_subscribers readers.csv --newsletter "
        'morning --consent-source "Sign-up form of causeway.example" --dry-run'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the file and where its consent comes from."""
        parser.add_argument("file", help="CSV with a first line of names; - for stdin")
        parser.add_argument(
            "--newsletter",
            action="append",
            default=[],
            metavar="SLUG",
            help="for rows that name none themselves; may be given more than once",
        )
        parser.add_argument(
            "--consent-source",
            required=True,
            metavar="TEXT",
            help="where and to what these people agreed; kept as evidence",
        )
        parser.add_argument(
            "--consented-on",
            metavar="DATE",
            help="when, for rows without a date of their own: 2026-11-24",
        )
        parser.add_argument("--language", default="en", help="of rows without one")
        parser.add_argument("--encoding", default="utf-8", help="such as latin-1")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, do nothing"
        )
        parser.add_argument(
            "--json", action="store_true", help="one object a row, then the totals"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import the file and report."""
        now = datetime.now(tz=UTC)
        if not options["consent_source"].strip():
            raise CommandError(
                "--consent-source is empty: say where and to what these people agreed",
                returncode=2,
            )
        try:
            with _opened(options["file"]) as file:
                rows, unused = audience.read_list(
                    file=file,
                    newsletter_slugs=options["newsletter"],
                    consent_source=options["consent_source"],
                    consented_at=_date(options["consented_on"], now),
                    encoding=options["encoding"],
                    now=now,
                )
                taken = audience.import_subscribers(
                    rows=rows,
                    language=options["language"],
                    dry_run=options["dry_run"],
                    now=now,
                )
                totals = self._report(taken, as_json=options["json"])
        except (NotAList, UnknownSlug, OSError) as error:
            raise CommandError(f"{options['file']}: {error}", returncode=2) from error
        self._sum_up(totals, unused, options)

    def _report(self, taken: Iterator[Taken], *, as_json: bool) -> Counter[Fate]:
        totals: Counter[Fate] = Counter()
        quiet = as_json or not sys.stderr.isatty()
        for one in tqdm(taken, unit=" rows", disable=quiet, leave=False):
            totals[one.fate] += 1
            if as_json:
                self.stdout.write(json.dumps(asdict(one), ensure_ascii=False))
            elif one.fate is Fate.BAD and totals[Fate.BAD] <= SHOWN:
                column = f", {one.column}" if one.column else ""
                self.stderr.write(f"line {one.line}{column}: {one.why}")
        return totals

    def _sum_up(
        self, totals: Counter[Fate], unused: list[str], options: dict[str, Any]
    ) -> None:
        counts = {fate.value: totals[fate] for fate in Fate}
        rows = sum(totals.values())
        if options["json"]:
            end = {"rows": rows, **counts, "dry_run": options["dry_run"]}
            end["columns_not_used"] = unused
            self.stdout.write(json.dumps({"totals": end}, ensure_ascii=False))
            return
        if totals[Fate.BAD] > SHOWN:
            more = totals[Fate.BAD] - SHOWN
            self.stderr.write(f"and {more:,} more bad rows; --json names them all")
        if unused:
            self.stderr.write(f"Columns not used: {', '.join(unused)}")
        said = ", ".join(f"{n:,} {fate}" for fate, n in counts.items())
        begin = "Nothing was written. It would be " if options["dry_run"] else ""
        self.stdout.write(f"{begin}{rows:,} rows: {said}")


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as file:
        yield file


def _date(text: str | None, now: datetime) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"--consented-on {text}: write it as 2026-11-24", returncode=2
        ) from error
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if at > now:
        raise CommandError(f"--consented-on {text} has not come yet", returncode=2)
    return at
