"""Generated histories of feeds, clocks and schedulers, and what must hold in each.

A history is made from its seed: newsletters with hourly to daily slots, some in a night
in which the clocks change; papers that publish, publish late, date ahead or not at all,
edit and withdraw; three schedulers in threads whose clocks are behind, ahead, or step;
collectors beside them; an editor who approves; and a delivery that sends what it may.
"""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

from django.db import connection

from mailer.audience import operations as audience
from mailer.audience.newsletter import Newsletter
from mailer.editions import operations as editions
from mailer.editions import queries
from mailer.editions.content import EditionState
from mailer.editions.models import Edition, EditionItem, Use
from mailer.editions.schedule import slots
from mailer.editions.states import UNSENT
from mailer.sources import queries as stories
from mailer.sources.story import Story
from tests.kit.editions import Paper, a_digest_newsletter

SCHEDULERS = 3
STEPS = 3
ROOM = {  # nothing is cut for room, nothing too old: what is left over is lost
    "least": 1,
    "latest": 0,
    "per_section": 500,
    "sections_shown": 500,
    "max_age_hours": 8000,
    "backfill_to": 500,
    "backfill_hours": 8000,
    "kinds": ["news"],
}
SCHEDULES = ("0 * * * *", "30 * * * *", "*/20 * * * *", "0 6,18 * * *", "30 2 * * *")
STARTS = (
    ("Africa/Johannesburg", datetime(2026, 11, 23, 20, 10, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 24, 22, 10, tzinfo=UTC)),  # back at 01:00
    ("Europe/Berlin", datetime(2026, 3, 28, 22, 40, tzinfo=UTC)),  # on at 01:00
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 13, 50, tzinfo=UTC)),
)
SKEWS = (0, 0, 0, 1, -1, 45, -90, 40 * 60, -70 * 60, 5 * 3600, -5 * 3600)  # seconds
GONE = (EditionState.SKIPPED, EditionState.WITHDRAWN)


@contextmanager
def threads() -> Iterator[ThreadPoolExecutor]:
    """Give a pool whose threads keep their connections, and close them at the end."""
    with ThreadPoolExecutor(SCHEDULERS + 2) as pool:
        yield pool
        barrier = Barrier(SCHEDULERS + 2)
        done = [
            pool.submit(lambda: (barrier.wait(), connection.close()))
            for _ in range(SCHEDULERS + 2)
        ]
        for one in done:
            one.result()


@dataclass
class History:
    """One generated history, as far as it has come."""

    seed: int
    dice: random.Random
    now: datetime  # the true time
    latest: datetime  # any scheduler's clock has ever shown
    newsletters: list[Newsletter]
    papers: list[Paper]
    published: list[tuple[Paper, str]] = field(default_factory=list)
    sent: int = 0
    failed: int = 0  # passes in which a newsletter could not be planned


def begin(seed: int) -> History:
    """Empty the tables and begin a history."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE source, edition, recipe CASCADE")
    dice = random.Random(seed)
    zone, start = dice.choice(STARTS)
    newsletters = [
        a_digest_newsletter(
            cron=dice.choice(SCHEDULES),
            time_zone=zone,
            selection=ROOM,
            approval=dice.choice(["automatic", "editor"]),
            lead=dice.choice([0, 60, 240]),
            deadline=dice.choice([10, 60, 180]),
            now=start,
        )
        for _ in range(dice.choice([1, 1, 1, 2]))
    ]
    papers = [Paper(now=start) for _ in range(2)]
    return History(seed, dice, start, start, newsletters, papers)


def end(history: History) -> None:
    """Put the newsletters away."""
    for newsletter in history.newsletters:
        audience.change_newsletter(newsletter=replace(newsletter, archived=True))


def step(history: History, pool: ThreadPoolExecutor) -> None:
    """Let time pass, let the papers work, and let all look at the same moment."""
    dice = history.dice
    history.now += timedelta(seconds=dice.choice([1, 240, 1900, 3600, 9000]))
    for _ in range(dice.randint(0, 4)):
        _publish_edit_or_pull(history)
    readers = [p for p in history.papers if dice.random() < 0.8]
    clocks = [
        history.now + timedelta(seconds=dice.choice(SKEWS)) for _ in range(SCHEDULERS)
    ]
    history.latest = max(history.latest, history.now, *clocks)
    done = together(
        pool,
        *(lambda clock=clock: editions.plan(now=clock) for clock in clocks),
        *(lambda paper=paper: paper.collect(now=history.now) for paper in readers),
    )
    history.failed += sum(bool(getattr(one, "failed", ())) for one in done)
    _approve_some(history)
    _send_what_may_go(history)
    editions.plan(now=history.now)


def together(pool: ThreadPoolExecutor, *acts: Callable[[], object]) -> list[object]:
    """Do all of these at the same moment, each in a thread; return what they return."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        barrier.wait()
        return act()

    return [one.result() for one in [pool.submit(run, act) for act in acts]]


def lost_at_last(history: History) -> list[str]:
    """Go on to a slot nobody has looked at, and return what no edition has by then."""
    found = []
    for paper in history.papers:
        paper.collect(now=history.now)
    for newsletter in history.newsletters:
        lead = timedelta(minutes=240)  # the longest
        [following] = queries.next_slots(newsletter.id, 1, history.latest + lead)
        history.now = history.latest = following.at
        editions.plan(now=history.now)
        found += _lost(newsletter, history.now)
    return found


def _publish_edit_or_pull(history: History) -> None:
    dice = history.dice
    now = history.now
    does = dice.choice(["new", "new", "new", "copy", "edit", "edit", "pull", "pull"])
    if does == "new" or not history.published:
        at = dice.choice(
            [
                now,  # in the very second of the look
                now - timedelta(seconds=1),
                now - timedelta(minutes=dice.randint(1, 300)),  # late
                now + timedelta(minutes=dice.randint(1, 300)),  # under embargo
                None,
            ]
        )
        paper = dice.choice(history.papers)
        guid = paper.put(f"Story {len(history.published)}", published_at=at)
        history.published.append((paper, guid))
        return
    about = dice.choice([history.published, _held(history), _held(history)])
    paper, guid = dice.choice(about or history.published)
    if does == "edit":
        item = paper.items[guid]
        item["title"] = f"{item['title']}, edited"
    elif does == "copy":
        other = dice.choice(history.papers)
        other.items.setdefault(guid, paper.items[guid])
    else:
        paper.pull(guid)


def _held(history: History) -> list[tuple[Paper, str]]:
    """Return the pieces that an edition not yet sent holds."""
    held = EditionItem.objects.filter(edition__state__in=UNSENT)
    guids = set(held.values_list("story__guid", flat=True))
    return [(paper, guid) for paper, guid in history.published if guid in guids]


def _approve_some(history: History) -> None:
    waiting = Edition.objects.filter(state=EditionState.READY).order_by("pk")
    for row in list(waiting):
        if history.dice.random() < 0.7 and row.deadline_at >= history.now:
            editions.approve(
                edition_id=row.pk, seen_hash=row.hash, by="Ada", now=history.now
            )


def _send_what_may_go(history: History) -> None:
    for edition_id in queries.releasable(now=history.now):
        editions.mark_sending(edition_id=edition_id, run_id=edition_id)
        editions.mark_sent(edition_id=edition_id, now=history.now)
        history.sent += 1


# What must hold. Each returns sentences about what does not.


def faults_now(history: History) -> list[str]:
    """Return what is wrong after a look by the true clock."""
    found = ["a newsletter could not be planned"] * history.failed
    current = {s.id: s for s in stories.recent(limit=10_000)}
    for row in Edition.objects.filter(state__in=UNSENT):
        content = queries.content(edition_id=row.pk)
        for item in content.items:
            found += _faults_of_item(row, item.story, current[item.story.id], history)
        if row.state == EditionState.APPROVED and row.approved_hash != content.hash:
            found.append(f"edition {row.pk} is approved as something else")
    return found


def _faults_of_item(
    row: Edition, held: Story, current: Story, history: History
) -> list[str]:
    found = []
    if current.withdrawn_at:
        found.append(f"unsent edition {row.pk} holds withdrawn story {held.id}")
    elif held.title != current.title:
        found.append(f"unsent edition {row.pk} holds an old story {held.id}")
    if held.published_at and held.published_at > history.now:
        found.append(f"unsent edition {row.pk} holds story {held.id} before its time")
    return found


def faults_of_slots(history: History) -> list[str]:
    """Return slots without exactly one edition or reason, and rows without a slot.

    One still to come may wait for a story until its time, and has neither till then.
    """
    found = []
    for newsletter in history.newsletters:
        recipe = queries.recipe(newsletter.id)
        assert recipe is not None
        horizon = history.latest + timedelta(minutes=recipe.lead_minutes)
        named = slots(recipe.cron, recipe.time_zone, after=recipe.since, until=horizon)
        named = list(named)
        wanted = {slot.key for slot in named if slot.at <= history.latest}
        rows = list(Edition.objects.filter(newsletter_id=newsletter.id))
        keys = [row.slot for row in rows]
        found += [f"slot {key} has no row" for key in wanted - set(keys)]
        known = {slot.key for slot in named}
        found += [f"row {key} has no slot" for key in set(keys) - known]
        if len(keys) != len(set(keys)):
            found.append("a slot has two rows")
        filled = set(
            EditionItem.objects.filter(edition__in=rows).values_list(
                "edition_id", flat=True
            )
        )
        for row in rows:
            if row.state not in GONE and row.pk not in filled:
                found.append(f"slot {row.slot} has an edition of nothing")
            if row.state == EditionState.SKIPPED and not row.reason:
                found.append(f"slot {row.slot} has no reason")
    return found


def faults_of_use(history: History) -> list[str]:
    """Return stories that stand twice in a newsletter, and uses without an edition."""
    found = []
    for newsletter in history.newsletters:
        held = list(
            EditionItem.objects.filter(edition__newsletter_id=newsletter.id)
            .exclude(edition__state__in=GONE)
            .values_list("story_id", flat=True)
        )
        used = set(
            Use.objects.filter(newsletter_id=newsletter.id).values_list(
                "story_id", flat=True
            )
        )
        if len(held) != len(set(held)):
            found.append("a story stands twice in a newsletter")
        found += [f"story {s} is used up by nothing" for s in used - set(held)]
        found += [f"story {s} is in a mail and not used" for s in set(held) - used]
    return found


def _lost(newsletter: Newsletter, now: datetime) -> list[str]:
    """Return stories that could have been in an edition by now and are in none."""
    used = set(
        Use.objects.filter(newsletter_id=newsletter.id).values_list(
            "story_id", flat=True
        )
    )
    return [
        f"story {story.id} was lost"
        for story in stories.recent(limit=10_000)
        if story.published_at
        and story.published_at <= now
        and not story.withdrawn_at
        and story.id not in used
    ]
