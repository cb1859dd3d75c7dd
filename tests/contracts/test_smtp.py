"""What our SMTP client does with good, old and odd servers, and with refusals."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from aiosmtpd.controller import UnixSocketController
from django.db import DataError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.delivery.planned import planned_once
from mailer.delivery.relays import Relay
from mailer.delivery.reply import Reply, Stage
from mailer.delivery.verdict import Outcome, judge
from tests.kit.smtp_server import (
    CUT,
    a_server,
    then_cut,
)
from tests.kit.wire import (
    ANN,
    BEN,
    EVE,
    a_transport,
    an_envelope,
    codes,
    envelopes_to,
    printed,
    replies_to,
)
from tests.kit.workers import another_connection, wait_until

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


def let_postgresql_work_until(claim, transport):
    """Wait for PostgreSQL as a step does; it is done once something is so."""
    lock = "SELECT pg_advisory_xact_lock(%(n)s::bigint)"

    def let_it_end():
        with closing(other):
            wait_until(claim, seconds=20)

    with ThreadPoolExecutor(1) as pool:
        other = another_connection()
        other.execute(lock, {"n": 7})
        letting = pool.submit(let_it_end)
        planned_once(lock, {"n": 7}, transport)
        letting.result()


@pytest.mark.django_db
def test_mail_goes_on_while_postgresql_works():
    addresses = [f"reader{n}@a.example" for n in range(6)]
    with a_server() as server, a_transport(server.relay()) as transport:
        first = transport.exchange(envelopes_to(*addresses))
        let_postgresql_work_until(lambda: len(server.taken) == 6, transport)
        rest = transport.exchange([])

    assert len(first) + len(rest) == len(addresses)


@pytest.mark.django_db
def test_a_relay_that_breaks_meanwhile_is_asked_nothing_before_that_is_told():
    addresses = [f"reader{n}@a.example" for n in range(12)]
    with a_server() as server, a_transport(server.relay(sessions=1)) as transport:
        server.script("MAIL", *["250 2.1.0 Ok"] * 4, *[CUT] * 7)
        transport.exchange(envelopes_to(*addresses))
        let_postgresql_work_until(lambda: transport.fault, transport)
        heard = len(server.heard)
        late = an_envelope(position=99)
        replies = transport.exchange([late])

        assert transport.fault is not None
        assert len(server.heard) == heard
        assert codes(replies)[99] == 0
        transport.exchange([late])  # asked again, it tries again
        assert transport.fault is None


@pytest.mark.django_db
def test_a_closed_transport_lets_postgresql_work_all_the_same():
    with a_server() as server, a_transport(server.relay()) as transport:
        transport.close()

        assert planned_once("SELECT 7", {}, transport) == [(7,)]


@pytest.mark.django_db
def test_a_fault_of_postgresql_comes_through_the_wire_and_both_go_on():
    with a_server() as server, a_transport(server.relay()) as transport:
        with pytest.raises(DataError), transaction.atomic():
            planned_once("SELECT 1 / %(n)s::int", {"n": 0}, transport)

        assert planned_once("SELECT 7", {}, transport) == [(7,)]
        assert set(codes(replies_to(transport, envelopes_to(ANN))).values()) == {250}


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
