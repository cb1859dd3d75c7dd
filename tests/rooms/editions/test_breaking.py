"""Breaking a story: what goes, what is refused, what happens in the hold."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailer.audience import operations as audience
from mailer.editions import operations as editions
from mailer.editions import queries
from mailer.editions.content import EditionKind, EditionState
from mailer.sources import operations as sources
from tests.kit.audience import a_newsletter, a_place, a_reader_of
from tests.kit.editions import (
    NOW,
    Paper,
    a_digest_newsletter,
    a_stored_story,
    done_to,
    planned,
    stored_stories,
    titles_of,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def alerts():
    """A newsletter for breaking news with one reader."""
    newsletter = a_newsletter(name="Breaking news", is_alerts=True)
    a_reader_of(newsletter)
    return newsletter


def broken(newsletter, story_id, **said):
    asked = {
        "story_id": story_id,
        "newsletter_id": newsletter.id,
        "headline": "Oreme dam is leaking",
        "line": "Three towns are told to move uphill.",
        "by": "Ada",
        "key": f"key-{story_id}",
        "now": NOW,
    }
    return editions.break_story(**(asked | said))


def test_an_alert_leaves_after_the_hold_and_needs_nobody_else(alerts):
    edition_id = broken(alerts, a_stored_story("Dam"))

    view = queries.edition(edition_id)
    assert view.kind is EditionKind.ALERT
    assert view.state is EditionState.APPROVED
    assert view.approved_by == "Ada"
    assert view.release_at == NOW + timedelta(seconds=10)
    assert queries.releasable(now=NOW) == []
    assert queries.releasable(now=view.release_at) == [edition_id]
    assert done_to(edition_id) == ["broke", "approved"]


def test_an_alert_says_what_was_typed(alerts):
    story = a_stored_story("Dam", authors=[{"name": "Ilse Marandu"}])

    content = queries.content(
        edition_id=broken(
            alerts,
            story,
            headline="Oreme  dam\nis leaking",
            known=("The east wall leaks.", " "),
            advice="Go on foot.",
        )
    )

    assert content.subject == "Breaking: Oreme dam is leaking"
    assert content.preheader == "Three towns are told to move uphill."
    assert content.items == ()
    assert content.alert is not None
    assert content.alert.headline == "Oreme dam is leaking"
    assert content.alert.known == ("The east wall leaks.",)
    assert content.alert.byline == "Reporting: Ilse Marandu."
    assert content.alert.url.startswith("https://paper")


def test_the_same_press_of_the_button_is_one_alert(alerts):
    story = a_stored_story("Dam")

    first = broken(alerts, story)
    second = broken(alerts, story, headline="Another text")

    assert first == second


def test_a_second_editor_sees_that_it_went_out(alerts):
    story = a_stored_story("Dam")
    broken(alerts, story)

    with pytest.raises(editions.Refused, match="Send it as an update"):
        broken(alerts, story, key="another", headline="Quite other words")


def test_nearly_the_same_headline_about_another_story_is_refused(alerts):
    one, two = stored_stories("Dam", "Dam again")
    broken(alerts, one)

    with pytest.raises(editions.Refused, match="This went out at 2026-11-24 04:00 UTC"):
        broken(alerts, two, headline="Oreme dam is leaking!")


def test_after_two_days_or_as_an_update_it_may_go_again(alerts):
    story = a_stored_story("Dam")
    broken(alerts, story)

    update = broken(alerts, story, key="update", update=True)
    later = broken(alerts, story, key="later", now=NOW + 49 * HOUR)

    assert queries.content(edition_id=update).subject.startswith("Update: ")
    assert queries.content(edition_id=later).subject.startswith("Breaking: ")


def test_an_alert_that_was_undone_went_to_nobody_and_may_go_again(alerts):
    story = a_stored_story("Dam")
    first = broken(alerts, story)
    editions.withdraw(edition_id=first, by="Ada", now=NOW, before=NOW)

    assert broken(alerts, story, key="again") != first


def test_two_places_are_two_audiences(alerts):
    one, two = a_place("ORE", "Oreme"), a_place("SEL", "Selwe")
    a_reader_of(alerts, place=one)
    a_reader_of(alerts, place=two)
    story = a_stored_story("Dam")
    broken(alerts, story, place_code=one)

    broken(alerts, story, place_code=two, key="two")

    with pytest.raises(editions.Refused, match="Send it as an update"):
        broken(alerts, story, key="everybody")


def test_nobody_is_not_everybody(alerts):
    with pytest.raises(editions.Refused, match=r"Nobody would get it\."):
        broken(alerts, a_stored_story("Dam"), place_code=a_place("EMPTY"))


def test_a_place_that_does_not_exist_is_named(alerts):
    with pytest.raises(editions.Refused, match="There is no place NOWHERE"):
        broken(alerts, a_stored_story("Dam"), place_code="NOWHERE")


def test_a_digest_is_no_newsletter_for_breaking_news():
    digest = a_newsletter(name="Morning digest")
    a_reader_of(digest)

    with pytest.raises(editions.Refused, match="no newsletter for breaking news"):
        broken(digest, a_stored_story("Dam"))


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"published_at": None}, "no date that can be believed"),
        ({"published_at": NOW + HOUR}, "under embargo until 2026-11-24 05:00 UTC"),
    ],
)
def test_an_undated_or_embargoed_story_does_not_break(alerts, said, says):
    with pytest.raises(editions.Refused, match=says):
        broken(alerts, a_stored_story("Dam", **said))


def test_a_withdrawn_story_does_not_break(alerts):
    story = a_stored_story("Dam")
    sources.withdraw(story_id=story, now=NOW)

    with pytest.raises(editions.Refused, match="withdrawn at its source"):
        broken(alerts, story)


def test_a_refusal_names_all_that_is_wrong(alerts):
    with pytest.raises(editions.Refused) as refusal:
        broken(alerts, 10**9, headline="", place_code="NOWHERE")

    assert "no such story" in str(refusal.value)
    assert "no place NOWHERE" in str(refusal.value)


def test_a_story_withdrawn_during_the_hold_takes_its_alert_along(alerts):
    story = a_stored_story("Dam")
    edition_id = broken(alerts, story)
    sources.withdraw(story_id=story, now=NOW)

    assert queries.releasable(now=NOW + timedelta(seconds=10)) == []
    editions.plan(now=NOW)

    view = queries.edition(edition_id)
    assert view.state is EditionState.WITHDRAWN
    assert view.reason == "Its story was withdrawn at the source"


def test_an_edit_at_the_source_leaves_an_alert_as_it_was_typed(alerts):
    paper = Paper()
    guid = paper.put("Dam")
    paper.collect()
    edition_id = broken(alerts, paper.ids()[guid])
    paper.put("Dam leaks badly", guid=guid)
    paper.collect(now=NOW + HOUR)

    editions.plan(now=NOW)

    assert queries.edition(edition_id).state is EditionState.APPROVED


def test_an_alert_that_does_not_leave_within_the_hour_is_skipped(alerts):
    edition_id = broken(alerts, a_stored_story("Dam"))

    editions.plan(now=NOW + 2 * HOUR)

    assert queries.edition(edition_id).reason == (
        "Not released within 1 hour of its slot, so it would be stale"
    )


def test_an_alert_does_not_use_up_the_story_for_the_digest(alerts):
    morning = a_digest_newsletter()
    broken(alerts, a_stored_story("Dam"))

    assert titles_of(planned(morning).id) == ["Dam"]


def test_alerts_go_before_digests(alerts):
    morning = a_digest_newsletter(approval="automatic")
    story = a_stored_story("Dam")
    digest = planned(morning)
    alert = broken(alerts, story, now=NOW)

    released = queries.releasable(now=NOW + timedelta(minutes=1))

    assert released == [alert, digest.id]


def test_an_archived_newsletter_breaks_nothing(alerts):
    audience.change_newsletter(newsletter=replace(alerts, archived=True))

    with pytest.raises(editions.Refused, match="no newsletter for breaking news"):
        broken(alerts, a_stored_story("Dam"))
