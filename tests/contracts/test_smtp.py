"""What our SMTP client does with servers: good, old, odd, broken and hostile ones."""

import pytest
from aiosmtpd.controller import UnixSocketController
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.delivery import smtp
from mailer.delivery.relays import Relay
from mailer.delivery.reply import NOT_SPOKEN, Reply, Stage
from mailer.delivery.transport import RelayAway, RelayRefusesUs
from mailer.delivery.verdict import Outcome, judge
from tests.kit.smtp_server import (
    CUT,
    SILENCE,
    ScriptedServer,
    a_server,
    late,
    then_cut,
    twice,
)
from tests.kit.wire import (
    HASTY,
    a_certificate,
    a_transport,
    an_envelope,
    envelopes_to,
    printed,
    replies_to,
)

ANN, BEN, EVE = "ann@a.example", "ben@b.example", "eve@e.example"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return a_certificate(tmp_path_factory.getbasetemp())


def codes(replies):
    return {position: reply and reply.code for position, reply in replies.items()}


# ── the way it should be ──


def test_messages_arrive_as_they_were_given():
    dots = b"Subject: x\r\n\r\n.\r\n..two\r\n.a line\r\nlast.\r\n"
    with a_server() as server, a_transport(server.relay()) as transport:
        replies_to(transport, [an_envelope(message=dots)])

    assert [taken.message for taken in server.taken] == [dots]


def test_the_next_envelope_leaves_in_one_write_with_the_end_of_a_message():
    with a_server() as server, a_transport(server.relay()) as transport:
        replies_to(transport, envelopes_to(ANN, BEN, EVE))

    assert server.was_hurried
    assert server.addresses() == [ANN, BEN, EVE]
    assert server.connections == 1


def test_many_sessions_share_one_queue_and_send_each_message_once():
    addresses = [f"reader{n}@a.example" for n in range(60)]
    with a_server() as server, a_transport(server.relay(sessions=6)) as transport:
        replies = replies_to(transport, envelopes_to(*addresses))

    assert sorted(server.addresses()) == sorted(addresses)
    assert set(codes(replies).values()) == {250}
    assert 1 < server.connections <= 6


def test_a_session_says_goodbye():
    with a_server() as server:
        with a_transport(server.relay()) as transport:
            replies_to(transport, envelopes_to(ANN))

        assert server.heard[-1] == "QUIT"


def test_a_connection_carries_no_more_messages_than_a_receiver_wants():
    with a_server() as server, a_transport(server.relay()) as transport:
        transport.keep_to(messages=2)
        replies_to(transport, envelopes_to(*[f"r{n}@a.example" for n in range(5)]))

    assert server.connections == 3
    assert len(server.taken) == 5


def test_a_connection_carries_no_more_messages_than_the_relay_wants():
    relay = {"messages_a_session": 2}
    with a_server() as server, a_transport(server.relay(**relay)) as transport:
        replies_to(transport, envelopes_to(*[f"r{n}@a.example" for n in range(5)]))

    assert server.connections == 3
    assert len(server.taken) == 5


def test_a_unix_socket_is_a_relay_too(tmp_path):
    path = tmp_path / "relay.sock"
    with a_server(path=path) as server, a_transport(server.relay()) as transport:
        replies_to(transport, envelopes_to(ANN))

    assert server.addresses() == [ANN]


def test_a_report_is_asked_to_bring_back_the_headers_only():
    with a_server(offers=("DSN",)) as server, a_transport(server.relay()) as transport:
        replies_to(transport, envelopes_to(ANN))

    [mail] = server.commands("MAIL")
    assert mail.endswith(" RET=HDRS ENVID=b-aaaaaahaaaaaam-i6foxaw7kv")


# ── refusals ──


def test_a_refused_recipient_gets_a_lone_dot_if_the_server_still_wants_a_message():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script("RCPT", "550 5.1.1 Unknown").script("DATA", "354 Go on")
        replies = replies_to(transport, envelopes_to(ANN, BEN))

    assert replies[1] == Reply(550, (5, 1, 1), "Unknown", Stage.RCPT)
    assert server.addresses() == [BEN]
    assert server.connections == 1


def test_after_an_error_the_next_message_begins_with_rset():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script("RCPT", "450 4.2.0 Later")
        replies = replies_to(transport, envelopes_to(ANN, BEN))

    words = [line.split(" ")[0] for line in server.heard]
    assert words[1:8] == ["MAIL", "RCPT", "DATA", "RSET", "MAIL", "RCPT", "DATA"]
    assert codes(replies) == {1: 450, 2: 250}


def test_a_refusal_after_the_dot_is_for_that_message_alone():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script(".", "554 5.6.0 No")
        replies = replies_to(transport, envelopes_to(ANN, BEN))

    assert codes(replies) == {1: 554, 2: 250}


def test_a_refused_data_is_answered_for():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script("DATA", "451 4.3.0 Not now")
        replies = replies_to(transport, envelopes_to(ANN))

    assert replies[1] == Reply(451, (4, 3, 0), "Not now", Stage.DATA)


def test_a_refused_sender_says_nothing_about_the_subscriber():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script("MAIL", "550 5.1.1 Who are you")
        replies = replies_to(transport, envelopes_to(ANN))

    assert replies[1].stage is Stage.MAIL
    assert judge(replies[1]).outcome is Outcome.DEFERRED


@pytest.mark.parametrize(
    "address",
    [
        "ann@a.example>\r\nRCPT TO:<eve@e.example",
        "ann@a.example\n",
        "ann@a.example> SIZE=1",
        "jörg@a.example",
        "ann",
        "",
    ],
)
def test_an_address_that_would_end_the_command_is_never_written(address):
    with a_server() as server, a_transport(server.relay()) as transport:
        replies = replies_to(transport, envelopes_to(address, BEN))

    assert judge(replies[1]).outcome is Outcome.REFUSED
    assert server.addresses() == [BEN]
    assert len(server.commands("MAIL", "RCPT")) == 2


# ── old, small and slow servers ──


def test_a_server_without_pipelining_is_asked_one_thing_at_a_time():
    with a_server(offers=()) as server, a_transport(server.relay()) as transport:
        server.script("RCPT", "250 Ok", "550 5.1.1 Unknown")
        replies = replies_to(transport, envelopes_to(ANN, BEN, EVE))

    assert not server.was_hurried
    assert codes(replies) == {1: 250, 2: 550, 3: 250}
    assert len(server.commands("DATA")) == 2


def test_a_server_without_size_is_told_no_size():
    offers = ("PIPELINING",)
    with a_server(offers=offers) as server, a_transport(server.relay()) as transport:
        replies_to(transport, envelopes_to(ANN))

    assert "SIZE" not in server.commands("MAIL")[0]


def test_a_message_beyond_the_size_of_the_server_is_not_offered_to_it():
    offers = ("PIPELINING", "SIZE 100")
    large = an_envelope(ANN, message=b"Subject: x\r\n\r\n" + b"y" * 200 + b"\r\n")
    small = an_envelope(BEN, position=2)
    with a_server(offers=offers) as server, a_transport(server.relay()) as transport:
        replies = replies_to(transport, [large, small])

    assert replies[1].enhanced == (5, 3, 4)
    assert judge(replies[1]).outcome is Outcome.REFUSED
    assert server.addresses() == [BEN]


def test_a_size_of_zero_is_no_limit():
    offers = ("SIZE 0",)
    with a_server(offers=offers) as server, a_transport(server.relay()) as transport:
        replies_to(transport, envelopes_to(ANN))

    assert server.commands("MAIL")[0].endswith(" SIZE=36")


def test_a_server_that_knows_no_ehlo_is_greeted_with_helo():
    with a_server(takes_ehlo=False) as server, a_transport(server.relay()) as transport:
        replies_to(transport, envelopes_to(ANN))

    assert server.addresses() == [ANN]


def test_replies_may_come_byte_by_byte():
    with a_server(chop=True) as server, a_transport(server.relay()) as transport:
        server.script("RCPT", "250-2.1.5 Yes\r\n250 2.1.5 Ok", "550 5.1.1 Unknown")
        replies = replies_to(transport, envelopes_to(ANN, BEN, EVE))

    assert codes(replies) == {1: 250, 2: 550, 3: 250}


def test_a_reply_may_have_many_lines():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script("RCPT", "550-5.1.1 No such user\r\n550-5.1.1 here\r\n550 sorry")
        replies = replies_to(transport, envelopes_to(ANN))

    assert replies[1].enhanced == (5, 1, 1)
    assert replies[1].text == "No such user 5.1.1 here sorry"


# ── connections that break ──


@pytest.mark.parametrize("stage", ["GREETING", "EHLO"])
def test_a_line_cut_before_mail_flows_is_a_relay_that_is_away(stage):
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script(stage, CUT)
        with pytest.raises(RelayAway):
            transport.open()


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_line_cut_before_the_dot_is_tried_once_more_on_a_new_one(stage):
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script(stage, CUT)
        replies = replies_to(transport, envelopes_to(ANN))

    assert codes(replies) == {1: 250}
    assert (server.connections, server.addresses()) == (2, [ANN])


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_line_cut_twice_before_the_dot_is_surely_not_sent(stage):
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script(stage, CUT, CUT)
        replies = replies_to(transport, envelopes_to(ANN))

    assert replies[1].code == NOT_SPOKEN
    assert judge(replies[1]).outcome is Outcome.DEFERRED
    assert server.taken == []


@pytest.mark.parametrize("stage", ["BODY", "."])
def test_a_line_cut_after_the_dot_was_written_leaves_a_doubt_and_no_second_try(stage):
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script(stage, CUT)
        replies = replies_to(transport, envelopes_to(ANN, BEN))

    assert codes(replies) == {1: None, 2: 250}
    assert server.addresses() == [BEN]


def test_an_answer_that_comes_just_before_the_cut_counts():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script(".", then_cut("250 2.0.0 Taken"))
        replies = replies_to(transport, envelopes_to(ANN, BEN))

    assert codes(replies) == {1: 250, 2: 250}
    assert server.addresses() == [ANN, BEN]


def test_a_421_in_the_middle_of_a_group_costs_a_new_connection_and_no_mail():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script("RCPT", then_cut("421 4.3.2 Enough"))
        replies = replies_to(transport, envelopes_to(ANN, BEN))

    assert codes(replies) == {1: 250, 2: 250}
    assert server.addresses() == [ANN, BEN]


def test_a_second_421_is_the_answer():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script("MAIL", then_cut("421 4.3.2 No"), then_cut("421 4.3.2 No"))
        replies = replies_to(transport, envelopes_to(ANN))

    assert replies[1].code == 421
    assert judge(replies[1]).outcome is Outcome.DEFERRED


def test_a_421_after_a_refused_recipient_leaves_the_refusal_standing():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script("RCPT", "550 5.1.1 Unknown").script("DATA", then_cut("421 No"))
        replies = replies_to(transport, envelopes_to(ANN, BEN))

    assert codes(replies) == {1: 550, 2: 250}


def test_a_421_after_the_dot_is_a_refusal_that_passes_not_a_doubt():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script(".", then_cut("421 4.3.2 Closing"))
        replies = replies_to(transport, envelopes_to(ANN, BEN))

    assert codes(replies) == {1: 421, 2: 250}


def test_an_idle_connection_closed_by_the_server_is_opened_again():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script(".", then_cut("250 2.0.0 Taken"))
        first = replies_to(transport, [an_envelope(ANN)])
        second = replies_to(transport, [an_envelope(BEN, position=2)])

    assert codes(first | second) == {1: 250, 2: 250}


# ── servers that do not answer, or too much ──


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_server_silent_before_the_dot_is_left(stage):
    server = ScriptedServer().script(stage, SILENCE)
    with server, a_transport(server.relay(), timeouts=HASTY) as transport:
        replies = replies_to(transport, envelopes_to(ANN))

    assert codes(replies) == {1: 250}
    assert server.connections == 2


def test_a_reply_after_the_time_out_is_nobodys():
    server = ScriptedServer().script(".", late("250 2.0.0 Taken"))
    with server, a_transport(server.relay(), timeouts=HASTY) as transport:
        first = replies_to(transport, [an_envelope(ANN)])
        server.be_late.set()
        server.script("RCPT", "550 5.1.1 Unknown")
        second = replies_to(transport, [an_envelope(BEN, position=2)])

    assert codes(first | second) == {1: None, 2: 550}


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_an_answer_too_many_ends_the_session_before_it_shifts_the_others(stage):
    usual = {"MAIL": "250 Ok", "RCPT": "250 Ok", "DATA": "354 Go on"}
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script(stage, twice(usual[stage]))
        replies = replies_to(transport, envelopes_to(ANN))

    assert codes(replies) == {1: 250}
    assert (server.connections, server.addresses()) == (2, [ANN])


def test_an_answer_too_many_after_the_dot_accepts_nobody_else():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script(".", twice("250 2.0.0 Taken")).script("RCPT", "250 Ok", "550 No")
        replies = replies_to(transport, envelopes_to(ANN, BEN))

    assert codes(replies) == {1: 250, 2: 550}
    assert server.addresses() == [ANN]


@pytest.mark.parametrize(
    "nonsense", ["hello", "25", "2x0 Ok", "250-a\r\n251 b", "354 Go on", "650 Ok"]
)
def test_what_is_no_reply_ends_the_session(nonsense):
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script("MAIL", nonsense)
        replies = replies_to(transport, envelopes_to(ANN))

    assert codes(replies) == {1: 250}
    assert server.connections == 2


def test_a_reply_without_an_end_is_not_collected_for_ever():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script("MAIL", "\r\n".join(["250-" + "x" * 1000] * 70))
        replies = replies_to(transport, envelopes_to(ANN))

    assert codes(replies) == {1: 250}
    assert server.connections == 2


def test_a_greeting_too_many_is_no_relay_to_talk_to():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script("GREETING", twice("220 mail.example"))
        with pytest.raises(RelayAway, match="more than it was asked"):
            transport.open()


def test_a_server_that_thinks_gives_the_caller_time_to_renew_a_lease():
    server = ScriptedServer().script(".", late("250 2.0.0 Taken"))
    with server, a_transport(server.relay(), patience_seconds=0.05) as transport:
        first = dict(transport.exchange(envelopes_to(ANN)))
        server.be_late.set()
        second = dict(transport.exchange([]))

    assert (first, codes(second)) == ({}, {1: 250})


# ── no relay ──


def test_without_a_relay_each_envelope_comes_back_unsent_and_the_fault_is_told():
    with a_server() as server, a_transport(server.relay(sessions=3)) as transport:
        server.stop()
        replies = replies_to(transport, envelopes_to(ANN, BEN, EVE))

        assert {reply.code for reply in replies.values()} == {NOT_SPOKEN}
        assert isinstance(transport.fault, RelayAway)
        assert "127.0.0.1" not in str(transport.fault)


def test_a_relay_that_comes_back_is_used_again():
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script("GREETING", "421 4.3.2 Starting")
        replies_to(transport, envelopes_to(ANN))
        replies = replies_to(transport, envelopes_to(ANN))

        assert codes(replies) == {1: 250}
        assert transport.fault is None


def test_a_relay_that_lets_in_a_few_of_us_is_used_by_a_few():
    full = ["421 4.7.0 Too many connections"] * 8
    with a_server() as server, a_transport(server.relay(sessions=8)) as transport:
        transport.open()
        server.script("GREETING", *full)
        addresses = [f"r{n}@a.example" for n in range(20)]
        replies = replies_to(transport, envelopes_to(*addresses))

        assert set(codes(replies).values()) == {250}
        assert transport.fault is None
        assert transport.pace.sessions < 8
    assert server.connections <= 8


def test_a_relay_that_breaks_off_again_and_again_is_away():
    always = [then_cut("421 4.3.2 No")] * 200
    with a_server() as server, a_transport(server.relay(sessions=2)) as transport:
        server.script("MAIL", *always)
        addresses = [f"r{n}@a.example" for n in range(60)]
        replies = replies_to(transport, envelopes_to(*addresses))

        assert {judge(r).outcome for r in replies.values()} == {Outcome.DEFERRED}
        assert isinstance(transport.fault, RelayAway)
        assert server.connections < 20


@pytest.mark.parametrize(
    ("greeting", "fault"),
    [("421 4.3.2 Busy", RelayAway), ("554 5.7.1 Not you", RelayRefusesUs)],
)
def test_a_greeting_that_is_none_is_a_fault_of_the_relay(greeting, fault):
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script("GREETING", greeting)
        with pytest.raises(fault):
            transport.open()


# ── the end ──


def test_closing_leaves_in_doubt_what_is_sent_and_gives_back_what_is_not():
    server = ScriptedServer().script(".", SILENCE)
    with server, a_transport(server.relay(), patience_seconds=0.1) as transport:
        transport.exchange(envelopes_to(ANN, BEN, EVE))
        replies = transport.close()

    assert codes(replies) == {1: None, 2: NOT_SPOKEN, 3: NOT_SPOKEN}


def test_closing_twice_is_closing_once():
    with a_server() as server, a_transport(server.relay()) as transport:
        replies_to(transport, envelopes_to(ANN))

        assert (transport.close(), transport.close()) == ({}, {})


def test_a_server_that_never_says_goodbye_holds_up_nobody():
    server = ScriptedServer().script("QUIT", SILENCE)
    with server, a_transport(server.relay(), timeouts=HASTY) as transport:
        replies_to(transport, envelopes_to(ANN))

        assert transport.close() == {}


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
def test_a_certificate_of_another_host_is_refused(certificate, at_once):
    server = ScriptedServer(certificate=certificate, tls_at_once=at_once)
    with (
        server,
        a_transport(server.relay(host="127.0.0.1")) as transport,
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


# ── somebody else's server ──


class Inbox:
    def __init__(self):
        self.messages = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  its name
        self.messages.append(envelope.original_content)
        return "250 Ok"


def test_a_server_written_by_others_gets_the_very_bytes(tmp_path):
    inbox, path = Inbox(), str(tmp_path / "inbox.sock")
    controller = UnixSocketController(inbox, path)
    controller.start()
    relay = Relay(1, "", 0, path, sessions=2)
    with a_transport(relay) as transport:
        replies = replies_to(
            transport,
            [
                an_envelope(ANN, position=1, message=printed(position=1)),
                an_envelope(BEN, position=2, message=printed(position=2)),
            ],
        )
    controller.stop()

    assert codes(replies) == {1: 250, 2: 250}
    assert sorted(inbox.messages) == sorted([printed(position=1), printed(position=2)])


# ── laws ──

answers = st.sampled_from(
    [
        "250 2.0.0 Ok",
        "250-2.0.0 More\r\n250 2.0.0 Ok",
        "450 4.2.0 Later",
        "550 5.1.1 Unknown",
        then_cut("421 4.3.2 Closing"),
        then_cut("250 2.0.0 Ok"),
        CUT,
    ]
)
tricks = st.tuples(st.sampled_from(["MAIL", "RCPT", "DATA", ".", "RSET"]), answers)


@given(
    script=st.lists(tricks, max_size=8),
    people=st.integers(1, 6),
    sessions=st.integers(1, 2),
    offers=st.sampled_from([(), ("PIPELINING",)]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_law_each_envelope_is_answered_once_and_nobody_gets_two(
    script, people, sessions, offers
):
    addresses = [f"reader{n}@a.example" for n in range(1, people + 1)]
    with a_server(offers=offers) as server:
        for command, answer in script:
            server.script(command, answer)
        with a_transport(server.relay(sessions=sessions)) as transport:
            replies = replies_to(transport, envelopes_to(*addresses))

    assert sorted(replies) == list(range(1, people + 1))
    taken = [a for a in server.addresses() if a]
    assert len(taken) == len(set(taken))
    accepted = {
        f"reader{n}@a.example"
        for n, reply in replies.items()
        if reply is not None and judge(reply).outcome is Outcome.ACCEPTED
    }
    doubt = {f"reader{n}@a.example" for n, r in replies.items() if r is None}
    assert accepted <= set(taken) <= accepted | doubt
