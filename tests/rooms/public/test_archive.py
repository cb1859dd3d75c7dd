"""What was sent, for everyone: without a personal address, without a paid line."""

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from mailer.audience import operations as audience
from mailer.delivery import operations as delivery
from mailer.delivery import queries as runs
from mailer.editions import operations as editing
from mailer.editions import queries as editions
from mailer.editions.models import Edition
from mailer.kernel.personal import Personal
from mailer.kernel.tokens import seal
from mailer.rendering import queries as rendering
from tests.kit.audience import a_newsletter, a_reader_of
from tests.kit.delivery import an_approved_digest
from tests.kit.editions import NOW, Paper, a_digest_newsletter, planned
from tests.kit.public import Visitor, body, flipped, said, title_of

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def sent(edition):
    """Send an approved edition, to the point where its run is over."""
    delivery.open_due(now=edition.release_at)
    editing.mark_sent(edition_id=edition.id, now=edition.release_at)
    return editions.edition(edition.id)


def a_sent_digest(*stories, slug="morning", now=NOW, newsletter=None, **said_of_it):
    """Return a sent edition with these stories; said_of_it: about each of them."""
    newsletter = newsletter or a_digest_newsletter(slug)
    paper = Paper()
    for title in stories or ("The dam holds",):
        paper.put(title, published_at=now - timedelta(hours=1), **said_of_it)
    paper.collect(now=now)
    edition = planned(newsletter, now=now)
    editing.approve(edition_id=edition.id, seen_hash=edition.hash, by="Sipho", now=now)
    return sent(editions.edition(edition.id))


def test_an_archive_without_editions_says_what_will_be_here():
    a_newsletter("morning")

    index, shelf = Visitor().opens("/n"), Visitor().opens("/n/morning")

    assert "Nothing has gone out yet." in said(index)
    assert "Nothing has gone out yet." in said(shelf)


def test_a_sent_edition_is_listed_by_its_day_and_opens():
    edition = a_sent_digest("The dam holds")
    visitor = Visitor()

    listed = visitor.opens("/n/morning")
    opened = visitor.opens("/n/morning/2026-11-24")

    assert edition.subject in said(listed)
    assert 'href="/n/morning/2026-11-24"' in body(listed)
    assert "The dam holds" in body(opened)
    assert "Tuesday 24 November 2026" in body(opened)


def test_what_has_not_gone_is_in_no_archive():
    edition = an_approved_digest("ann@a.example")
    slug, day = edition.newsletter.slug, edition.slot_at.date()

    assert "Nothing has gone out yet." in said(Visitor().opens(f"/n/{slug}"))
    assert Visitor().opens(f"/n/{slug}/{day}").status_code == 404


@pytest.mark.parametrize(
    "day",
    [
        "2026-11-23",
        "2026-11-24-2",
        "2026-11-24-1",
        "2026-13-40",
        "today",
        "2026-11-24-0",
    ],
)
def test_a_day_without_an_edition_is_404(day):
    a_sent_digest()

    answer = Visitor().opens(f"/n/morning/{day}")

    assert answer.status_code == 404
    assert title_of(answer) == "This page is not here"


def test_nothing_personal_is_left_in_an_archived_edition():
    a_reader_of(newsletter := a_digest_newsletter("morning"))
    a_sent_digest(newsletter=newsletter)

    page = body(Visitor().opens("/n/morning/2026-11-24"))

    assert not any(mark in page for mark in Personal)
    assert "/u/" not in page
    assert "/v/" not in page


def test_a_paid_story_is_announced_before_the_click_and_not_in_the_bytes():
    newsletter = a_digest_newsletter("morning")
    paper = Paper()
    paper.put("Free for all", section="News")
    paper.put("Behind the wall", subscriber_only="yes", summary="A paid secret.")
    paper.collect()
    edition = planned(newsletter)
    editing.approve(edition_id=edition.id, seen_hash=edition.hash, by="S", now=NOW)
    sent(editions.edition(edition.id))

    assert "1 of 2 stories is for paying subscribers" in said(
        Visitor().opens("/n/morning")
    )
    page = body(Visitor().opens("/n/morning/2026-11-24"))
    assert "Behind the wall" in page
    assert "A paid secret." not in page


def test_editions_of_following_days_lead_to_each_other():
    newsletter = a_digest_newsletter("morning")
    a_sent_digest("First", newsletter=newsletter)
    a_sent_digest("Second", newsletter=newsletter, now=NOW + DAY)

    newer = body(Visitor().opens("/n/morning/2026-11-25"))
    older = body(Visitor().opens("/n/morning/2026-11-24"))

    assert 'href="/n/morning/2026-11-24" rel="prev"' in newer
    assert 'href="/n/morning/2026-11-25" rel="next"' in older


def test_two_editions_of_a_day_have_two_addresses():
    newsletter = a_digest_newsletter("twice", cron="0 6,18 * * *")
    a_sent_digest("Morning news", newsletter=newsletter)
    a_sent_digest("Evening news", newsletter=newsletter, now=NOW + timedelta(hours=12))

    assert "Morning news" in body(Visitor().opens("/n/twice/2026-11-24"))
    assert "Evening news" in body(Visitor().opens("/n/twice/2026-11-24-2"))


def test_an_archived_mail_may_style_itself_and_run_nothing():
    a_sent_digest()

    policy = Visitor().opens("/n/morning/2026-11-24")["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "form-action 'none'" in policy


def test_the_feed_names_each_edition_with_its_whole_address():
    edition = a_sent_digest("The dam holds")

    answer = Visitor().opens("/n/morning/feed.atom")

    assert answer["Content-Type"].startswith("application/atom+xml")
    atom = "{http://www.w3.org/2005/Atom}"
    (entry,) = ET.fromstring(answer.content).iter(f"{atom}entry")
    assert entry.find(f"{atom}title").text == edition.subject
    assert (
        entry.find(f"{atom}link").get("href")
        == "https://news.causeway.example/n/morning/2026-11-24"
    )


def test_the_newest_editions_stand_under_the_sign_up_form():
    edition = a_sent_digest("The dam holds")

    assert edition.subject in said(Visitor().opens("/"))


def a_browser_link(edition, settings, number=1):
    return f"/v/{seal('browser', [edition.run_id, number], settings.TOKEN_KEYS)}"


def test_view_in_browser_shows_the_mail_that_was_sent_without_its_personal_links(
    settings,
):
    a_reader_of(newsletter := a_digest_newsletter("morning"))
    edition = a_sent_digest(newsletter=newsletter)

    answer = Visitor().opens(a_browser_link(edition, settings))

    assert answer.status_code == 200
    (variant, *_) = rendering.variants(edition_id=edition.id, content_hash=edition.hash)
    assert len(body(answer)) > len(variant.html) * 0.9
    assert not any(mark in body(answer) for mark in Personal)
    assert "/u/" not in body(answer)
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store"


def test_a_changed_link_to_view_in_browser_is_404(settings):
    edition = a_sent_digest()
    link = a_browser_link(edition, settings)

    assert Visitor().opens(flipped(link)).status_code == 404
    assert Visitor().opens(a_browser_link(edition, settings, 99)).status_code == 404


def test_a_letter_is_not_on_the_web(settings):
    person = a_reader_of(a_newsletter())
    audience.ask_letter(
        kind="notice",
        subscriber_id=person.id,
        data={"title": "T", "lines": ["A secret line"], "url": "", "button": ""},
        now=NOW,
    )
    delivery.open_letters(now=NOW)
    run_id = runs.runs(letters=True, limit=1)[0].run_id
    link = f"/v/{seal('browser', [run_id, 1], settings.TOKEN_KEYS)}"
    answer = Visitor().opens(link)

    assert answer.status_code == 404
    assert "A secret line" not in body(answer)


def test_how_a_list_works_says_how_to_get_on_and_off():
    newsletter = a_newsletter("morning")

    words = said(Visitor().opens("/n/morning/help"))

    assert newsletter.list_id in words
    assert newsletter.from_address in words
    assert "works in one press, without a password" in words


def test_three_stories_with_pictures_stand_under_the_sign_up_form():
    a_sent_digest("One", "Two", "Three", "Four", picture=True)

    page = body(Visitor().opens("/"))

    assert "From the last Morning digest" in page
    assert page.count('loading="lazy"') == 3
    assert page.count('href="/n/morning/2026-11-24"') == 3


def a_busy_shelf(days=3, a_day=20):
    """Return the path of a newsletter that sent so much, one a minute."""
    newsletter = a_newsletter("busy")
    Edition.objects.bulk_create(
        Edition(
            newsletter_id=newsletter.id,
            slot=f"{n}",
            state="sent",
            slot_at=NOW - (n // a_day) * DAY - timedelta(minutes=n % a_day),
            time_zone="UTC",
            release_at=NOW,
            deadline_at=NOW,
        )
        for n in range(days * a_day)
    )
    return "/n/busy"


def test_a_long_shelf_is_turned_over_by_whole_days():
    shelf = a_busy_shelf()

    first = body(Visitor().opens(shelf))
    rest = body(Visitor().opens(f"{shelf}?before=2026-11-23"))

    assert first.count('href="/n/busy/2026-11-2') == 40
    assert 'href="/n/busy?before=2026-11-23"' in first
    assert rest.count('href="/n/busy/2026-11-22') == 20
    assert 'href="/n/busy/2026-11-22-20"' in rest
    assert "2026-11-23" not in rest.partition("<main")[2]


def test_a_shelf_turned_past_its_end_says_so():
    a_sent_digest()

    assert "That was the first one." in said(
        Visitor().opens("/n/morning?before=2020-01-01")
    )
