"""`dns_records` and `check_dns`, against a DNS server on this machine."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from mailer.delivery.dns_check import NoAnswer
from mailer.delivery.dns_lookup import lookup_at
from tests.kit.audience import a_newsletter
from tests.kit.dns_server import a_dns_server
from tests.kit.signing import two_keys

A_RECORDS = "news.causeway.example. 60 IN A 192.0.2.7\n"


@pytest.fixture
def house(settings):
    settings.DKIM_SIGN, settings.DKIM_KEYS = "app", two_keys()
    settings.SENDING_ADDRESSES = ("192.0.2.7",)
    settings.BIMI_LOGO = ""
    settings.LETTERS_FROM = "letters@news.causeway.example"
    settings.BOUNCE_DOMAIN = "bounce.news.causeway.example"


def told(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def zone() -> str:
    lines = told("dns_records").splitlines()
    return "".join(f"{line}\n" for line in lines if not line.startswith(";"))


@pytest.mark.django_db
@pytest.mark.usefixtures("house")
def test_what_is_printed_can_be_published_as_it_is_and_is_right_then():
    a_newsletter()
    published = zone() + A_RECORDS + "list.example. 60 IN A 192.0.2.7\n"
    with a_dns_server(published) as server:
        text = told("check_dns", "--server", server.address)

    words = {line.split()[1] for line in text.splitlines()}
    assert words == {"right"}
    assert text.count("DKIM") == 2 * text.count("DMARC")
    assert server.asked


@pytest.mark.django_db
@pytest.mark.usefixtures("house")
def test_what_is_missing_or_different_is_named_and_the_exit_status_is_2():
    published = zone().replace("ip4:192.0.2.7", "ip4:192.0.2.8") + A_RECORDS
    published = "\n".join(x for x in published.splitlines() if "e2026a" not in x)
    out = io.StringIO()
    with (
        a_dns_server(published) as server,
        pytest.raises(CommandError, match="2 of") as refusal,
    ):
        call_command("check_dns", "--server", server.address, stdout=out)

    assert refusal.value.returncode == 2
    text = out.getvalue()
    assert "SPF   differs bounce.news.causeway.example: 192.0.2.7 gets fail" in text
    assert "DKIM  missing e2026a._domainkey.news.causeway.example" in text
    assert (
        'publish e2026a._domainkey.news.causeway.example. 3600 IN TXT "v=DKIM1' in text
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("house")
def test_a_program_reads_what_to_publish_and_what_was_found():
    out = io.StringIO()
    wanted = [json.loads(line) for line in told("dns_records", "--json").splitlines()]
    with a_dns_server(A_RECORDS) as server, pytest.raises(CommandError):
        call_command("check_dns", "--json", "--server", server.address, stdout=out)

    found = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [one["name"] for one in found] == [one["name"] for one in wanted]
    assert {one["state"] for one in found} == {"missing"}


@pytest.mark.django_db
def test_where_the_relay_signs_its_operator_knows_the_keys(settings):
    settings.BOUNCE_DOMAIN = "bounce.news.causeway.example"
    settings.LETTERS_FROM = "letters@news.causeway.example"

    with a_dns_server(zone() + A_RECORDS) as server:
        text = told("check_dns", "--server", server.address)

    assert "DKIM  is the relay's" in text


def test_a_long_text_comes_over_tcp_and_in_one_piece():
    text = two_keys()[0].record * 5
    strings = " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))
    with a_dns_server(f"a.example. 60 IN TXT {strings}\n") as server:
        found = lookup_at(server.address)("a.example", "TXT")

    assert found == [text]


def test_a_name_that_is_not_there_has_nothing_and_one_that_fails_says_so():
    with a_dns_server(
        "a.example. 60 IN A 192.0.2.1\n", failing=["b.example"]
    ) as server:
        lookup = lookup_at(server.address)

        assert lookup("none.example", "TXT") == []
        assert lookup("a.example", "TXT") == []
        assert lookup("a.example", "A") == ["192.0.2.1"]
        with pytest.raises(NoAnswer, match=r"nobody answers for b\.example"):
            lookup("b.example", "TXT")


def test_a_name_that_stands_for_another_is_followed():
    zone = 'a.example. 60 IN CNAME b.example.\nb.example. 60 IN TXT "v=1"\n'
    with a_dns_server(zone) as server:
        assert lookup_at(server.address)("a.example", "TXT") == ["v=1"]
