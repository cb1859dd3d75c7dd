"""Newsletters, places, staff, and the commands that make them."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from mailer.audience import models, queries
from mailer.audience import operations as audience
from mailer.audience.newsletter import Newsletter
from mailer.audience.operations import BadNewsletter
from mailer.audience.queries import PlaceView, UnknownNewsletter
from tests.kit.audience import a_newsletter, a_place, a_subscriber

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
MORNING = Newsletter(
    id=0,
    slug="morning",
    name="Morning digest",
    description="",
    rhythm="",
    list_id="",
    from_name="The Causeway",
    from_address="digest@news.causeway.example",
    reply_to="",
)


def run(*command):
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def test_a_newsletter_has_a_list_id_below_our_own_domain():
    made = audience.create_newsletter(newsletter=MORNING)

    found = queries.newsletter(made)
    assert found.list_id == "morning.list-id.news.causeway.example"
    assert queries.newsletter_by_slug("morning") == found


def test_a_list_id_never_changes():
    digest = a_newsletter()

    with pytest.raises(BadNewsletter, match="never changes"):
        audience.change_newsletter(newsletter=replace(digest, list_id="x.example"))
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        models.Newsletter.objects.update(list_id="x.example")


def test_everything_else_of_a_newsletter_may_change():
    digest = a_newsletter()

    audience.change_newsletter(newsletter=replace(digest, name="Sunrise", slug="sun"))

    assert queries.newsletter(digest.id).name == "Sunrise"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("slug", "Morning"), ("slug", ""), ("slug", "a/b"), ("slug", "-a")),
        *(("name", " "), ("name", "a\r\nBcc: x"), ("from_name", "a\nb")),
        *(("from_address", "nobody"), ("reply_to", "a@b")),
        *(("list_id", "morning"), ("list_id", "a" * 250 + ".example")),
    ],
)
def test_a_newsletter_that_cannot_be_names_the_field(field, value):
    with pytest.raises(BadNewsletter, match=field):
        audience.create_newsletter(newsletter=replace(MORNING, **{field: value}))


def test_two_newsletters_have_two_slugs_and_two_list_ids():
    audience.create_newsletter(newsletter=MORNING)
    same_list = replace(
        MORNING, slug="other", list_id="MORNING.list-id.news.causeway.example".lower()
    )

    with pytest.raises(BadNewsletter, match="already"):
        audience.create_newsletter(newsletter=replace(MORNING, list_id="x.example"))
    with pytest.raises(BadNewsletter, match="another"):
        audience.create_newsletter(newsletter=same_list)


def test_there_is_no_newsletter_0():
    with pytest.raises(DatabaseError), transaction.atomic():
        a_newsletter(id=0)
    with pytest.raises(UnknownNewsletter):
        queries.newsletter(0)


def test_places_are_found_by_parts_of_their_name():
    a_place("TAMBA", name="Tamba Valley")
    a_place("OREME", name="Lower Oreme")

    assert [p.code for p in queries.places("val tam")] == ["TAMBA"]
    assert [p.code for p in queries.places()] == ["OREME", "TAMBA"]
    assert queries.place("NOWHERE") is None


def test_a_place_lies_in_another_that_is_there():
    audience.add_place(place=PlaceView("OREME", "Oreme valley", "region", ""))
    audience.add_place(place=PlaceView("TAMBA", "Tamba", "municipality", "OREME"))

    assert queries.place("TAMBA").parent == "OREME"
    with pytest.raises(CommandError, match="no place NOWHERE"):
        run("add_place", "KESS", "Kessane", "--parent", "NOWHERE")


def test_staff_get_test_sends_and_no_newsletter():
    audience.set_staff(address="editor@causeway.example", now=NOW)
    known = a_subscriber("ann@a.example")
    audience.set_staff(address="ann@a.example", now=NOW)
    audience.set_staff(address="ann@a.example", is_staff=False, now=NOW)

    assert [p.address for p in queries.staff()] == ["editor@causeway.example"]
    assert not queries.subscriber(known.id).is_staff
    assert queries.count_reach(newsletter_id=0) == 2


def test_the_commands_make_a_newsletter_and_a_place():
    told = json.loads(
        run(
            *("create_newsletter", "morning", "Morning digest"),
            *("--from-name", "The Causeway", "--by-place", "--json"),
            *("--from-address", "digest@news.causeway.example"),
        )
    )
    said = run("add_place", "TAMBA", "Tamba Valley")

    assert queries.newsletter(told["id"]).by_place
    assert said == "Added TAMBA: Tamba Valley\n"


def test_a_newsletter_that_cannot_be_ends_the_command_with_status_2():
    with pytest.raises(CommandError, match="from_address") as refusal:
        run(
            *("create_newsletter", "morning", "Morning digest"),
            *("--from-name", "The Causeway", "--from-address", "nobody"),
        )

    assert refusal.value.returncode == 2


def test_the_suppress_command_suppresses_shows_and_lifts():
    suppressed = run("suppress", "Ann@A.example", "--note", "asked by phone")
    shown = json.loads(run("suppress", "ann@a.example", "--show", "--json"))
    lifted = run("suppress", "ann@a.example", "--lift")

    assert "manual (asked by phone)" in suppressed
    assert (shown["suppressed"], shown["changed"]) == (True, False)
    assert lifted == "This address is not suppressed.\n"


def test_the_suppress_command_refuses_what_is_no_address():
    with pytest.raises(CommandError) as refusal:
        run("suppress", "nobody")

    assert refusal.value.returncode == 2
