"""Results taken into a real database: shown, held, corrected, never changed."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.elections import operations, queries
from mailer.elections.order import Place
from mailer.elections.result import Status
from tests.kit.elections import LINES, NOW, SETUP, a_count, a_file, an_election, take

pytestmark = pytest.mark.django_db

rung: list[str] = []


def hear(bell, _ids):
    rung.append(bell.value)


@pytest.fixture(autouse=True)
def _bells(settings):
    rung.clear()
    settings.BELL_RINGER = f"{__name__}.hear"


def a_partial(minutes, stations_in, *, votes=0, **changes):
    """Return a count of Tamba Valley on the way, with so many more votes for CF."""
    first = replace(LINES[0], ward_votes=500 + votes, list_votes=500 + votes)
    return a_count(
        as_at=NOW - timedelta(minutes=60 - minutes),
        status="",
        stations_in=stations_in,
        lines=(first, *LINES[1:]),
        voters=None,
        ward_cast=None,
        list_cast=None,
        **changes,
    )


def test_a_first_count_becomes_a_result_and_rings_for_a_plan(
    django_capture_on_commit_callbacks,
):
    an_election()

    with django_capture_on_commit_callbacks(execute=True):
        taken = take(a_count())

    [result_id] = taken.results
    result = queries.result(result_id)
    assert result.standings[0].name == "Civic Front"
    assert (result.seats_total, result.quota) == (7, 951)
    assert result.control_before == "Civic Front"
    assert rung == ["editions.plan"]


def test_a_stored_result_says_exactly_what_was_decided():
    an_election()

    [decision] = take(a_count()).decisions

    assert queries.result(decision.result.id) == decision.result


def test_a_preview_says_the_same_and_changes_nothing():
    an_election()

    preview = operations.preview_results(data=a_file(), name="night.csv", now=NOW)

    assert queries.latest("TV") is None
    [decision] = take(a_count()).decisions
    assert replace(decision.result, id=0) == preview.decisions[0].result


def test_a_file_taken_twice_changes_nothing(django_capture_on_commit_callbacks):
    an_election()
    take(a_count())

    with django_capture_on_commit_callbacks(execute=True):
        again = take(a_count())

    assert (again.results, again.doubled) == ((), 1)
    assert rung == []
    assert len(queries.history("TV")) == 1


def test_a_file_that_contradicts_itself_changes_nothing_and_says_why():
    an_election()
    good = a_count(
        place_code="SE", status="", stations_in=3, stations_total=8, lines=LINES[:3]
    )
    good = replace(good, ward_cast=None, list_cast=None, voters=None)
    bad = a_count(ward_cast=9999)

    taken = take(good, bad)

    assert [f.rule for f in taken.faults] == [
        "cast-is-valid-and-spoilt",
        "every-paper-has-a-voter",
    ]
    assert queries.latest_results() == []


def test_a_file_of_an_unknown_election_names_the_command_that_helps():
    taken = take(a_count())

    assert "mailer set_election" in str(taken.faults[0])


def test_a_later_count_supersedes_without_correcting():
    an_election()
    take(a_partial(10, 5))

    take(a_partial(20, 8, votes=50))

    newest = queries.latest("TV")
    assert (newest.revision, newest.stations_in, newest.corrects) == (2, 8, None)


def test_a_newer_count_that_says_the_same_makes_no_new_result():
    an_election()
    take(a_partial(10, 5))

    taken = take(a_partial(20, 5))

    assert [d.place for d in taken.decisions] == [Place.UNCHANGED]
    assert queries.latest("TV").as_at == NOW - timedelta(minutes=50)


def test_a_count_that_comes_late_is_stored_and_not_shown():
    an_election()
    take(a_partial(20, 8, votes=50))

    taken = take(a_partial(10, 5))

    assert [d.place for d in taken.decisions] == [Place.LATE]
    assert queries.latest("TV").stations_in == 8


def test_two_counts_of_one_time_are_a_conflict_and_the_first_stays():
    an_election()
    take(a_partial(10, 5))

    taken = take(a_partial(10, 5, votes=1))

    assert [d.place for d in taken.held] == [Place.CONFLICT]
    assert [h.standing for h in queries.held()] == ["conflict"]
    assert queries.latest("TV").revision == 1


def test_an_outage_of_zeros_is_held_back_and_the_last_good_count_stays():
    an_election()
    take(a_partial(10, 5))
    zeros = tuple(replace(n, ward_votes=0, list_votes=None) for n in LINES)

    taken = take(replace(a_partial(20, 0), lines=zeros))

    assert [d.place for d in taken.held] == [Place.OUTAGE]
    assert queries.latest("TV").stations_in == 5


def test_nothing_in_yet_is_no_result():
    an_election()
    zeros = tuple(replace(n, ward_votes=0, list_votes=None) for n in LINES)

    taken = take(replace(a_partial(10, 0), lines=zeros))

    assert [d.place for d in taken.decisions] == [Place.NOTHING]
    assert queries.latest("TV") is None


def test_a_lower_number_in_a_whole_count_is_a_correction_with_both_figures():
    an_election()
    [first] = take(a_count()).results
    fewer = replace(LINES[0], list_votes=1000)
    corrected = a_count(
        as_at=NOW, lines=(fewer, *LINES[1:]), list_cast=2470, voters=3100
    )

    take(corrected)

    newest = queries.latest("TV")
    assert (newest.status, newest.corrects) == (Status.CORRECTED, first)
    assert newest.corrects_as_at == a_count().as_at
    assert newest.what_changed == (
        "Civic Front: 2,500 votes, not 3,120.",
        "People who voted: 3,100, not 3,105.",
    )
    assert queries.result(first).standings[0].votes == 3120


def test_a_correction_of_a_partial_count_stays_partial():
    an_election()
    [first] = take(a_partial(10, 5, votes=90)).results

    take(a_partial(20, 6, votes=0))

    newest = queries.latest("TV")
    assert (newest.status, newest.corrects) == (Status.PARTIAL, first)


def test_a_declaration_of_what_was_complete_corrects_nothing():
    an_election()
    take(a_count(status="complete"))

    take(a_count(as_at=NOW))

    newest = queries.latest("TV")
    assert (newest.status, newest.corrects) == (Status.DECLARED, None)


def test_a_result_and_its_snapshot_can_never_be_changed():
    an_election()
    [result_id] = take(a_count()).results

    for table in ("result", "snapshot", "line"):
        with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
            connection.cursor().execute(f"UPDATE elections_{table} SET id = id")

    assert queries.result(result_id) is not None


def test_setting_an_election_up_twice_changes_it_and_keeps_what_was_said():
    an_election()
    [result_id] = take(a_count()).results

    an_election(SETUP.replace("Tamba Valley", "Tamba Valley City"))

    assert queries.result(result_id).council == "Tamba Valley"
    assert [c.name for c in queries.councils("KA-2026")] == [
        "Selwe",
        "Tamba Valley City",
    ]


def test_a_faulty_election_file_changes_nothing():
    done = operations.set_election(
        data=SETUP.replace("wards = 3", "wards = 30").encode(), name="k.toml", now=NOW
    )

    assert done.faults == ("k.toml: council SE: 30 wards, but 5 seats",)
    assert queries.elections() == []


def test_what_a_desk_sees_of_an_election():
    an_election()
    take(a_partial(10, 5))

    [view] = queries.elections()

    assert (view.councils, view.with_results, view.complete) == (2, 1, 0)


def test_results_can_be_read_in_the_order_they_came():
    an_election()
    [first] = take(a_partial(10, 5)).results
    [second] = take(a_partial(20, 8, votes=50)).results

    assert [r.id for r in queries.results_after(id=0)] == [first, second]
    assert [r.id for r in queries.results_after(id=first)] == [second]
    assert [r.id for r in queries.latest_results()] == [second]


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.permutations(range(5)), st.lists(st.integers(0, 4), max_size=4))
def test_law_whatever_order_counts_come_in_the_same_one_is_shown(order, again):
    with transaction.atomic():
        an_election()
        stream = [a_partial(5 * n, 2 + n, votes=10 * n) for n in range(5)]

        for position in [*order, *again]:
            take(stream[position])

        newest = queries.latest("TV")
        transaction.set_rollback(True)

    votes = {s.short: s.votes for s in newest.standings}
    assert (newest.stations_in, votes["CF"]) == (6, 1080)


@pytest.mark.django_db(transaction=True)
def test_two_takers_of_one_file_make_one_result():
    an_election()
    outcomes: list[Place] = []

    def taker():
        outcomes.extend(d.place for d in take(a_count()).decisions)
        connection.close()

    threads = [threading.Thread(target=taker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["doubled", "doubled", "doubled", "shown"]
    assert len(queries.history("TV")) == 1
