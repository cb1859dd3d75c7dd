"""Who may take a mail, and how batches are shared out."""

from collections import Counter

import pytest

from mailer.delivery.relays import BadRelay, read_relays
from mailer.delivery.routing import Way, relays_for, share_out, wheel, wheels

GMAIL, YAHOO = 1, 2


def relays(*options):
    urls = [f"smtp://localhost:{25 + n}?{one}" for n, one in enumerate(options)]
    return read_relays(urls, sessions=8)


def ids(found):
    return [relay.id for relay in found]


THREE = relays("", "providers=gmail", "newsletters=morning&weight=2")
ALL = {1, 2, 3}


@pytest.mark.parametrize(
    ("way", "takes"),
    [
        (Way("morning", GMAIL), [2, 3]),
        (Way("morning", YAHOO), [3]),
        (Way("alerts", GMAIL), [2]),
        (Way("alerts", YAHOO), [1]),
        (Way("", YAHOO), [1]),
    ],
)
def test_a_mail_goes_by_the_relays_that_know_it_best(way, takes):
    assert ids(relays_for(way, THREE, usable=ALL)) == takes


def test_the_next_best_take_over_and_nobody_takes_what_is_not_his():
    assert ids(relays_for(Way("morning", GMAIL), THREE, usable={1, 2})) == [2]
    assert ids(relays_for(Way("alerts", GMAIL), THREE, usable={1, 3})) == [1]
    assert ids(relays_for(Way("alerts", GMAIL), THREE, usable={3})) == []


def test_a_domain_has_a_way_of_its_own():
    two = relays("", "domains=a.example+b.example")

    assert ids(relays_for(Way("x", 0, "b.example"), two, usable=ALL)) == [2]
    assert ids(relays_for(Way("x", 0, ""), two, usable=ALL)) == [1]


def test_letters_may_have_a_relay_of_their_own():
    two = relays("", "newsletters=@letters")

    assert ids(relays_for(Way(""), two, usable=ALL)) == [2]
    assert ids(relays_for(Way("letters"), two, usable=ALL)) == [1]


def test_a_wheel_turns_by_weight_and_mixes_well():
    assert wheel(relays("weight=3", "weight=1", "weight=2")) == [1, 3, 1, 2, 3, 1]
    assert wheel(relays("weight=10", "weight=5")) == [1, 2, 1]
    assert wheel([]) == []


def test_weights_beyond_measure_keep_their_proportion():
    turns = Counter(wheel(relays("weight=999983", "weight=3000")))

    assert turns[1] > 300 * turns[2] > 0
    assert sum(turns.values()) < 1_100


def test_each_receiver_a_route_names_has_a_wheel_and_all_others_share_one():
    found = wheels("alerts", THREE, providers=[0, GMAIL, YAHOO], usable=ALL)

    assert found == {"*": [1], "1/": [2]}


def test_batches_are_shared_out_in_turn_and_those_nobody_takes_are_left():
    ways = dict.fromkeys([1, 2, 3, 4], Way("morning", YAHOO))
    two = relays("weight=3", "weight=1")

    shared = share_out(ways, two, usable={1, 2})

    assert Counter(shared.values()) == {1: 3, 2: 1}
    assert share_out(ways, two, usable=set()) == {}


def test_some_relay_must_take_everything():
    with pytest.raises(BadRelay, match="some mail without a way"):
        relays("providers=gmail", "newsletters=morning")
