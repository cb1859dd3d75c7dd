"""What the ledger may expect of any transport: a scripted one, SMTP, a mail service."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import pytest

from mailer.delivery.anymail import AnymailTransport
from mailer.delivery.reply import NOT_SPOKEN, Reply
from mailer.delivery.transport import RelayAway, Transport
from mailer.delivery.verdict import Outcome, judge
from tests.kit.delivery import ScriptedTransport
from tests.kit.mail_service import SILENCE, MailService, Partly, Trick
from tests.kit.smtp_server import CUT, ScriptedServer
from tests.kit.wire import a_transport, in_parts, replies_to

ANN, BEN, EVE = "ann@a.example", "ben@b.example", "eve@e.example"
OK, UNKNOWN = Reply(250, (2, 0, 0), "Ok"), Reply(550, (5, 1, 1), "Unknown")
LATER = Reply(451, (4, 3, 0), "Later")
Heard = Callable[[], list[str]]
Relays = Callable[..., AbstractContextManager[tuple[Transport, Heard]]]


@contextmanager
def fake(
    script: Sequence[Reply | None] = (), *, away: bool = False
) -> Iterator[tuple[Transport, Heard]]:
    transport = ScriptedTransport(script, away=away)
    yield transport, lambda: transport.heard


@contextmanager
def real(
    script: Sequence[Reply | None] = (), *, away: bool = False
) -> Iterator[tuple[Transport, Heard]]:
    with ScriptedServer() as server, a_transport(server.relay()) as transport:
        for reply in script:
            server.script(".", CUT if reply is None else said(reply))
        if away:
            server.stop()
        yield transport, lambda: [path(line) for line in server.commands("RCPT")]


@contextmanager
def service(
    script: Sequence[Reply | None] = (), *, away: bool = False
) -> Iterator[tuple[Transport, Heard]]:
    with MailService("postmark") as server:
        server.then(
            *(SILENCE if reply is None else answered(reply) for reply in script)
        )
        relay = server.relay(messages_a_session=1)
        transport = AnymailTransport(relay, relay.service, answer_seconds=0.5)
        if away:
            server.stop()
        yield transport, server.addresses
        transport.close()


def answered(reply: Reply | None) -> Trick:
    """Return what becomes of the one message in a call, as Postmark puts it."""
    if reply is None:
        return SILENCE
    if reply == UNKNOWN:
        said = {"ErrorCode": 406, "Message": "Found inactive addresses."}
    elif reply == LATER:
        said = {"ErrorCode": 999, "Message": "Later"}
    else:
        return Partly({})
    return Partly(dict.fromkeys([ANN, BEN, EVE], said))


def said(reply: Reply) -> str:
    return f"{reply.code} {'.'.join(map(str, reply.enhanced or ()))} {reply.text}"


def path(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]


@pytest.fixture(params=[fake, real, service], ids=["scripted", "smtp", "service"])
def a_relay(request) -> Relays:
    return request.param


def outcomes(replies):
    return {
        position: reply and judge(reply).outcome for position, reply in replies.items()
    }


def test_each_envelope_is_answered_once_by_its_position(a_relay):
    with a_relay() as (transport, heard):
        replies = replies_to(transport, in_parts(ANN, BEN, EVE))

        assert outcomes(replies) == dict.fromkeys([1, 2, 3], Outcome.ACCEPTED)
        assert sorted(heard()) == [ANN, BEN, EVE]


def test_what_a_server_does_is_a_reply_never_an_exception(a_relay):
    with a_relay([UNKNOWN, LATER, OK]) as (transport, _):
        replies = replies_to(transport, in_parts(ANN, BEN, EVE))

        assert outcomes(replies) == {
            1: Outcome.REFUSED,
            2: Outcome.DEFERRED,
            3: Outcome.ACCEPTED,
        }


def test_a_line_that_breaks_after_the_dot_is_none(a_relay):
    with a_relay([None, OK]) as (transport, _):
        replies = replies_to(transport, in_parts(ANN, BEN))

        assert replies[1] is None
        # A service that does not answer is asked nothing more: the next is put off.
        assert outcomes(replies)[2] in {Outcome.ACCEPTED, Outcome.DEFERRED}


def test_an_exchange_of_nothing_waits_for_nothing(a_relay):
    with a_relay() as (transport, _):
        assert transport.exchange([]) == {}


def test_a_transport_goes_on_from_exchange_to_exchange(a_relay):
    with a_relay() as (transport, heard):
        replies_to(transport, in_parts(ANN))
        replies = replies_to(transport, in_parts(BEN, first=9))

        assert outcomes(replies) == {9: Outcome.ACCEPTED}
        assert heard() == [ANN, BEN]


def test_a_relay_that_is_away_gives_everything_back_unsent_and_has_a_fault(a_relay):
    with a_relay(away=True) as (transport, heard):
        replies = replies_to(transport, in_parts(ANN, BEN))

        assert [reply.code for reply in replies.values()] == [NOT_SPOKEN, NOT_SPOKEN]
        assert set(outcomes(replies).values()) == {Outcome.DEFERRED}
        assert isinstance(transport.fault, RelayAway)
        assert heard() == []


def test_a_relay_that_works_has_no_fault(a_relay):
    with a_relay() as (transport, _):
        replies_to(transport, in_parts(ANN))

        assert transport.fault is None


def test_a_pace_lets_at_least_one_be_in_flight(a_relay):
    with a_relay() as (transport, _):
        assert transport.pace.sessions >= 1
        assert transport.pace.per_second > 0


def test_nothing_is_unanswered_after_the_end_and_the_end_comes_once(a_relay):
    with a_relay() as (transport, _):
        replies_to(transport, in_parts(ANN, BEN))

        assert (transport.close(), transport.close()) == ({}, {})
