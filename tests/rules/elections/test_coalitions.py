"""Who could reach a majority together."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from mailer.elections.coalitions import could_reach, minimal, number_of_minimal
from mailer.elections.result import Status
from tests.kit.councils import the_council
from tests.kit.elections import a_plain_result, a_standing


def by_hand(seats, line):
    found = set()
    for size in range(1, len(seats) + 1):
        for group in combinations(range(len(seats)), size):
            total = sum(seats[i] for i in group)
            if total >= line and total - min(seats[i] for i in group) < line:
                found.add(group)
    return found


def test_the_combinations_of_ethekwini_are_counted_and_only_small_ones_listed():
    seats = the_council("ETH").allocate().seats

    total = number_of_minimal(list(seats.values()), line=222 // 2 + 1)
    listed = minimal(list(seats.items()), line=112)

    assert total == 208_638
    assert 0 < len(listed) <= 200
    assert max(len(c.names) for c in listed) <= 4


def test_what_could_be_is_said_as_a_sum():
    result = a_plain_result(
        a_standing("Civic Front", 19),
        a_standing("Harbour Alliance", 13),
        a_standing("Covenant", 7),
        a_standing("Greens", 3),
        a_standing("Residents", 2),
        a_standing("Sora Linde", 1, independent=True),
    )

    said = could_reach(result)

    assert said[0] == "Civic Front and Harbour Alliance could reach 32 together."
    assert said[-1].endswith("These are sums, not forecasts.")


def test_nobody_is_added_up_before_a_result_is_final_or_with_a_majority():
    parties = (a_standing("A", 5), a_standing("B", 4), a_standing("C", 3))
    majority = a_plain_result(a_standing("A", 9), a_standing("B", 4))

    assert could_reach(a_plain_result(*parties, status=Status.COMPLETE)) == ()
    assert could_reach(a_plain_result(*parties, seats_undecided=1)) == ()
    assert could_reach(majority) == ()


@given(st.lists(st.integers(0, 12), min_size=1, max_size=9))
def test_law_the_number_is_that_of_counting_by_hand(seats):
    held = [n for n in seats if n]
    line = sum(held) // 2 + 1

    assert number_of_minimal(seats, line=line) == len(by_hand(held, line))


@given(st.lists(st.integers(1, 12), min_size=1, max_size=9))
def test_law_every_listed_combination_is_minimal(seats):
    line = sum(seats) // 2 + 1
    named = [(str(i), n) for i, n in enumerate(seats)]
    size = dict(named)

    for found in minimal(named, line=line):
        total = sum(size[name] for name in found.names)
        assert line <= total == found.seats
        assert total - min(size[name] for name in found.names) < line
