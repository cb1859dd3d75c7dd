"""Bring the invented newsroom into an empty database: lists, feeds, readers, election.

What is there already stays: a second start goes on with the same data.
"""

import io
import urllib.request
from collections import Counter
from dataclasses import replace
from datetime import datetime

from mailer.audience import operations as audience
from mailer.audience import queries as audience_seen
from mailer.audience.importing import Fate, import_subscribers, read_list
from mailer.audience.newsletter import Newsletter
from mailer.audience.queries import PlaceView
from mailer.editions import operations as editions
from mailer.elections import operations as elections
from mailer.local.home import Home
from mailer.local.newsroom.polls import PLACES
from mailer.local.newsroom.readers import readers_csv
from mailer.sources import operations as sources
from mailer.sources.story import Kind

ZONE = "Africa/Johannesburg"
POLL_SECONDS = 5
DIGEST, BREAKING, RESULTS, WEEKEND = "morning", "breaking", "results", "crossword"


def _list(slug: str, name: str, description: str, rhythm: str) -> Newsletter:
    return Newsletter(
        id=0,
        slug=slug,
        name=name,
        description=description,
        rhythm=rhythm,
        list_id="",
        from_name="The Causeway",
        from_address=f"{slug}@causeway.example",
        reply_to="editors@causeway.example",
    )


LISTS = (
    _list(
        DIGEST,
        "Morning digest",
        "The day's news from Karanda, with what the elections changed overnight.",
        "every morning at 06:00",
    ),
    replace(
        _list(
            BREAKING,
            "Breaking news",
            "When it cannot wait. Rarely more than one a day.",
            "when it happens",
        ),
        is_alerts=True,
    ),
    replace(
        _list(
            RESULTS,
            "Your council's results",
            "The count in your own municipality: seats, turnout, what changed.",
            "on election nights",
        ),
        by_place=True,
    ),
    replace(
        _list(
            WEEKEND,
            "The weekend crossword",
            "A cryptic crossword and the setter's notes.",
            "Saturdays at 07:00",
        ),
        subscriber_only=True,
    ),
)
# Two readers whose mailboxes are gone: the inbox refuses them, once.
GONE = "".join(
    f"gone.{name}@karanda-post.example,{name},TAM,en,free,2024-05-03,an old form\n"
    for name in ("ebo", "ulla")
)
# path of the feed, name, what its items are
FEEDS = (
    ("/feeds/news.rss", "The Causeway", Kind.NEWS),
    ("/feeds/opinion.atom", "The Causeway: Opinion", Kind.OPINION),
    ("/feeds/press.json", "Press releases", Kind.PRESS_RELEASE),
    ("/feeds/events.json", "What's on", Kind.EVENT),
)


def load(home: Home, *, now: datetime) -> dict[str, int]:
    """Load what is missing and return the newsletters' ids by slug."""
    lists = {wanted.slug: _newsletter(wanted) for wanted in LISTS}
    for place in PLACES:
        audience.add_place(
            place=PlaceView(place.code, place.name, "municipality", parent="")
        )
    for path, name, kind in FEEDS:
        sources.add_source(
            url=home.newsroom + path,
            name=name,
            kind=kind,
            every_seconds=POLL_SECONDS,
            language="en",
            time_zone=ZONE,
            now=now,
        )
    done = elections.set_election(
        data=fetch(f"{home.newsroom}/data/karanda.toml"),
        name="karanda.toml",
        now=now,
    )
    if done.faults:
        raise ValueError(f"the demo's election: {done.faults[0]}")
    set_schedule(lists, cron="0 6 * * *", now=now)
    if not audience_seen.count_reach(newsletter_id=lists[DIGEST]):
        _readers(now)
    return lists


def set_schedule(lists: dict[str, int], *, cron: str, now: datetime) -> None:
    """Give every newsletter its recipe; the digest comes by this cron expression."""
    editions.set_recipe(
        newsletter_id=lists[DIGEST],
        cron=cron,
        time_zone=ZONE,
        selection={"sections_shown": 4, "must_tags": ["lead"]},
        approval="editor",
        lead_minutes=5,
        deadline_minutes=60,
        now=now,
    )
    editions.set_recipe(
        newsletter_id=lists[RESULTS],
        time_zone=ZONE,
        approval="automatic",
        now=now,
    )
    editions.set_recipe(
        newsletter_id=lists[WEEKEND],
        cron="0 7 * * 6",
        time_zone=ZONE,
        selection={"kinds": ["puzzle"]},
        approval="editor",
        now=now,
    )


def _newsletter(wanted: Newsletter) -> int:
    known = audience_seen.newsletter_by_slug(wanted.slug)
    return known.id if known else audience.create_newsletter(newsletter=wanted)


def _readers(now: datetime) -> None:
    """Take the 1,000 invented readers in, as a newsroom would: from its CSV file."""
    file = io.BytesIO((readers_csv() + GONE).encode())
    rows, _unused = read_list(
        file=file,
        consent_source="the sign-up form of causeway.example",
        newsletter_slugs=[DIGEST, BREAKING, RESULTS],
        consented_at=now,
        now=now,
    )
    fates = Counter(t.fate for t in import_subscribers(rows=rows, now=now))
    if fates[Fate.BAD]:
        raise ValueError(f"{fates[Fate.BAD]} of the demo's readers are no readers")


def fetch(address: str) -> bytes:
    """Return what the newsroom's own server has at an address."""
    with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310
        return bytes(answer.read())
