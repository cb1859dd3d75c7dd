"""A reader in a browser: signs up, confirms, reads, sets things, leaves, is erased.

Every page on the way is looked at by axe, in both schemes, on a phone and a desktop.
"""

from datetime import timedelta

import pytest
from django.db import connections

from mailer.audience import operations as audience
from mailer.audience import queries
from mailer.audience.consent import SubscriberState, SubscriptionState
from mailer.delivery import operations as delivery
from mailer.editions import operations as editing
from mailer.editions import queries as editions
from mailer.kernel.clock import utc_now
from mailer.kernel.tokens import seal
from tests.kit.audience import a_newsletter, a_place, fresh_keys  # noqa: F401
from tests.kit.browser import DESKTOP, PHONE, a_person
from tests.kit.editions import Paper, a_digest_newsletter
from tests.kit.public import leave_path, path_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_keys", "over_http"),
]

SMALLEST = 320  # CSS pixels, WCAG 1.4.10
ADDRESS = "ann@readers.example"


@pytest.fixture
def over_http(settings, monkeypatch):
    """Let cookies travel to the test's server, and the ORM run beside the browser."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
    # The server's threads must not keep connections to a database to be dropped.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)


def the_newest_link():
    """Return the path in the newest letter, once what was asked for is answered."""
    audience.answer_requests(now=utc_now())
    return path_of(queries.letters_waiting(100)[-1].data["url"])


def a_sent_edition(newsletter):
    """Send an edition that is due now, and return it."""
    now = utc_now()
    paper = Paper(now=now - timedelta(days=2))
    for title in ("The dam holds", "Rain until Friday", "A bridge for Kessane"):
        paper.put(title, published_at=now - timedelta(hours=1))
    paper.collect(now=now)
    editing.plan(now=now)
    found = editions.editions(newsletter_id=newsletter.id)
    edition = next(edition for edition in found if edition.is_unsent)
    editing.approve(edition_id=edition.id, seen_hash=edition.hash, by="S", now=now)
    delivery.open_due(now=edition.release_at)
    editing.mark_sent(edition_id=edition.id, now=edition.release_at)
    return editions.edition(edition.id)


def is_well_made(person):
    """Look at a page as a careful visitor does."""
    assert person.violations() == []
    assert not person.overflows()
    assert person.faults == []


def signs_up(ann, site):
    """Sign up with every fault on the way, and press the button in the letter."""
    ann.opens(site)
    is_well_made(ann)
    ann.presses("Sign up")
    assert ann.page.title().startswith("Problem: ")
    assert ann.page.evaluate("document.activeElement.id") == "problem"
    is_well_made(ann)
    ann.ticks("Morning digest").ticks("Elections")
    ann.types("Your municipality", "Tamba").types("E-mail address", ADDRESS)
    ann.presses("Sign up")
    is_well_made(ann)
    ann.page.get_by_role("radio", name="Tamba Valley municipality").check()
    ann.presses("Sign up")
    assert ann.title == "Check your mail"
    is_well_made(ann)
    ann.opens(site + the_newest_link())
    assert ann.says("for Tamba Valley")
    is_well_made(ann)
    ann.presses("Yes, start")
    assert ann.title == "Morning digest, Elections: started"
    is_well_made(ann)
    return queries.subscriber_by_address(ADDRESS)


def reads(ann, site, link):
    """Open a mail in the browser, then look through the archive."""
    ann.opens(site + link)
    assert ann.says("The dam holds")
    assert not ann.overflows()
    ann.opens(f"{site}/n")
    is_well_made(ann)
    ann.presses("Morning digest")
    is_well_made(ann)
    ann.page.locator("main .list a").first.click()
    ann.page.wait_for_load_state()
    assert ann.says("The dam holds")
    is_well_made(ann)


def changes_things(ann, site):
    """Ask for a link, switch a newsletter off, and undo that."""
    ann.opens(f"{site}/p")
    is_well_made(ann)
    ann.types("E-mail address", ADDRESS).presses("Send me the link")
    is_well_made(ann)
    ann.opens(site + the_newest_link())
    is_well_made(ann)
    ann.presses("Open my mails")
    assert ann.title == "Your mails"
    is_well_made(ann)
    ann.page.get_by_role("group", name="Elections").get_by_label("Off").check()
    ann.presses("Save")
    assert ann.says("Elections is off.")
    is_well_made(ann)
    ann.presses("Undo")


def leaves(ann, site, link):
    """Stop one newsletter, undo it, stop it for good."""
    ann.opens(site + link)
    is_well_made(ann)
    ann.presses("Stop this newsletter")
    assert ann.title == "Morning digest: stopped"
    is_well_made(ann)
    ann.presses("Undo: Morning digest")
    is_well_made(ann)
    ann.presses("Stop this newsletter")


@pytest.mark.parametrize(("width", "scheme"), [(SMALLEST, "light"), (DESKTOP, "dark")])
def test_a_reader_comes_reads_changes_things_and_leaves(
    live_server, settings, width, scheme
):
    digest = a_digest_newsletter(
        "morning", cron="*/5 * * * *", lead=10, deadline=600, now=utc_now()
    )
    results = a_newsletter("elections", name="Elections", by_place=True)
    a_place("TV1", "Tamba Valley")
    a_place("TV2", "Tamba Valley North")
    site = live_server.url

    with a_person(width, scheme) as ann:
        reader = signs_up(ann, site)
        run_id = a_sent_edition(digest).run_id
        reads(ann, site, f"/v/{seal('browser', [run_id, 1], settings.TOKEN_KEYS)}")
        changes_things(ann, site)
        standing = queries.subscriber(reader.id).standing(results.id)
        assert standing is SubscriptionState.ACTIVE
        leaves(ann, site, leave_path(reader, digest))
        standing = queries.subscriber(reader.id).standing(digest.id)
        assert standing is SubscriptionState.LEFT

        ann.opens(f"{site}/p/data")
        is_well_made(ann)
        ann.ticks("I want to be erased").presses("Erase me")
        assert ann.title == "Erased"
        is_well_made(ann)
        assert queries.subscriber(reader.id).state is SubscriberState.ERASED


def test_everything_works_without_a_script(live_server):
    digest = a_newsletter("morning")
    site = live_server.url

    with a_person(PHONE, script=False) as ann:
        ann.opens(site).ticks("Morning digest").types("E-mail address", ADDRESS)
        ann.presses("Sign up")
        ann.opens(site + the_newest_link()).presses("Yes, start")
        ann.opens(f"{site}/p/link").types("E-mail address", ADDRESS)
        ann.presses("Send me the link")
        ann.opens(site + the_newest_link()).presses("Open my mails")
        ann.presses("Stop everything")

        assert ann.says("Stopped now: everything.")

    reader = queries.subscriber_by_address(ADDRESS)
    assert reader.standing(digest.id) is SubscriptionState.LEFT


def test_a_keyboard_alone_signs_up(live_server):
    a_newsletter("morning")

    with a_person(DESKTOP) as ann:
        ann.opens(live_server.url)
        ann.page.keyboard.press("Tab")
        assert ann.page.evaluate("document.activeElement.className") == "skip"
        ann.page.keyboard.press("Enter")
        ann.page.keyboard.press("Tab")
        ann.page.keyboard.press("Space")
        ann.page.keyboard.press("Tab")
        ann.page.keyboard.type(ADDRESS)
        ann.page.keyboard.press("Enter")
        ann.page.wait_for_load_state()

        assert ann.title == "Check your mail"
