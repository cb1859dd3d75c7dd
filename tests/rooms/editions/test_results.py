"""Results become editions for the readers of their place."""

from datetime import timedelta

import pytest

from mailer.editions import operations as editions
from mailer.editions import queries
from mailer.editions.content import EditionKind, EditionState
from tests.kit.audience import a_newsletter
from tests.kit.editions import NOW as MORNING
from tests.kit.editions import a_recipe_for
from tests.kit.elections import NOW, a_count, an_election, take

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def results():
    """A newsletter by place that lets results go by themselves, on election night."""
    an_election()
    newsletter = a_newsletter(name="Local results", by_place=True)
    return a_recipe_for(newsletter, cron="", approval="automatic", now=MORNING)


def partial(stations, *, at=NOW - 30 * MINUTE):
    return a_count(status="partial", stations_in=stations, as_at=at)


def of(newsletter):
    return queries.editions(newsletter_id=newsletter.id, limit=100)


def gone(edition):
    editions.mark_sending(edition_id=edition.id, run_id=edition.id)
    editions.mark_sent(edition_id=edition.id, now=NOW)


def test_a_result_gives_one_edition_for_its_place(results):
    [result_id] = take(a_count()).results

    planned = editions.plan(now=NOW)

    [edition] = of(results)
    assert planned.results == (edition.id,)
    assert edition.kind is EditionKind.RESULTS
    assert edition.state is EditionState.APPROVED
    assert edition.place_code == "TV"
    assert edition.result_id == result_id
    assert edition.slot == f"results TV {result_id}"
    assert queries.releasable(now=NOW) == [edition.id]


def test_a_results_edition_says_what_its_result_says(results):
    take(a_count())
    editions.plan(now=NOW)

    content = queries.content(edition_id=of(results)[0].id)

    assert content.result is not None
    assert content.result.council == "Tamba Valley"
    assert content.subject.startswith("Tamba Valley result: ")
    assert content.preheader.endswith("All 12 voting districts counted.")
    assert content.items == ()
    assert not content.is_correction


def test_planning_again_makes_no_second_edition(results):
    take(a_count())
    editions.plan(now=NOW)

    assert editions.plan(now=NOW) == editions.Planned()
    assert len(of(results)) == 1


def test_a_newsletter_that_is_not_by_place_gets_no_results():
    an_election()
    digest = a_newsletter()
    take(a_count())

    editions.plan(now=NOW)

    assert of(digest) == []


def test_without_a_recipe_an_editor_approves():
    an_election()
    newsletter = a_newsletter(by_place=True)
    take(a_count())

    editions.plan(now=NOW)

    assert of(newsletter)[0].state is EditionState.READY


def test_a_newer_result_supersedes_an_update_not_yet_sent(results):
    take(partial(6))
    editions.plan(now=NOW)
    [newer] = take(a_count()).results

    editions.plan(now=NOW)

    last, first = sorted(of(results), key=lambda e: -e.id)
    assert first.state is EditionState.SKIPPED
    assert first.reason == f"Superseded by result {newer}"
    assert last.state is EditionState.APPROVED
    assert (first.number, last.number) == (None, 1)


def test_of_two_results_between_two_looks_only_the_newer_goes(results):
    take(partial(6))
    take(a_count())

    editions.plan(now=NOW)

    assert sorted(e.state for e in of(results)) == ["approved", "skipped"]
    assert queries.edition(queries.releasable(now=NOW)[0]).subject.startswith(
        "Tamba Valley result"
    )


def test_what_was_sent_is_not_superseded(results):
    take(partial(6))
    editions.plan(now=NOW)
    gone(of(results)[0])
    take(a_count())

    editions.plan(now=NOW)

    assert sorted(e.state for e in of(results)) == ["approved", "sent"]


def test_a_correction_of_what_was_sent_says_so(results):
    take(a_count())
    editions.plan(now=NOW)
    gone(of(results)[0])
    take(a_count(as_at=NOW - MINUTE, voters=3106, ward_cast=3081, ward_spoilt=41))

    editions.plan(now=NOW)

    edition = max(of(results), key=lambda e: e.id)
    content = queries.content(edition_id=edition.id)
    assert edition.is_correction
    assert content.is_correction
    assert content.subject.startswith("Correction: Tamba Valley")
    assert content.result is not None
    assert content.result.corrects is not None


def test_a_correction_of_what_nobody_got_is_news(results):
    take(a_count())
    editions.plan(now=NOW)
    take(a_count(as_at=NOW - MINUTE, voters=3106, ward_cast=3081, ward_spoilt=41))

    editions.plan(now=NOW)

    edition = max(of(results), key=lambda e: e.id)
    content = queries.content(edition_id=edition.id)
    assert not edition.is_correction
    assert content.subject.startswith("Tamba Valley")
    assert content.result is not None
    assert content.result.corrects is None


def test_a_figure_of_yesterday_is_no_mail(results):
    take(a_count())

    editions.plan(now=NOW + timedelta(hours=25))

    assert of(results) == []


def test_a_results_edition_nobody_approves_is_skipped():
    an_election()
    newsletter = a_newsletter(by_place=True)
    take(a_count())
    editions.plan(now=NOW)

    editions.plan(now=NOW + timedelta(hours=3))

    [edition] = of(newsletter)
    assert edition.reason.startswith("Not approved within 2 hours")
