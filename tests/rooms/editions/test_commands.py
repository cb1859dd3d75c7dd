"""The command line of editions."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from mailer.editions import operations as editions
from mailer.editions import queries
from mailer.editions.content import EditionState
from mailer.kernel.clock import utc_now
from tests.kit.audience import a_newsletter, a_reader_of
from tests.kit.editions import a_recipe_for, a_stored_story, stored_stories

pytestmark = pytest.mark.django_db


def told(*words, **options):
    out = StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def due():
    """A newsletter whose slot comes every minute, and a story for it."""
    now = utc_now()
    newsletter = a_newsletter("minutely", "Minutely")
    a_recipe_for(newsletter, cron="* * * * *", lead=5, now=now)
    stored_stories("Dam is full", now=now)
    return newsletter


def edition_of(newsletter):
    editions.plan(now=utc_now())
    filled = queries.editions(newsletter_id=newsletter.id)
    return next(e for e in filled if e.state is EditionState.READY)


@pytest.mark.usefixtures("due")
def test_plan_says_what_became_of_each_slot():
    planned = json.loads(told("plan", "--json"))

    assert len(planned["filled"]) == 1
    assert planned["skipped"] == []
    assert told("plan") == "Nothing was due.\n"


@pytest.mark.usefixtures("due")
def test_plan_names_the_edition_and_its_subject():
    said = told("plan")

    assert "filled: " in said
    assert "minutely" in said
    assert "Dam is full" in said


def test_set_recipe_shows_the_next_slots():
    a_newsletter("morning")

    said = told(
        "set_recipe", "morning", "--cron", "0 6 * * *", "--time-zone", "Europe/Berlin"
    )

    assert said.count("next: ") == 3
    assert "06:00 CE" in said


def test_set_recipe_keeps_what_is_not_given():
    a_newsletter("morning")
    told("set_recipe", "morning", "--cron", "0 6 * * *", "--approval", "automatic")

    shown = json.loads(
        told("set_recipe", "morning", "--selection", '{"least": 3}', "--json")
    )

    assert shown["cron"] == "0 6 * * *"
    assert shown["approval"] == "automatic"
    assert shown["lead_minutes"] == 2
    assert shown["selection"] == {"least": 3}
    assert len(shown["next_slots"]) == 3


def test_set_recipe_reads_a_selection_from_a_file(tmp_path):
    a_newsletter("morning")
    file = tmp_path / "selection.json"
    file.write_text('{"sections": ["Sport"]}')

    shown = json.loads(
        told("set_recipe", "morning", "--selection", f"@{file}", "--json")
    )

    assert shown["selection"] == {"sections": ["Sport"]}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere"], "there is no newsletter 'nowhere'"),
        (["morning", "--cron", "0 6"], "must have five fields"),
        (["morning", "--cron", "99 6 * * *"], "bad minute"),
        (["morning", "--time-zone", "Mars"], "is not an IANA name"),
        (["morning", "--approval", "nobody"], "must be one of automatic, editor"),
        (["morning", "--lead", "-1"], "lead -1 must be from 0"),
        (["morning", "--deadline", "0"], "deadline 0 must be from 1"),
        (["morning", "--selection", "{"], "--selection: "),
        (["morning", "--selection", "[]"], "must be a JSON object"),
        (["morning", "--selection", '{"most": 3}'], "selection.most is not known"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused_in_one_line(words, says):
    a_newsletter("morning")

    with pytest.raises(CommandError) as refusal:
        told("set_recipe", *words)

    assert says in str(refusal.value)
    assert refusal.value.returncode == 2
    assert "\n" not in str(refusal.value)


def test_a_refused_recipe_changes_nothing():
    newsletter = a_newsletter("morning")
    told("set_recipe", "morning", "--cron", "0 6 * * *")

    with pytest.raises(CommandError):
        told("set_recipe", "morning", "--cron", "0 7 * * *", "--lead", "-1")

    recipe = queries.recipe(newsletter.id)
    assert recipe is not None
    assert recipe.cron == "0 6 * * *"


def test_an_edition_can_be_seen_as_text_as_html_and_as_data(due):
    edition = edition_of(due)

    text = told("preview_edition", str(edition.id))
    html = told("preview_edition", str(edition.id), "--html")
    data = json.loads(told("preview_edition", str(edition.id), "--json"))

    assert "Dam is full" in text
    assert "<html" in html
    assert "@@" not in text + html
    assert data["subject"] == "Dam is full"
    assert data["stories"][0]["block"] == "lead"
    assert data["hash"] == edition.hash


def test_an_edition_that_does_not_exist_is_a_clear_line():
    with pytest.raises(CommandError, match="There is no edition 999999") as refusal:
        told("preview_edition", "999999")

    assert refusal.value.returncode == 2


def test_a_skipped_edition_has_no_preview_but_its_reason(due):
    edition = edition_of(due)
    told("skip_edition", str(edition.id), "--reason", "National mourning")

    assert queries.edition(edition.id).reason == "National mourning"
    told("skip_edition", str(edition.id), "--undo")
    assert queries.edition(edition.id).state is EditionState.READY


def test_skipping_without_a_reason_is_refused(due):
    with pytest.raises(CommandError, match="Say why"):
        told("skip_edition", str(edition_of(due).id))


def test_an_edition_is_approved_by_the_hash_that_was_seen(due):
    edition = edition_of(due)

    with pytest.raises(CommandError, match="changed since you looked"):
        told("approve_edition", str(edition.id), "--hash", "other")
    said = told("approve_edition", str(edition.id), "--hash", edition.hash)

    assert said.startswith("Approved. It leaves at ")
    assert queries.edition(edition.id).state is EditionState.APPROVED


def test_editions_are_listed_with_state_and_reason(due):
    edition = edition_of(due)
    editions.plan(now=utc_now() + timedelta(minutes=5))  # past a slot without a story

    lines = told("editions").splitlines()
    waiting = [json.loads(x) for x in told("editions", "--json").splitlines()]

    assert any("ready" in line and "Dam is full" in line for line in lines)
    assert any("No new stories since" in one["reason"] for one in waiting)
    assert f"{edition.id:>6}" in told("editions", "--needs-you")


def test_a_story_is_broken_from_the_command_line():
    alerts = a_newsletter("breaking", is_alerts=True)
    a_reader_of(alerts)
    story = a_stored_story("Dam", published_at=utc_now() - timedelta(hours=1))
    words = ["break_story", str(story), "--newsletter", "breaking"]
    words += ["--headline", "Oreme dam is leaking", "--key", "k"]

    first = json.loads(told(*words, "--json"))
    again = json.loads(told(*words, "--json"))

    assert first == again
    assert queries.content(edition_id=first["edition"]).alert is not None


def test_an_alert_for_nobody_is_refused():
    a_newsletter("breaking", is_alerts=True)
    story = a_stored_story("Dam", published_at=utc_now() - timedelta(hours=1))

    with pytest.raises(CommandError, match=r"Nobody would get it\.") as refusal:
        told("break_story", str(story), newsletter="breaking", headline="Dam")

    assert refusal.value.returncode == 2
