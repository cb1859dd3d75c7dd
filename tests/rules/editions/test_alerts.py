"""What an alert must be before it may go."""

from datetime import timedelta

import pytest

from mailer.editions.alerts import faults_of, number_fault, says_the_same
from mailer.editions.content import EditionState
from mailer.editions.states import MOVES, NotNow, check_move
from tests.kit.editions import NOW, a_story


def test_a_dated_story_with_a_headline_may_break():
    assert faults_of(a_story(), "Dam leaks", "Go uphill.", now=NOW) == []


@pytest.mark.parametrize(
    ("story", "says"),
    [
        (None, "no such story"),
        (a_story(withdrawn_at=NOW), "withdrawn at its source"),
        (a_story(published_at=None), "no date that can be believed"),
        (a_story(published_at=NOW + timedelta(seconds=1)), "under embargo until"),
    ],
)
def test_a_story_that_is_gone_undated_or_to_come_does_not_break(story, says):
    [fault] = faults_of(story, "Dam leaks", "", now=NOW)

    assert says in fault


@pytest.mark.parametrize(
    ("headline", "line", "says"),
    [
        (" ", "", "The headline is empty."),
        ("x" * 121, "", "The headline has 121 characters; it may have 120."),
        ("x", "y" * 241, "The line has 241 characters; it may have 240."),
    ],
)
def test_words_that_do_not_fit_are_named(headline, line, says):
    assert faults_of(a_story(), headline, line, now=NOW) == [says]


def test_nobody_is_not_everybody():
    assert number_fault(None, 0) == "Nobody would get it."


def test_below_ten_thousand_nobody_types():
    assert number_fault(None, 9_999) == ""


@pytest.mark.parametrize(
    ("typed", "people", "goes"),
    [
        (None, 10_000, False),
        (10_000, 10_000, True),
        (10_100, 10_000, True),
        (10_101, 10_000, False),
        (182_340, 182_340, True),
        (18_234, 182_340, False),
        (1_823_400, 182_340, False),
    ],
)
def test_a_large_audience_asks_for_its_number(typed, people, goes):
    assert (number_fault(typed, people) == "") is goes


def test_headlines_that_differ_by_a_comma_say_the_same():
    assert says_the_same("Oreme dam is leaking", "Oreme dam  is Leaking,")
    assert not says_the_same("Oreme dam is leaking", "Press-card law falls")


def test_an_edition_that_went_cannot_come_back():
    with pytest.raises(NotNow, match=r"This edition was sent; nothing was changed\."):
        check_move(EditionState.SENT, EditionState.READY)


def test_every_state_is_in_the_table_of_moves():
    assert set(MOVES) == set(EditionState)
