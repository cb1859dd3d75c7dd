"""When a source is asked again, and which hosts may be asked."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.sources.hosts import is_named, is_public
from mailer.sources.polling import (
    LONGEST_BACK_OFF,
    LONGEST_RETRY_AFTER,
    next_poll_at,
    read_retry_after,
)
from tests.kit.sources import NOW


@given(
    every=st.integers(5, 86_400),
    failures=st.integers(0, 10_000),
    source_id=st.integers(1, 2**40),
)
def test_law_waits_never_shrink_and_have_an_end(every, failures, source_id):
    def wait(failed: int) -> timedelta:
        at = next_poll_at(
            NOW, every_seconds=every, failures=failed, source_id=source_id
        )
        return at - NOW

    longest = max(LONGEST_BACK_OFF, timedelta(seconds=every))
    assert wait(failures) <= wait(failures + 1) <= longest * 1.1
    assert wait(0) == timedelta(seconds=every)


@given(text=st.text(max_size=40))
def test_law_a_server_s_wish_is_within_a_day_or_not_understood(text):
    at = read_retry_after(text, now=NOW)

    assert at is None or NOW <= at <= NOW + LONGEST_RETRY_AFTER


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Mon, 02 Mar 2026 07:00:00 GMT", timedelta(hours=1)),
        ("Mon, 02 Mar 2020 07:00:00 GMT", timedelta(0)),
        ("99999999999999999999", LONGEST_RETRY_AFTER),
    ],
)
def test_a_server_may_name_seconds_or_a_date(text, wait):
    assert read_retry_after(text, now=NOW) == NOW + wait


PRIVATE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::",
    "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
    "64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::", "2001:db8::1", "nonsense",
    "127.1",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_beyond_doubt_public_is_private(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f::1", "8.8.8.8"])
def test_public_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    ("host", "port", "named", "allowed"),
    [
        ("127.0.0.1", 80, ["127.0.0.1"], True),
        ("127.0.0.1", 81, ["127.0.0.1:80"], False),
        ("Feeds.Local", 8080, ["feeds.local:8080"], True),
        ("::1", 8080, ["[::1]:8080"], True),
        ("feeds.local.evil.example", 80, ["feeds.local"], False),
        ("127.0.0.1", 80, [], False),
    ],
)
def test_a_private_host_counts_only_as_it_is_named(host, port, named, allowed):
    assert is_named(host, port, named) == allowed
