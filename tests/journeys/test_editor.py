"""An editor in a browser: reads and approves a digest, breaks a story, stops its run.

Every page on the way is looked at by axe, in both schemes, on a phone and a desktop.
"""

import pytest
from django.contrib.auth import get_user_model
from django.db import connections

from mailer.delivery import operations as delivery
from mailer.delivery import queries as runs
from mailer.editions import queries as editions
from mailer.editions.content import EditionState
from mailer.kernel.clock import utc_now
from tests.kit.audience import fresh_keys, many_readers  # noqa: F401  a fixture
from tests.kit.browser import DESKTOP, PHONE, a_person
from tests.kit.delivery import OK, ScriptedTransport, at, drain
from tests.kit.desk import a_ready_edition, a_story_to_break
from tests.kit.editions import titles_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_keys", "over_http"),
]

PASSWORD = "ferry-nine-at-dawn"
SMALLEST = 320  # CSS pixels, WCAG 1.4.10
SOON = 10_000  # milliseconds in which a live part has come anew


@pytest.fixture
def over_http(settings, monkeypatch):
    """Let cookies travel to the test's server, and the ORM run beside the browser."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
    # The server's threads must not keep connections to a database to be dropped.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)


@pytest.fixture
def thandi(live_server):
    get_user_model().objects.create_user(
        "thandi", password=PASSWORD, first_name="Thandi", last_name="Mokoena"
    )
    return live_server.url


def is_well_made(person):
    """Look at a page as a careful colleague does."""
    assert person.faults == []
    assert person.violations() == []
    assert not person.overflows()
    assert person.page.locator("h1").count() == 1
    # axe marks what it measures, and htmx carries marks along: not the page's doing.
    person.faults.clear()


def logs_in(her, site):
    her.opens(f"{site}/desk")
    is_well_made(her)
    her.types("Name", "thandi").types("Password", "ferry-ten").presses("Log in")
    assert her.page.title().startswith("Problem: ")
    is_well_made(her)
    her.types("Password", PASSWORD).presses("Log in")
    assert her.says("Today")


def reads_and_changes(her, site, edition):
    """Read the edition, move and drop a story, say something else; then check."""
    her.opens(f"{site}/desk")
    assert her.says("waits for approval. 1 person")
    is_well_made(her)
    her.opens(f"{site}/desk/e/{edition.id}")
    is_well_made(her)
    first, second, third = titles_of(edition.id)
    her.page.get_by_role("button", name=f"Down: {first}").click()
    her.page.wait_for_load_state()
    assert her.page.url.partition("#")[2].startswith("story-")
    assert titles_of(edition.id) == [second, first, third]
    her.page.get_by_role("button", name=f"Drop: {third}").click()
    her.page.wait_for_load_state()
    assert titles_of(edition.id) == [second, first]
    her.page.locator("#subject").fill("Bread, and a dam")
    assert her.says("16 characters; phones show about 46.")
    her.presses("Save")
    is_well_made(her)
    her.presses("Check before sending")
    assert her.says("Bread, and a dam")


def approves(her, edition):
    frame = her.page.frame_locator("iframe").first
    assert second_title_is_in(frame)
    is_well_made(her)
    her.page.get_by_role("button", name="Send to 1 person at").click()
    her.page.wait_for_load_state()
    assert her.says("Approved by Thandi Mokoena.")
    is_well_made(her)
    assert editions.edition(edition.id).state is EditionState.APPROVED


def second_title_is_in(frame):
    frame.locator("h1, h2").first.wait_for()
    return "Bread is cheaper" in frame.locator("body").inner_text()


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_an_editor_reads_a_digest_makes_it_right_and_approves_it(thandi, width):
    edition = a_ready_edition()

    with a_person(width) as her:
        logs_in(her, thandi)
        reads_and_changes(her, thandi, edition)
        approves(her, edition)
        her.page.get_by_role("link", name="text").first.click()
        her.page.wait_for_load_state()
        assert her.says("Bread is cheaper")
        is_well_made(her)
        for page in ("newsletters", "stories", "r/4711"):
            her.opens(f"{thandi}/desk/{page}")
            is_well_made(her)


def writes(her, site):
    her.opens(f"{site}/desk/stories")
    is_well_made(her)
    her.page.get_by_role("link", name="Break this: ").click()
    her.page.wait_for_load_state()
    her.types("Headline", "").presses("Check")
    assert her.page.evaluate("document.activeElement.id") == "problem"
    is_well_made(her)
    her.types("Headline", "Oreme dam is leaking").types("One line", "Go uphill.")
    her.presses("Check")
    assert her.says("This is what people will get")
    mail = her.page.frame_locator("iframe").locator("body")
    mail.get_by_text("Read the full story").wait_for()
    assert "Go uphill." in mail.inner_text()
    is_well_made(her)


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_an_editor_breaks_a_story_takes_it_back_then_sends_and_stops_it(
    thandi, width, settings
):
    settings.BREAKING_HOLD_SECONDS = 60
    newsletter = a_story_to_break()
    many_readers(60, newsletter)

    with a_person(width) as her:
        logs_in(her, thandi)
        writes(her, thandi)
        her.presses("Send to 61 people")
        assert her.says("until it leaves")
        is_well_made(her)
        her.page.get_by_role("button", name="Undo").focus()
        her.page.get_by_text("Live ").first.wait_for(timeout=SOON)
        assert her.page.evaluate("document.activeElement.innerText") == "Undo"
        her.presses("Undo")
        assert her.says("Undone. Nobody got it.")
        [taken_back] = editions.editions(newsletter_id=newsletter.id)
        assert taken_back.state is EditionState.WITHDRAWN

        settings.BREAKING_HOLD_SECONDS = 3
        writes(her, thandi)
        her.presses("Send to 61 people")
        edition = editions.editions(newsletter_id=newsletter.id)[0]
        her.page.get_by_text("The first mails are being handed over.").wait_for(
            timeout=SOON
        )
        delivery.open_due(now=utc_now())
        her.page.get_by_role("button", name="Stop").wait_for(timeout=SOON)
        is_well_made(her)
        run_id = editions.edition(edition.id).run_id
        half = ScriptedTransport(
            [OK] * 40,
            window=40,
            before_reply=lambda: delivery.pause(
                run_id=run_id, by="Thandi Mokoena", now=utc_now()
            ),
        )
        drain(half, at(utc_now()))
        her.page.get_by_role("button", name="Stop for good").wait_for(timeout=SOON)
        gone = runs.progress(run_id).gone
        assert her.says(f"Paused. {gone} had gone")
        is_well_made(her)
        her.types("Why it is stopped", "Wrong dam")
        her.page.get_by_role("button", name="Stop for good").click()
        her.page.wait_for_load_state()
        assert her.says(f"Stopped for good. {61 - gone} people will not get it")
        is_well_made(her)
        assert editions.edition(edition.id).state is EditionState.STOPPED


def test_everything_at_the_desk_works_without_a_script(thandi, settings):
    settings.BREAKING_HOLD_SECONDS = 60
    edition = a_ready_edition()
    newsletter = a_story_to_break()

    with a_person(PHONE, script=False) as her:
        her.opens(f"{thandi}/desk")
        her.types("Name", "thandi").types("Password", PASSWORD).presses("Log in")
        her.opens(f"{thandi}/desk/e/{edition.id}/check")
        her.page.get_by_role("button", name="Send to 1 person at").click()
        assert her.says("Approved by Thandi Mokoena.")
        her.opens(f"{thandi}/desk/stories")
        her.page.get_by_role("link", name="Break this: Oreme").click()
        her.presses("Check")
        her.presses("Send to 1 person")
        her.presses("Undo")

        assert her.says("Undone. Nobody got it.")

    [alert] = editions.editions(newsletter_id=newsletter.id)
    assert alert.state is EditionState.WITHDRAWN


def test_a_keyboard_alone_approves(thandi):
    edition = a_ready_edition()

    with a_person(DESKTOP) as her:
        logs_in(her, thandi)
        her.opens(f"{thandi}/desk/e/{edition.id}/check")
        her.page.keyboard.press("Tab")
        assert her.page.evaluate("document.activeElement.className") == "skip"
        her.page.keyboard.press("Enter")
        button = her.page.get_by_role("button", name="Send to 1 person at")
        button.focus()
        her.page.keyboard.press("Enter")
        her.page.get_by_text("Approved by Thandi").first.wait_for(timeout=SOON)

    assert editions.edition(edition.id).state is EditionState.APPROVED


def test_a_page_whose_server_is_away_says_since_when(thandi):
    a_ready_edition()

    with a_person(DESKTOP) as her:
        logs_in(her, thandi)
        her.page.get_by_text("Live ").first.wait_for(timeout=SOON)
        her.page.route("**/desk/board*", lambda route: route.abort())
        her.page.get_by_text("Not live since").first.wait_for(timeout=2 * SOON)


def test_the_desk_fits_the_smallest_window(thandi):
    edition = a_ready_edition("Oreme dam is full for the first time in nine years" * 2)

    with a_person(SMALLEST) as her:
        logs_in(her, thandi)
        wide = []
        for path in (
            "desk",
            f"desk/e/{edition.id}",
            f"desk/e/{edition.id}/check",
            f"desk/e/{edition.id}/look?as=text",
            "desk/stories",
            "desk/newsletters",
            "ops",
        ):
            her.opens(f"{thandi}/{path}")
            wide += [path] if her.overflows() else []

        assert wide == []
