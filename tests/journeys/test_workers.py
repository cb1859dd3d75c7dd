"""Beats and workers as processes of their own: from a slot or a feed to the inbox."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from mailer.audience import queries as audience
from mailer.editions import operations as editing
from mailer.editions import queries as editions
from mailer.editions.content import EditionState
from mailer.kernel.clock import utc_now
from mailer.local import acts, programs
from mailer.sources import operations as sources
from mailer.sources import queries as stories
from tests.kit.audience import a_newsletter, a_reader_of, many_readers
from tests.kit.feed_server import FeedServer, feed_server, reply
from tests.kit.feedback import a_bounce
from tests.kit.processes import a_due_digest, give_slot, until
from tests.kit.sources import a_feed, an_item

pytestmark = pytest.mark.slow
READERS = 300
HEADLINE = "The dam holds"
ANN, BEN, CLEO = (f"{name}@readers.example" for name in ("ann", "ben", "cleo"))


def test_two_beats_and_two_sets_of_workers_make_one_edition_and_one_mail_a_reader(
    install,
):
    here = install(RELAY_PIPES="2")
    newsletter = a_due_digest()
    many_readers(READERS, newsletter)

    here.start(
        *(here.worker(name) for name in ("first", "second")),
        *(here.beat(name) for name in ("beat-1", "beat-2")),
    )
    run = here.ended_run(newsletter)

    [edition] = editions.editions(newsletter_id=newsletter.id)
    until(
        lambda: editions.edition(edition.id).state is EditionState.SENT,
        "the edition called sent",
    )
    assert (run.accepted, run.audience) == (READERS, READERS)
    assert here.postbox.counts() == {
        "mails": READERS,
        "message_ids": READERS,
        "doubled": 0,
    }
    assert len({mail.address for mail in here.mails()}) == READERS


def publish(feed: FeedServer, *titles: str) -> None:
    """Put pieces into the feed, each an hour old by now."""
    date = format_datetime(utc_now() - timedelta(hours=1))
    items = [an_item(n, title=title, pubDate=date) for n, title in enumerate(titles)]
    feed.pages["/feed.xml"] = reply(
        200, a_feed(*items), Content_Type="application/rss+xml"
    )


def approved(newsletter, *, ago: timedelta):
    """Give the newsletter a slot, wait for its edition and approve it as an editor."""
    give_slot(newsletter, ago=ago, approval="editor")
    edition = until(
        lambda: next(
            (e for e in editions.editions(newsletter_id=newsletter.id) if e.is_unsent),
            None,
        ),
        "an edition to approve",
    )
    editing.approve(
        edition_id=edition.id, seen_hash=edition.hash, by="Thandi", now=utc_now()
    )


def test_a_story_of_a_feed_reaches_readers_who_leave_by_a_click_or_a_bounce(install):
    with feed_server() as feed:
        publish(feed, HEADLINE)
        here = install(FETCH_PRIVATE_HOSTS=f"127.0.0.1:{feed.port}")
        newsletter = a_newsletter()
        people = {a: a_reader_of(newsletter, address=a) for a in (ANN, BEN, CLEO)}
        sources.add_source(
            url=f"{feed.url}/feed.xml",
            name="The Causeway",
            take_existing=True,
            every_seconds=5,
            now=utc_now(),
        )
        here.start(here.worker("worker"), here.beat(), programs.web(here.home))

        until(lambda: stories.recent(limit=10), "a story coming in")
        approved(newsletter, ago=timedelta(minutes=3))
        here.ended_run(newsletter)
        first = {mail.address: mail for mail in here.mails()}
        mail = here.postbox.mail(first[ANN].id)
        left = acts.one_click(here.postbox.one_click(first[ANN].id))
        sender = here.envelope_sender(first[CLEO])
        heard = here.command("take_report", stdin=a_bounce(sender))

        publish(feed, HEADLINE, "Rain until Friday")
        until(lambda: len(stories.recent(limit=10)) > 1, "another story coming in")
        approved(newsletter, ago=timedelta())
        here.ended_run(newsletter, editions=2)

    assert set(first) == {ANN, BEN, CLEO}
    for kind in ("html", "plain"):
        assert HEADLINE in mail.get_body((kind,)).get_content()
    assert mail["List-Unsubscribe"].startswith(f"<{here.home.web}/u/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert left
    assert heard.startswith("suppressed: ")
    assert audience.suppression_of(people[CLEO].id)
    second = [mail for mail in here.mails() if mail.subject != first[BEN].subject]
    assert [mail.address for mail in second] == [BEN]
