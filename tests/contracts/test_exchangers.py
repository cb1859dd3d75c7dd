"""Mail exchangers, asked of a real DNS server on this machine."""

from mailer.audience.exchangers import exchangers_of
from tests.kit.dns_server import a_dns_server

ZONE = """
paper.org. 60 IN MX 10 aspmx2.googlemail.com.
paper.org. 60 IN MX 1 ASPMX.L.GOOGLE.COM.
silent.org. 60 IN A 192.0.2.1
nothing.org. 60 IN MX 0 .
"""


def asked(*domains: str, failing: tuple[str, ...] = ()) -> dict:
    with a_dns_server(ZONE, failing=failing) as server:
        return exchangers_of(domains, server=("127.0.0.1", server.port))


def test_exchangers_come_in_order_of_preference_and_lower_case():
    assert asked("paper.org") == {
        "paper.org": ("aspmx.l.google.com", "aspmx2.googlemail.com")
    }


def test_a_domain_without_exchangers_or_without_existence_has_none():
    found = asked("silent.org", "gone.org", "nothing.org")

    assert found == {"silent.org": (), "gone.org": (), "nothing.org": ("",)}


def test_a_server_that_fails_gives_no_answer():
    assert asked("paper.org", failing=("paper.org.",)) == {"paper.org": None}


def test_names_that_are_in_no_dns_are_not_asked_for():
    with a_dns_server(ZONE) as server:
        found = exchangers_of(["readers.example"], server=("127.0.0.1", server.port))

    assert (found, server.asked) == ({"readers.example": ()}, [])
