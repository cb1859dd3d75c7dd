"""Today's board: what needs a person comes first, and many results are one line."""

from datetime import timedelta

import pytest

from mailer.delivery import operations as delivery
from mailer.desk import board
from mailer.desk.board import Group
from mailer.editions import operations as editing
from mailer.editions import queries as editions
from tests.kit.audience import a_newsletter, a_place, a_reader_of
from tests.kit.desk import an_editor
from tests.kit.editions import NOW as MORNING
from tests.kit.editions import a_recipe_for
from tests.kit.elections import NOW, SETUP, a_count, an_election, take

pytestmark = pytest.mark.django_db

NAMES = {"TV": "Tamba Valley", "KE": "Kessane", "UF": "Umber Falls"}
MORE = """
[[councils]]
code = "KE"
name = "Kessane"
seats = 7
wards = 4
stations = 12
[[councils]]
code = "UF"
name = "Umber Falls"
seats = 7
wards = 4
stations = 12
"""


def results_of(*places, approval="automatic"):
    an_election(SETUP + MORE)
    newsletter = a_newsletter(name="Your council", by_place=True)
    a_recipe_for(newsletter, cron="", approval=approval, now=MORNING)
    for place in places:
        a_place(place, NAMES[place])
        a_reader_of(newsletter, place=place)
        take(a_count(place_code=place))
    editing.plan(now=NOW)
    return newsletter


def test_three_councils_that_stand_alike_are_one_line_that_opens():
    results_of("TV", "KE", "UF")

    [line] = board.of_today(now=NOW).coming

    assert isinstance(line, Group)
    assert sorted(row.place for row in line.rows) == [
        "Kessane",
        "Tamba Valley",
        "Umber Falls",
    ]
    assert line.people == 3


def test_two_councils_are_two_lines():
    results_of("TV", "KE")

    lines = board.of_today(now=NOW).coming

    assert [isinstance(line, Group) for line in lines] == [False, False]
    assert [line.people for line in lines] == [1, 1]


def test_councils_in_other_states_are_lines_of_their_own():
    newsletter = results_of("TV", "KE", "UF")
    first = editions.editions(newsletter_id=newsletter.id)[0]
    editing.unapprove(edition_id=first.id, by="Thandi", now=NOW)

    day = board.of_today(now=NOW)

    assert [line.edition.id for line in day.needs_you] == [first.id]
    assert not any(isinstance(line, Group) for line in day.coming)


def test_a_group_that_is_sent_adds_up_its_runs():
    results_of("TV", "KE", "UF")
    delivery.open_due(now=NOW + timedelta(seconds=1))

    [line] = board.of_today(now=NOW).sending

    assert (line.people, line.settled, line.accepted) == (3, 0, 0)
    assert len(line.run_ids.split(",")) == 3


def test_the_mark_of_a_board_stays_while_nothing_changes():
    results_of("TV", "KE")

    assert board.of_today(now=NOW).mark == board.of_today(now=NOW).mark


def test_the_mark_of_a_board_changes_with_a_state():
    newsletter = results_of("TV", "KE")
    before = board.of_today(now=NOW).mark
    edition = editions.editions(newsletter_id=newsletter.id)[0]

    editing.unapprove(edition_id=edition.id, by="Thandi", now=NOW)

    assert board.of_today(now=NOW).mark != before


def test_three_councils_that_wait_for_approval_open_to_three_checks():
    newsletter = results_of("TV", "KE", "UF", approval="editor")
    visitor = an_editor()

    visitor.open("/desk")

    ids = [edition.id for edition in editions.editions(newsletter_id=newsletter.id)]
    links = visitor.page.xpath("//details//a/@href")
    assert sorted(links) == sorted(f"/desk/e/{number}/check" for number in ids)
    assert "Your council: 3 places" in visitor.words
