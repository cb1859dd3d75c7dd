"""Counts that come late, twice, or wrong."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.elections.order import Place, judge, known
from tests.kit.elections import LINES, NOW, a_count, a_roll


def at(minute, *, stations_in=6, votes=100, status=""):
    line = LINES[0]
    count = a_count(
        as_at=NOW + timedelta(minutes=minute),
        stations_in=stations_in,
        lines=(line.__class__(2, line.party, "", "", votes, votes),),
    )
    return known(count, status=status, roll=a_roll())


SHOWN = at(10)


@pytest.mark.parametrize(
    ("new", "place"),
    [
        (at(20, stations_in=7, votes=120), Place.SHOWN),
        (at(20, votes=90), Place.SHOWN),
        (at(20), Place.UNCHANGED),
        (at(20, status="complete"), Place.SHOWN),
        (at(10), Place.DOUBLED),
        (at(10, votes=101), Place.CONFLICT),
        (at(5), Place.LATE),
        (at(20, stations_in=5), Place.OUTAGE),
        (at(20, stations_in=0, votes=0), Place.OUTAGE),
    ],
)
def test_a_count_beside_the_one_that_is_shown(new, place):
    assert judge(new, shown=SHOWN, taken=[SHOWN])[0] is place


def test_the_first_count_is_shown_unless_nothing_is_in():
    assert judge(at(0), shown=None, taken=[])[0] is Place.SHOWN
    assert judge(at(0, stations_in=0), shown=None, taken=[])[0] is Place.NOTHING


def test_the_same_count_in_another_order_and_spelling_is_the_same():
    upside_down = tuple(reversed(LINES))
    renamed = tuple(
        line.__class__(line.at + 5, "cf", "", "", 1500, 1620, 2)
        if line.party == "Civic Front"
        else line
        for line in upside_down
    )

    one = known(a_count(), status="declared", roll=a_roll())
    other = known(a_count(lines=renamed), status="declared", roll=a_roll())

    assert one == other


@given(st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=6))
def test_law_any_order_and_any_doubling_ends_with_the_newest(order, doubled):
    stream = [at(m, stations_in=m + 1, votes=100 + m) for m in range(6)]
    shown, taken = None, []

    for position in [*order, *doubled]:
        new = stream[position]
        place, _ = judge(new, shown=shown, taken=taken)
        if place is Place.DOUBLED:
            continue
        taken.append(new)
        shown = new if place is Place.SHOWN else shown

    assert shown == stream[-1]
