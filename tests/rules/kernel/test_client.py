import pytest

from mailer.kernel.client import client_address, network_of

OURS = ("10.0.0.0/8", "::1")


@pytest.mark.parametrize(
    ("remote", "forwarded", "trusted", "client"),
    [
        ("203.0.113.9", "", (), "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", (), "203.0.113.9"),  # nobody of ours said so
        ("203.0.113.9", "198.51.100.1", OURS, "203.0.113.9"),
        ("10.0.0.2", "198.51.100.1", OURS, "198.51.100.1"),
        ("10.0.0.2", "6.6.6.6, 198.51.100.1", OURS, "198.51.100.1"),  # 6.6.6.6 is typed
        ("10.0.0.2", "6.6.6.6, 198.51.100.1, 10.1.1.1", OURS, "198.51.100.1"),
        ("10.0.0.2", "198.51.100.1, nonsense", OURS, "10.0.0.2"),
        ("10.0.0.2", "", OURS, "10.0.0.2"),
        ("::1", "2001:db8::5", OURS, "2001:db8::5"),
        ("::ffff:10.0.0.2", "198.51.100.1", OURS, "198.51.100.1"),
        ("", "198.51.100.1", OURS, ""),
    ],
)
def test_only_our_own_proxies_say_who_the_client_is(remote, forwarded, trusted, client):
    meta = {"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded}

    assert client_address(meta, trusted) == client


def test_limits_count_a_household_of_ipv6_as_one():
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2:ffff::1")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("203.0.113.9") == "203.0.113.9"
    assert network_of("nonsense") == ""
