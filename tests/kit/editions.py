"""Builders for editions: stories in mind and in the table, recipes, editions, alerts.

`a_story` makes a value for rules; `a_stored_story` one in the database, as its source
left it.
"""

import itertools
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from mailer.audience.newsletter import Newsletter
from mailer.editions import operations, queries
from mailer.editions.content import Block, Item
from mailer.editions.view import EditionView
from mailer.sources import operations as sources
from mailer.sources import queries as stories
from mailer.sources.story import Image, Kind, Story
from mailer.sources.web import Answer
from tests.kit.audience import a_newsletter

# A Tuesday, 06:00 in Karanda (UTC+2): the mock-up's morning.
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
EVERY_MORNING = "0 6 * * *"
ZONE = "Africa/Johannesburg"
PICTURE = Image("https://causeway.example/p.jpg", "A dam at dawn", 1200, 675)
_numbers = itertools.count(1)


def a_story(title: str = "", **fields: Any) -> Story:
    """Return a story, by default news an hour old, without a picture."""
    number = fields.pop("id", None) or next(_numbers)
    values: dict[str, Any] = {
        "id": number,
        "revision": 1,
        "source_id": 1,
        "source_name": "The Causeway",
        "guid": f"guid-{number}",
        "url": f"https://causeway.example/{number}",
        "title": title or f"Story {number}",
        "standfirst": "What happened, in one sentence.",
        "published_at": NOW - timedelta(hours=1),
        "arrived_at": NOW - timedelta(minutes=50),
        "section": "Karanda",
        "language": "en",
    }
    return Story(**(values | fields))


def an_opinion(title: str = "", **fields: Any) -> Story:
    """Return an opinion piece."""
    return a_story(title, kind=Kind.OPINION, **fields)


def an_event(title: str = "", *, in_hours: float = 5, **fields: Any) -> Story:
    """Return an event that begins some hours from NOW."""
    starts_at = NOW + timedelta(hours=in_hours)
    return a_story(title, kind=Kind.EVENT, starts_at=starts_at, **fields)


def items_of(*stories: Story) -> tuple[Item, ...]:
    """Return items: the first leads, the others are headlines."""
    return tuple(
        Item(
            block=Block.SECTION if position else Block.LEAD,
            position=position + 1,
            story=story,
            title=story.title,
            standfirst=story.standfirst,
        )
        for position, story in enumerate(stories)
    )


def a_recipe_for(  # noqa: PLR0913  a builder: all may be left out
    newsletter: Newsletter,
    *,
    cron: str = EVERY_MORNING,
    time_zone: str = ZONE,
    selection: Mapping[str, Any] | None = None,
    approval: str = "editor",
    lead: int = 60,
    deadline: int = 120,
    now: datetime = NOW - timedelta(hours=20),
) -> Newsletter:
    """Give a newsletter a recipe, since yesterday by default, and return it."""
    operations.set_recipe(
        newsletter_id=newsletter.id,
        cron=cron,
        time_zone=time_zone,
        selection=selection or {},
        approval=approval,
        lead_minutes=lead,
        deadline_minutes=deadline,
        now=now,
    )
    return newsletter


def a_digest_newsletter(
    slug: str = "", *, name: str = "Morning digest", **recipe: Any
) -> Newsletter:
    """Return a newsletter with a recipe: every morning at six in Karanda."""
    return a_recipe_for(a_newsletter(slug, name), **recipe)


def planned(newsletter: Newsletter, *, now: datetime = NOW) -> EditionView:
    """Plan now and return the newsletter's latest edition."""
    operations.plan(now=now)
    return queries.editions(newsletter_id=newsletter.id, limit=1)[0]


def titles_of(edition_id: int) -> list[str]:
    """Return what an edition's items say, in their order."""
    return [item.title for item in queries.content(edition_id=edition_id).items]


def blocks_of(edition_id: int) -> list[tuple[str, str]]:
    """Return block and title of an edition's items, in their order."""
    content = queries.content(edition_id=edition_id)
    return [(str(item.block), item.title) for item in content.items]


def done_to(edition_id: int) -> list[str]:
    """Return what was done to an edition, oldest first."""
    return [event.verb for event in queries.history(edition_id)]


class Paper:
    """A paper's feed, served from memory and read by the real adapter.

    It gives what it has now at each poll; nothing there counts as seen.
    """

    def __init__(self, *, now: datetime = NOW - timedelta(days=2), **source: Any):
        self.url = f"https://paper{next(_numbers)}.example/feed.json"
        self.items: dict[str, dict[str, Any]] = {}
        settings = {"take_existing": True, "every_seconds": 5} | source
        self.source_id = sources.add_source(
            url=self.url, name="The Causeway", now=now, **settings
        )

    def put(
        self,
        title: str,
        *,
        guid: str = "",
        published_at: datetime | None = NOW - timedelta(hours=1),
        **said: Any,
    ) -> str:
        """Publish a piece, or edit it under its old guid, and return the guid.

        said: kind, section, starts_at, venue, subscriber_only as the feed says them;
        picture=True; tags; anything else as a member of the item.
        """
        guid = guid or f"piece-{next(_numbers)}"
        item: dict[str, Any] = {
            "id": guid,
            "url": f"{self.url.removesuffix('feed.json')}{guid}",
            "title": title,
            "summary": said.pop("summary", f"What is behind “{title}”."),
            "content_text": said.pop("content_text", f"{title}. " * 40),
        }
        if published_at is not None:
            item["date_published"] = published_at.isoformat()
        if said.pop("picture", False):
            item["image"] = f"{item['url']}.jpg"
        ours = ("kind", "section", "subscriber_only", "starts_at", "venue", "withdrawn")
        marks = {name: _said(said.pop(name)) for name in ours if name in said}
        item["_stop_press"] = {"section": "Karanda"} | marks
        self.items[guid] = item | said
        return guid

    def pull(self, guid: str) -> None:
        """Say that a piece is withdrawn."""
        self.items[guid]["_stop_press"]["withdrawn"] = "yes"

    def get(self, url: str, *, etag: str = "", last_modified: str = "") -> Answer:
        """Serve the feed."""
        del etag, last_modified
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "The Causeway",
            "items": list(self.items.values()),
        }
        body = json.dumps(feed).encode()
        return Answer(
            status=200, url=url, body=body, content_type="application/feed+json"
        )

    def collect(self, *, now: datetime = NOW) -> sources.Collected:
        """Let the newsroom read the feed."""
        return sources.collect(source_id=self.source_id, now=now, web=self)

    def ids(self) -> dict[str, int]:
        """Return the ids of its pieces that came in, by guid."""
        found = stories.recent(limit=5000)
        return {s.guid: s.id for s in found if s.source_id == self.source_id}


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "yes" if value is True else str(value)


def a_stored_story(
    title: str = "", *, now: datetime = NOW, paper: Paper | None = None, **said: Any
) -> int:
    """Return the id of a story that came in through a feed. See Paper.put."""
    paper = paper or Paper()
    guid = paper.put(title or f"Story {next(_numbers)}", **said)
    collected = paper.collect(now=now)
    assert collected.ok, collected
    return paper.ids()[guid]


def stored_stories(*titles: str, now: datetime = NOW, **said: Any) -> list[int]:
    """Return ids of stories of one paper, the first title the newest."""
    paper = Paper()
    guids = [
        paper.put(title, **{"published_at": now - timedelta(hours=1, minutes=n)} | said)
        for n, title in enumerate(titles)
    ]
    paper.collect(now=now)
    ids = paper.ids()
    return [ids[guid] for guid in guids]


def all_of(newsletter: Newsletter) -> list[EditionView]:
    """Return all editions of a newsletter, the latest first."""
    return queries.editions(newsletter_id=newsletter.id, limit=1000)


def sent(newsletter: Newsletter, *, now: datetime = NOW) -> EditionView:
    """Plan, approve and send a newsletter's edition; return it as it was planned."""
    edition = planned(newsletter, now=now)
    approved(edition, now=now)
    operations.mark_sending(edition_id=edition.id, run_id=edition.id)
    operations.mark_sent(edition_id=edition.id, now=now)
    return edition


def approved(edition: EditionView, *, now: datetime = NOW) -> EditionView:
    """Approve an edition as it stands, and return it."""
    seen = queries.edition(edition.id).hash
    operations.approve(edition_id=edition.id, seen_hash=seen, by="Ada", now=now)
    return queries.edition(edition.id)


def story_of(edition: EditionView, title: str) -> int:
    """Return the id of an edition's story by its title in the mail."""
    items = queries.content(edition_id=edition.id).items
    return next(item.story.id for item in items if item.title == title)
