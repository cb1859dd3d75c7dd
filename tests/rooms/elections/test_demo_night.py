"""The election night of the demo: two files, taken one after the other."""

from datetime import timedelta

import pytest

from mailer.elections import chart, operations, queries, words
from mailer.elections.order import Place
from mailer.elections.result import Status
from mailer.local.newsroom import polls
from tests.kit.elections import NOW

pytestmark = pytest.mark.django_db


def the_night():
    """Set Karanda up and take both files; return what each brought."""
    setup = polls.election_toml(opened_at=NOW).encode()
    done = operations.set_election(data=setup, name="karanda.toml", now=NOW)
    assert not done.faults
    brought = []
    for number in (1, 2):
        now = NOW + timedelta(minutes=10 * number)
        file = polls.results_csv(number, as_at=now).encode()
        brought.append(
            operations.take_results(data=file, name=f"results-{number}.csv", now=now)
        )
    return brought


def test_both_files_are_taken_whole():
    first, second = the_night()

    assert {d.place for d in first.decisions} == {Place.SHOWN}
    assert {d.place for d in second.decisions} == {Place.SHOWN, Place.UNCHANGED}
    assert (len(first.results), len(second.results)) == (12, 9)
    assert first.warnings == second.warnings == ()


def test_one_digit_too_many_is_corrected_and_makes_a_majority():
    the_night()

    second, first = queries.history("LAN")

    assert words.headline(first) == "Full count: no party has a majority in Lantern Bay"
    assert (second.status, second.corrects) == (Status.CORRECTED, first.id)
    assert words.headline(second) == (
        "Harbour Alliance takes the majority from Civic Front in Lantern Bay"
    )
    assert second.what_changed[0] == "Harbour Alliance has 8 seats, not 7."


def test_every_kind_of_result_is_there():
    the_night()

    results = queries.latest_results()

    assert {r.status for r in results} == set(Status)
    assert all(words.subject(r) and words.sentence(r) for r in results)
    assert {sum(s.percent for s in chart.bar(r).segments) for r in results} == {100}


def test_tamba_valley_is_as_the_story_explains_it():
    the_night()

    tamba = queries.latest("TAM")

    assert tamba.quota == 1065
    assert [(s.short, s.seats) for s in tamba.standings] == [
        ("CF", 19),
        ("HA", 13),
        ("PC", 7),
        ("KG", 3),
        ("TR", 2),
        ("Ind", 1),
        ("Ind", 0),
    ]
    assert tamba.seats_agree is True
