"""How our SMTP client begins TLS, gives a password, and finds its relay."""

import pytest

from mailer.delivery import smtp
from mailer.delivery.transport import RelayAway, RelayRefusesUs
from tests.kit.smtp_server import (
    ScriptedServer,
    a_server,
)
from tests.kit.wire import (
    ANN,
    a_certificate,
    a_transport,
    codes,
    envelopes_to,
    replies_to,
)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return a_certificate(tmp_path_factory.getbasetemp())


# ── TLS and passwords ──


@pytest.mark.parametrize("at_once", [False, True])
def test_mail_goes_over_tls_with_a_certificate_that_holds(certificate, at_once):
    server = ScriptedServer(certificate=certificate, tls_at_once=at_once)
    with server, a_transport(server.relay()) as transport:
        replies_to(transport, envelopes_to(ANN))

    assert server.addresses() == [ANN]
    assert len(server.commands("EHLO")) == (1 if at_once else 2)


@pytest.mark.parametrize("at_once", [False, True])
def test_a_certificate_nobody_vouches_for_is_refused(certificate, at_once):
    server = ScriptedServer(certificate=certificate, tls_at_once=at_once)
    with (
        server,
        a_transport(server.relay(ca_file="")) as transport,
        pytest.raises(RelayRefusesUs, match="certificate"),
    ):
        transport.open()

    assert server.commands("MAIL") == []


@pytest.mark.parametrize("at_once", [False, True])
def test_a_certificate_of_another_host_is_refused(tmp_path, at_once):
    another = a_certificate(tmp_path, host="relay.example")
    server = ScriptedServer(certificate=another, tls_at_once=at_once)
    with (
        server,
        a_transport(server.relay()) as transport,
        pytest.raises(RelayRefusesUs, match="certificate"),
    ):
        transport.open()


def test_starttls_is_required_not_hoped_for(certificate):
    with a_server(certificate=certificate) as tls, a_server() as plain:
        relay = tls.relay(port=plain.port)
        with a_transport(relay) as transport, pytest.raises(RelayRefusesUs):
            transport.open()


def test_a_starttls_that_is_put_off_is_tried_later(certificate):
    server = ScriptedServer(certificate=certificate)
    server.script("STARTTLS", "454 4.3.0 Not now")
    with (
        server,
        a_transport(server.relay()) as transport,
        pytest.raises(RelayAway),
    ):
        transport.open()


def test_what_was_said_before_tls_is_thrown_away(certificate):
    injected = "220 Go ahead\r\n250-mail.example\r\n250 AUTH PLAIN"
    server = ScriptedServer(certificate=certificate).script("STARTTLS", injected)
    with server, a_transport(server.relay()) as transport:
        replies = replies_to(transport, envelopes_to(ANN))

        assert codes(replies) == {1: 250}
        assert transport.offers.auth == frozenset()
    assert server.connections == 1


@pytest.mark.parametrize(
    ("offer", "heard"),
    [
        ("AUTH PLAIN LOGIN", ["AUTH PLAIN AGVkaXRvcgBvcGVuIHNlc2FtZQ=="]),
        ("AUTH LOGIN", ["AUTH LOGIN", "ZWRpdG9y", "b3BlbiBzZXNhbWU="]),
        ("AUTH=LOGIN", ["AUTH LOGIN", "ZWRpdG9y", "b3BlbiBzZXNhbWU="]),
    ],
)
def test_a_password_is_given_the_way_the_server_takes_it(certificate, offer, heard):
    server = ScriptedServer(certificate=certificate, offers=(offer,))
    relay = {"user": "editor", "password": "open sesame"}
    with server, a_transport(server.relay(**relay)) as transport:
        replies_to(transport, envelopes_to(ANN))

    at = server.heard.index(heard[0])
    assert server.heard[at : at + len(heard)] == heard
    assert server.addresses() == [ANN]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [("535 5.7.8 Wrong", RelayRefusesUs), ("454 4.7.0 Later", RelayAway)],
)
def test_a_password_that_is_not_taken_is_no_subscribers_fault(
    certificate, answer, fault
):
    server = ScriptedServer(certificate=certificate, offers=("AUTH PLAIN",))
    server.script("AUTH", answer)
    with (
        server,
        a_transport(server.relay(user="editor", password="x")) as transport,
        pytest.raises(fault),
    ):
        transport.open()


def test_a_relay_of_the_settings_is_connected_by_its_number(settings):
    with a_server() as server:
        settings.RELAYS = ("smtp://127.0.0.1:1", f"smtp://127.0.0.1:{server.port}")
        with smtp.connect(relay_id=2) as transport:
            replies_to(transport, envelopes_to(ANN))

    assert server.addresses() == [ANN]


def test_a_relay_that_the_settings_do_not_name_is_refused():
    with pytest.raises(RelayRefusesUs), smtp.connect(relay_id=9):
        pytest.fail("there is no relay 9")
