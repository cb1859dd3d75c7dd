"""Laws of the ledger, whatever servers and workers do."""

from collections import Counter

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mailer.delivery import operations as delivery
from mailer.delivery import queries
from mailer.delivery.ledger import LEASE, MOVES, State
from mailer.delivery.run import RunState
from tests.kit.audience import a_domain
from tests.kit.delivery import (
    BUSY,
    NO_SUCH_USER,
    OK,
    DyingTransport,
    Hands,
    ScriptedTransport,
    a_run_of,
    dies,
    drain,
)

pytestmark = pytest.mark.django_db

# What may happen to a window: answers, a broken line, a worker that dies, a person.
fates = st.sampled_from([OK, OK, NO_SUCH_USER, BUSY, None])
happenings = st.sampled_from(
    ["drain", "drain", "die", "oversleep", "pause", "resume", "stop", "resend", "leave"]
)
WATCH = """
CREATE TEMPORARY TABLE IF NOT EXISTS moves_seen (was text, now text);
CREATE OR REPLACE FUNCTION pg_temp.note_a_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO moves_seen VALUES (OLD.state, NEW.state);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER note_moves AFTER UPDATE ON delivery FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION pg_temp.note_a_move();
TRUNCATE moves_seen;
"""


def moves_made() -> set[tuple[State, State]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT was, now FROM moves_seen")
        return {(State(was), State(now)) for was, now in cursor.fetchall()}


def happens(what: str, run, clock: Hands, script, window: int) -> list[str]:
    """Let something happen to a run; return which addresses a server has heard."""
    relay = ScriptedTransport(script, window=window)
    if what == "drain":
        drain(relay, clock)
    elif what == "die":
        relay = DyingTransport(after=1, window=window)
        drain_or_die(relay, clock)
        clock.turn(seconds=LEASE.seconds + 1)
    elif what == "oversleep":
        quick = ScriptedTransport(window=window)
        relay = ScriptedTransport(
            script,
            window=window,
            before_reply=lambda: drain(quick, lambda: clock() + LEASE),
        )
        drain(relay, clock)
        return relay.heard + quick.heard
    else:
        person_does(what, run, clock())
    return relay.heard


def drain_or_die(relay: DyingTransport, clock: Hands) -> None:
    try:
        dies(lambda: drain(relay, clock))
    except AssertionError:
        return  # it had too little to do to die of it


def person_does(what: str, run, now) -> None:
    doubts = [doubt.position for doubt in queries.doubt(run.pk)]
    try:
        if what == "pause":
            delivery.pause(run_id=run.pk, by="O", now=now)
        elif what == "resume":
            delivery.resume(run_id=run.pk, by="O", now=now)
        elif what == "stop":
            delivery.stop(run_id=run.pk, by="O", reason="", now=now)
        elif what == "resend" and doubts:
            delivery.resend_doubt(run_id=run.pk, positions=doubts, by="O", now=now)
    except (delivery.NotNow, delivery.NotInDoubt):
        return


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    story=st.lists(
        st.tuples(happenings, st.lists(fates, max_size=6)), min_size=1, max_size=6
    ),
    window=st.integers(1, 4),
)
@example(story=[("die", []), ("resend", []), ("drain", [])], window=2)
@example(story=[("oversleep", [BUSY]), ("stop", []), ("drain", [])], window=1)
def test_law_the_ledger_moves_only_as_drawn_and_always_adds_up(story, window):
    domain = a_domain()
    run = a_run_of(*(f"r{n}@{domain}" for n in range(6)))
    clock = Hands()
    with connection.cursor() as cursor:
        cursor.execute(WATCH)

    for what, script in story:
        happens(what, run, clock, script, window)
        progress = queries.progress(run.pk)
        assert (progress.total, progress.adds_up) == (6, True)
        clock.turn(minutes=1)
    delivery.upkeep(now=clock())

    assert moves_made() <= {(a, b) for a in MOVES for b in MOVES[a]}
    wrong = [w for w in delivery.upkeep(now=clock()).wrong if w.run_id == run.pk]
    assert wrong == []


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    story=st.lists(
        st.tuples(
            st.sampled_from(["drain", "die", "oversleep", "pause", "resume"]),
            st.lists(st.sampled_from([OK, None, NO_SUCH_USER]), max_size=6),
        ),
        min_size=1,
        max_size=6,
    ),
    window=st.integers(1, 4),
)
def test_law_no_server_hears_of_anybody_twice_unless_it_asked_for_it(story, window):
    domain = a_domain()
    run = a_run_of(*(f"r{n}@{domain}" for n in range(6)))
    clock, heard = Hands(), Counter()

    for what, script in [*story, ("resume", []), ("drain", [])]:
        heard.update(
            a for a in happens(what, run, clock, script, window) if domain in a
        )
        clock.turn(seconds=LEASE.seconds + 1)

    assert set(heard.values()) <= {1}


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(script=st.lists(fates, max_size=12), window=st.integers(1, 4))
def test_law_every_run_comes_to_an_end(script, window):
    domain = a_domain()
    run = a_run_of(*(f"r{n}@{domain}" for n in range(4)))
    clock, relay = Hands(), ScriptedTransport(script, window=window)

    for _ in range(14):
        drain(relay, clock)
        clock.turn(minutes=31)

    progress = queries.progress(run.pk)
    assert progress.state is RunState.DONE
    assert progress.due + progress.in_flight + progress.deferred == 0
