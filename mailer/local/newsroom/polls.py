"""The local elections of Karanda: twelve councils, and two results files of the night.

In the files a council's time is minutes before its file came out. The first has some
councils complete and some half counted; the second has the rest, and corrects Lantern
Bay, where a clerk had typed 366 for 36.
"""

import csv
import io
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
ZONE = ZoneInfo("Africa/Johannesburg")
POLLS_CLOSED = timedelta(hours=10)  # before the newsroom opened
CODE = "KA-2026"


@dataclass(frozen=True)
class Place:
    """A place readers may choose. size: how many voting districts it has."""

    code: str
    name: str
    size: int


@cache
def _election() -> str:
    return (HERE / "election.toml").read_text(encoding="utf-8")


PLACES = tuple(
    Place(c["code"], c["name"], c["stations"])
    for c in tomllib.loads(_election())["councils"]
)


def election_toml(*, opened_at: datetime) -> str:
    """Return the file `mailer set_election` takes."""
    closed = (
        (opened_at - POLLS_CLOSED).astimezone(ZONE).replace(second=0, microsecond=0)
    )
    times = f"polling_day = {closed:%Y-%m-%d}\npolls_close = {closed.isoformat()}\n"
    head, parties, rest = _election().partition("\n[[parties]]")
    return f"{head}{times}{parties}{rest}"


def results_csv(number: int, *, as_at: datetime) -> str:
    """Return results file 1 or 2 as `mailer take_results` takes it.

    as_at: when the file came out; its councils were counted minutes before.
    """
    text = (HERE / f"results-{number}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        if row["as_at"]:
            counted = as_at.astimezone(ZONE) + timedelta(minutes=int(row["as_at"]))
            row["as_at"] = counted.isoformat()
        writer.writerow(row)
    return out.getvalue()
