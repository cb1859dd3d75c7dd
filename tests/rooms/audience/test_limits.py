"""How often one may knock, and what happens while nobody can count."""

import pytest
from redis import Redis

from mailer.audience.address import read_address
from mailer.audience.limits import (
    BY_ADDRESS,
    BY_DOMAIN,
    BY_IP,
    Closed,
    Door,
    TooOften,
    knock,
)

ANN = read_address("ann@a.example")


@pytest.fixture
def nobody_counts(settings):
    """Redis is not there."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"


def knocks(n, door, **who):
    for _ in range(n):
        knock(door, **who)


def test_an_address_may_knock_so_often_an_hour_and_is_told_when_to_come_back():
    knocks(BY_ADDRESS[Door.SIGN_UP].knocks, Door.SIGN_UP, address=ANN)

    with pytest.raises(TooOften, match="60 minutes") as refusal:
        knock(Door.SIGN_UP, address=ANN)

    assert 0 < refusal.value.wait_seconds <= 3600


def test_writing_it_differently_does_not_help():
    knocks(BY_ADDRESS[Door.LINK].knocks, Door.LINK, address=ANN)

    with pytest.raises(TooOften):
        knock(Door.LINK, address=read_address("ANN@A.Example"))


def test_another_address_may_still_knock():
    knocks(BY_ADDRESS[Door.SIGN_UP].knocks, Door.SIGN_UP, address=ANN)

    knock(Door.SIGN_UP, address=read_address("ben@a.example"))


def test_one_network_address_may_not_try_thousands_of_addresses():
    ip = "198.51.100.7"
    for n in range(BY_IP[Door.SIGN_UP].knocks):
        knock(Door.SIGN_UP, address=read_address(f"r{n}@d{n}.example"), ip=ip)

    with pytest.raises(TooOften):
        knock(Door.SIGN_UP, address=read_address("one@more.example"), ip=ip)


def test_one_domain_is_not_flooded_but_a_providers_may_be_popular():
    enough = BY_DOMAIN[Door.SIGN_UP].knocks
    for n in range(enough):
        knock(Door.SIGN_UP, address=read_address(f"r{n}@a.example"))
        knock(Door.SIGN_UP, address=read_address(f"r{n}@gmail.com"))

    knock(Door.SIGN_UP, address=read_address("one.more@gmail.com"))
    with pytest.raises(TooOften):
        knock(Door.SIGN_UP, address=read_address("one.more@a.example"))


def test_no_address_is_kept_in_redis(settings):
    knock(Door.SIGN_UP, address=ANN, ip="198.51.100.7")

    names = b" ".join(Redis.from_url(settings.REDIS_URL).scan_iter("limit:*"))

    assert names
    assert b"ann" not in names
    assert b"a.example" not in names
    assert b"198.51" not in names


@pytest.mark.usefixtures("nobody_counts")
def test_sign_up_is_closed_with_a_kind_word_while_nobody_can_count():
    with pytest.raises(Closed, match="Nothing was kept"):
        knock(Door.SIGN_UP, address=ANN)


@pytest.mark.usefixtures("nobody_counts")
def test_every_other_door_stays_open_while_nobody_can_count():
    for door in (Door.LINK, Door.CHANGE, Door.TOKEN):
        knocks(20, door, address=ANN, ip="198.51.100.7")
