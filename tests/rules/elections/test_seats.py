"""The formula, on councils that were really elected and on laws it must keep."""

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailer.elections.seats import Contender, Tie, allocate
from tests.kit.councils import the_council

CODES = (
    *("JHB", "CPT", "ETH", "WC051", "WC043", "WC045", "WC053"),
    *("GT421", "NC082", "NC094", "NW385", "FS185", "MP316"),
)


@pytest.mark.parametrize("code", CODES)
def test_every_real_council_gets_its_official_seats(code):
    council = the_council(code)

    assert council.seated() == council.official


@pytest.mark.parametrize(
    ("code", "quotas"),
    [
        ("JHB", (6794,)),
        ("CPT", (7849,)),
        ("ETH", (6827,)),
        ("WC051", (922, 1231)),
        ("WC043", (2427, 2485)),
        ("WC045", (1828, 1943)),
        ("WC053", (2315,)),
    ],
)
def test_the_quotas_are_those_the_commission_printed(code, quotas):
    assert the_council(code).allocate().quotas == quotas


def test_a_party_with_list_votes_alone_is_entitled_by_both_ballots():
    assert the_council("JHB").official["ACTIONSA"] == 44
    assert the_council("JHB").allocate().seats["ACTIONSA"] == 44


def test_more_wards_than_seats_keeps_the_wards_and_the_council_never_grows():
    laingsburg = the_council("WC051").allocate()

    assert laingsburg.excessive == ("DA",)
    assert laingsburg.seats["DA"] == 3
    assert sum(laingsburg.seats.values()) == 7


def test_as_many_wards_as_seats_is_not_excessive():
    beaufort_west = the_council("WC053")

    assert beaufort_west.allocate().excessive == ()
    assert beaufort_west.seated()["ANC"] == 4


def test_equal_remainders_for_the_last_seat_are_never_guessed():
    govan_mbeki = the_council("MP307", 2016).allocate()

    assert govan_mbeki.ties == (Tie(1, ("EFF", "COPE")),)
    assert sum(govan_mbeki.seats.values()) == 62


def test_a_later_correction_of_172_votes_moves_a_seat():
    council = the_council("NW385")
    before = [
        Contender(c.name, c.votes + (178 if c.name == "EFF" else 0), c.wards)
        for c in council.contenders
    ]

    seats = allocate(before, seats=council.size).seats

    assert (seats["EFF"], seats["FFD"]) == (6, 0)
    assert council.official["EFF"] == 5


def test_independents_and_parties_without_a_list_are_outside_the_quota():
    contenders = [
        Contender("A", 600, 1),
        Contender("B", 400, 0),
        Contender("Sora Linde", 5000, 1, independent=True),
        Contender("Ward Party", 3000, 1, has_list=False),
    ]

    done = allocate(contenders, seats=12)

    assert done.quota == 1000 // 10 + 1
    assert done.seats == {"A": 6, "B": 4, "Sora Linde": 1, "Ward Party": 1}


def test_a_second_round_can_make_a_third_party_excessive():
    contenders = [
        Contender("A", 100, 3),
        Contender("B", 260, 2),
        Contender("C", 640, 0),
    ]

    done = allocate(contenders, seats=8)

    assert done.excessive == ("A", "B")
    assert done.seats == {"A": 3, "B": 2, "C": 3}


def test_the_quota_is_floor_plus_one_not_a_rounded_division():
    done = allocate([Contender("A", 999), Contender("B", 501)], seats=4)

    assert done.quota == 376


def test_no_list_seat_left_gives_everybody_the_wards():
    contenders = [
        Contender("A", 500, 0),
        Contender("Ann", 10, 1, independent=True),
        Contender("Ben", 10, 1, independent=True),
    ]

    done = allocate(contenders, seats=2)

    assert (done.quota, done.seats) == (None, {"A": 0, "Ann": 1, "Ben": 1})


def test_no_votes_fill_no_seats():
    done = allocate([Contender("A", 0), Contender("B", 0)], seats=5)

    assert done.seats == {"A": 0, "B": 0}
    assert done.ties == (Tie(5, ()),)


def test_an_uncontested_ward_is_a_seat_without_a_vote():
    done = allocate([Contender("A", 0, 1), Contender("B", 300, 0)], seats=4)

    assert done.seats == {"A": 1, "B": 3}


def test_more_seats_than_the_formula_can_give_away_stay_open():
    done = allocate([Contender("A", 2), Contender("B", 1)], seats=9)

    assert done.seats == {"A": 3, "B": 2}
    assert done.ties == (Tie(4, ("A", "B")),)


def test_a_tie_that_decides_who_is_excessive_decides_nothing_else():
    contenders = [Contender("A", 150, 2), Contender("B", 150, 1)]

    done = allocate(contenders, seats=3)

    assert done.seats == {}
    assert done.ties == (Tie(1, ("A", "B")),)


@pytest.mark.parametrize(
    "contenders",
    [
        [Contender("A", 5), Contender("A", 6)],
        [Contender("A", -5)],
        [Contender("A", 5, 4)],
    ],
)
def test_figures_that_cannot_be_are_refused(contenders):
    with pytest.raises(ValueError, match=r"."):
        allocate(contenders, seats=3)


parties = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(0, 3)), min_size=1, max_size=9
)


def contenders_of(figures):
    return [Contender(f"P{n}", v, w) for n, (v, w) in enumerate(figures)]


@given(parties, st.integers(1, 60))
@example([(2, 0), (1, 0)], 9)
@example([(150, 2), (150, 1), (100, 0)], 3)
def test_law_the_seats_and_the_undecided_ones_are_the_council(figures, size):
    size = max(size, sum(w for _, w in figures))

    done = allocate(contenders_of(figures), seats=size)

    open_seats = sum(t.seats for t in done.ties)
    assert sum(done.seats.values()) + open_seats == size or not done.seats


@given(parties, st.integers(1, 60))
def test_law_nobody_has_fewer_seats_than_wards(figures, size):
    size = max(size, sum(w for _, w in figures))
    contenders = contenders_of(figures)

    done = allocate(contenders, seats=size)

    assert all(done.seats[c.name] >= c.wards for c in contenders if done.seats)


@given(parties, st.integers(1, 60), st.randoms(use_true_random=False))
def test_law_another_order_changes_nothing(figures, size, chance: random.Random):
    size = max(size, sum(w for _, w in figures))
    contenders = contenders_of(figures)
    mixed = chance.sample(contenders, len(contenders))

    assert allocate(mixed, seats=size).seats == allocate(contenders, seats=size).seats


@given(parties, st.integers(1, 60))
def test_law_a_party_without_a_vote_changes_nothing(figures, size):
    size = max(size, sum(w for _, w in figures))
    contenders = contenders_of(figures)

    done = allocate([*contenders, Contender("Nobody", 0)], seats=size)

    without = allocate(contenders, seats=size)
    assert {k: v for k, v in done.seats.items() if k != "Nobody"} == without.seats
    assert done.seats.get("Nobody", 0) == 0
