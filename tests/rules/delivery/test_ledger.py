"""The states of a delivery and what is decided about windows and waits."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery.ledger import (
    DRAIN,
    FIRST_WAIT,
    LAST_CALL,
    LEASE,
    LONGEST_WAIT,
    MOVES,
    PIPE_LEASE,
    State,
    ask_stop,
    next_try_at,
    window_size,
)
from mailer.delivery.run import LIFETIMES, PRIORITIES, RUN_MOVES, RunKind, RunState
from mailer.delivery.transport import PATIENCE_SECONDS, Pace
from mailer.kernel.priority import Priority

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
FAST = Pace(sessions=16, per_second=10_000.0)


def test_every_state_has_its_moves():
    assert set(MOVES) == set(State)
    assert set(RUN_MOVES) == set(RunState)
    assert set(PRIORITIES) == set(LIFETIMES) == set(RunKind)


def test_what_is_settled_for_good_moves_no_more():
    assert [s for s in State if not MOVES[s]] == [
        State.ACCEPTED,
        State.REFUSED,
        State.CANCELLED,
    ]


def test_what_may_have_arrived_is_never_cancelled():
    assert State.CANCELLED not in MOVES[State.IN_FLIGHT] | MOVES[State.IN_DOUBT]


def test_a_window_is_four_a_session():
    assert window_size(Priority.NEWSLETTER, FAST) == 64


def test_an_alert_leaves_less_in_doubt():
    assert window_size(Priority.BREAKING, FAST) == 32


def test_a_slow_lane_asks_for_half_a_second_and_for_one_at_least():
    assert window_size(Priority.NEWSLETTER, Pace(16, 20.0)) == 10
    assert window_size(Priority.NEWSLETTER, Pace(16, 0.1)) == 1


@given(
    priority=st.sampled_from(Priority),
    sessions=st.integers(1, 500),
    per_second=st.floats(0, 1e6),
)
def test_law_a_window_is_sent_within_half_a_second(priority, sessions, per_second):
    size = window_size(priority, Pace(sessions, per_second))

    assert size == 1 or size <= per_second / 2
    assert 1 <= size <= 4 * sessions


def test_each_wait_is_twice_the_one_before_up_to_half_an_hour():
    waits = [next_try_at(NOW, attempt=n) - NOW for n in range(1, 8)]

    assert waits[:3] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]
    assert waits[-1] == LONGEST_WAIT


@given(attempt=st.integers(1, 10_000))
def test_law_a_wait_is_never_short_and_never_long(attempt):
    assert FIRST_WAIT <= next_try_at(NOW, attempt=attempt) - NOW <= LONGEST_WAIT


def test_a_lease_outlives_three_idle_steps_and_a_pipe_one_and_a_renewal():
    patience = timedelta(seconds=PATIENCE_SECONDS)

    assert 3 * patience <= LEASE
    assert patience + PIPE_LEASE / 3 < PIPE_LEASE


def test_a_drain_ends_before_the_hard_limit_of_a_task():
    assert DRAIN + LAST_CALL + timedelta(seconds=PATIENCE_SECONDS) < timedelta(
        seconds=60
    )


def test_a_first_round_asks_for_the_next_positions():
    assert ask_stop(1, 100, room=64, waiting=None) == 65
    assert ask_stop(90, 100, room=64, waiting=None) == 101
    assert ask_stop(90, 100, room=0, waiting=None) == 90


def test_a_later_round_leaps_to_those_that_wait():
    assert ask_stop(1, 1000, room=2, waiting=[5, 400, 900]) == 900
    assert ask_stop(900, 1000, room=2, waiting=[5, 400, 900]) == 1001
    assert ask_stop(1, 1000, room=0, waiting=[5]) == 1


@given(
    start=st.integers(1, 50),
    last=st.integers(1, 50),
    room=st.integers(0, 60),
    waiting=st.none() | st.lists(st.integers(1, 50), unique=True).map(sorted),
)
def test_law_no_more_are_asked_than_there_is_room_for(start, last, room, waiting):
    stop = ask_stop(start, last, room=room, waiting=waiting)

    asked = [
        p for p in range(start, min(stop, last + 1)) if waiting is None or p in waiting
    ]
    assert len(asked) <= room


@given(
    last=st.integers(1, 50),
    room=st.integers(1, 60),
    waiting=st.none() | st.lists(st.integers(1, 50), unique=True).map(sorted),
)
def test_law_the_walk_reaches_everybody(last, room, waiting):
    start, asked = 1, []

    while start <= last:
        stop = ask_stop(start, last, room=room, waiting=waiting)
        asked += range(start, min(stop, last + 1))
        assert stop > start
        start = stop

    assert asked == list(range(1, last + 1))
