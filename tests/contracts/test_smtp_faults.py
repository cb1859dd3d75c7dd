"""What our SMTP client does when lines break, or nobody answers, or too much comes."""

import pytest

from mailer.delivery.reply import NOT_SPOKEN
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
    ANN,
    BEN,
    EVE,
    HASTY,
    a_transport,
    an_envelope,
    codes,
    envelopes_to,
    replies_to,
)

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
