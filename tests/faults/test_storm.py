"""The short form of `make faults`: some kills, and a relay with every fault at once."""

import pytest

from tests.faults import scenarios
from tests.faults.storm import WINDOW, runs_add_up, storm

pytestmark = pytest.mark.slow


@pytest.fixture
def fire(a_schema, django_db_blocker):
    with django_db_blocker.unblock(), storm(a_schema, seed=1) as begun:
        yield begun


def test_killed_workers_lose_nothing_and_double_nothing(fire):
    fire.relay_behaves(delay=0.01)
    fire.kill_workers(4, readers=8_000)
    fire.relay_behaves()
    fire.finish()

    seen = fire.outcome("workers")
    assert (seen.kills, seen.lost, seen.doubled) == (4, 0, 0)
    assert seen.worst_per_kill <= WINDOW
    assert runs_add_up()


def test_a_relay_with_every_fault_loses_nothing_and_doubles_nothing(fire):
    # So seldom that hardly a mail meets two and waits a minute for its next round.
    breaks = {"no_data": 0.0002, "lose": 0.0005, "cut": 0.0003, "half": 0.0003}
    says_wrong = dict.fromkeys(("swap", "early", "unasked", "order", "skip"), 0.0002)
    fire.relay_behaves(**breaks, **says_wrong)
    fire.send(15_000)
    fire.start_workers(("worker-1", "worker-2"))
    fire.finish()

    seen = fire.outcome("relay")
    assert (seen.lost, seen.doubled) == (0, 0)
    assert seen.met > 9
    assert 0 < seen.in_doubt < 15_000
    assert 0 < seen.in_doubt_arrived < seen.in_doubt
    assert runs_add_up()


def test_every_fault_of_the_crash_table_has_a_storm():
    assert {
        "kill -9 of a worker",
        "kill -9 of PostgreSQL",
        "kill -9 and wipe of Valkey",
        "SIGTERM of workers (a deploy)",
        "a worker that oversleeps",
        "relay: replies out of order",
    } <= set(scenarios.of(kills=200))
