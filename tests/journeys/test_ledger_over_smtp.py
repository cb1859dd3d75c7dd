"""From the ledger over real sockets: what a server does is what the ledger says."""

import pytest

from mailer.delivery.ledger import FIRST_WAIT, State
from tests.kit.delivery import Hands, a_run_of, drain, states
from tests.kit.smtp_server import CUT, ScriptedServer, a_server
from tests.kit.wire import a_transport

pytestmark = pytest.mark.django_db
ANN, BEN, EVE = "ann@a.example", "ben@b.example", "eve@e.example"


def test_each_answer_of_a_server_is_the_state_of_its_delivery():
    run = a_run_of(ANN, BEN, EVE)
    server = ScriptedServer()
    server.script("RCPT", "250 Ok", "550 5.1.1 Unknown", "451 4.3.0 Later")
    with server, a_transport(server.relay()) as transport:
        drain(transport)

    assert list(states(run).values()) == [
        State.ACCEPTED,
        State.REFUSED,
        State.DEFERRED,
    ]
    assert len(server.taken) == 1


def test_a_line_that_breaks_after_the_dot_is_in_doubt_and_costs_no_second_mail():
    run = a_run_of(ANN, BEN)
    with a_server() as server, a_transport(server.relay()) as transport:
        server.script(".", CUT)
        drain(transport)
        drain(transport)

    assert sorted(states(run).values()) == [State.ACCEPTED, State.IN_DOUBT]
    assert len(server.taken) == 1


def test_a_relay_that_was_away_delays_and_loses_nothing():
    run = a_run_of(ANN, BEN, EVE)
    clock = Hands()
    with a_server() as away, a_transport(away.relay()) as transport:
        away.stop()
        drain(transport, clock)
    clock.turn(seconds=FIRST_WAIT.total_seconds())

    with a_server() as server, a_transport(server.relay()) as transport:
        drain(transport, clock)

    assert set(states(run).values()) == {State.ACCEPTED}
    assert sorted(server.addresses()) == [ANN, BEN, EVE]


def test_two_hundred_readers_get_two_hundred_messages_in_four_sessions():
    addresses = [f"reader{n}@a.example" for n in range(200)]
    run = a_run_of(*addresses)
    with a_server() as server, a_transport(server.relay(sessions=4)) as transport:
        drain(transport)

    assert set(states(run).values()) == {State.ACCEPTED}
    assert sorted(server.addresses()) == sorted(addresses)
