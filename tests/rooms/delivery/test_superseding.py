"""Nothing is sent late: a newer result ends an older run, and a run has its time."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.delivery import ending, queries, superseding
from mailer.delivery import operations as delivery
from mailer.delivery.models import Batch, Delivery, Run
from mailer.delivery.run import LIFETIMES, RunKind, RunState
from mailer.editions import operations as editing
from mailer.editions import queries as editions
from mailer.editions.content import EditionState
from tests.kit.audience import a_domain, a_newsletter, a_place, a_reader_of
from tests.kit.delivery import (
    BUSY,
    NO_SUCH_USER,
    OK,
    DyingTransport,
    Hands,
    Killed,
    ScriptedTransport,
    a_run_for,
    a_run_of,
    dies,
    drain,
    meanwhile,
    nothing,
)
from tests.kit.editions import NOW as MORNING
from tests.kit.editions import a_recipe_for
from tests.kit.elections import NOW, a_count, an_election, take

pytestmark = pytest.mark.django_db
READERS = 6


@pytest.fixture
def readers():
    """Six readers of the results of one place, which leave by themselves."""
    an_election()
    newsletter = a_newsletter(name="Local results", by_place=True)
    a_recipe_for(newsletter, cron="", approval="automatic", now=MORNING)
    for number in range(READERS):
        a_reader_of(newsletter, address=f"r{number}@a.example", place="TV")
    return newsletter


def a_result_comes(stations: int, *, now=NOW) -> Run:
    """Return the run of a new state of the count, released."""
    take(a_count(status="partial", stations_in=stations, as_at=now), now=now)
    editing.plan(now=now)
    delivery.open_due(now=now)
    return Run.objects.latest("pk")


@pytest.mark.usefixtures("readers")
def test_a_newer_result_cancels_what_of_the_older_has_not_gone():
    first = a_result_comes(4)
    newer = []
    minute = timedelta(minutes=1)
    relay = ScriptedTransport(
        window=2,
        before_reply=meanwhile(
            lambda: newer.append(a_result_comes(8, now=NOW + minute))
        ),
    )

    drain(relay, Hands(NOW))

    [second] = newer
    old = queries.progress(first.pk)
    assert (old.accepted, old.cancelled, old.in_doubt) == (2, 4, 0)  # 2 on the wire
    assert (old.state, old.adds_up) == (RunState.STOPPED, True)
    assert old.reason == f"superseded by run {second.pk}"
    reasons = Delivery.objects.filter(run_id=first.pk, state="cancelled")
    assert set(reasons.values_list("reason", flat=True)) == {old.reason}
    edition = editions.edition(first.edition_id)
    assert (edition.state, edition.reason) == (EditionState.STOPPED, old.reason)
    assert not Batch.objects.filter(run=first, done=False).exists()


@pytest.mark.usefixtures("readers")
def test_a_newer_result_goes_to_all_also_to_who_has_the_older():
    a_result_comes(4)
    drain(ScriptedTransport(), Hands(NOW))

    second = a_result_comes(8, now=NOW + timedelta(minutes=1))
    drain(ScriptedTransport(), Hands(NOW + timedelta(minutes=1)))

    assert queries.progress(second.pk).accepted == READERS


@pytest.mark.usefixtures("readers")
def test_a_result_of_another_place_ends_nothing():
    a_place("OV", "Other Valley")
    first = a_result_comes(4)
    Run.objects.filter(pk=first.pk).update(replaces_key="results 1 OV LGE")

    a_result_comes(8, now=NOW + timedelta(minutes=1))

    assert queries.progress(first.pk).state is RunState.OPEN


@pytest.mark.usefixtures("readers")
def test_what_a_crash_left_of_a_superseded_run_is_cancelled_with_its_reason():
    first = a_result_comes(4)
    dies(lambda: drain(DyingTransport(after=0, window=2), Hands(NOW)))
    later = NOW + timedelta(minutes=1)

    second = a_result_comes(8, now=later)
    delivery.upkeep(now=later)

    rows = Delivery.objects.filter(run_id=first.pk, state="cancelled")
    assert {row.reason for row in rows} == {f"superseded by run {second.pk}"}
    old = queries.progress(first.pk)
    assert (old.cancelled, old.in_doubt, old.adds_up) == (4, 2, True)


def test_no_window_asks_after_the_time_of_a_run_is_over():
    run = a_run_of("ann@a.example", "ben@b.example", kind=RunKind.ALERT)
    clock = Hands()
    over = LIFETIMES[RunKind.ALERT]
    relay = ScriptedTransport(
        window=1, before_reply=meanwhile(lambda: clock.turn(hours=6))
    )

    drain(relay, clock)
    delivery.look(now=clock())

    assert relay.heard == ["ann@a.example"]
    rows = Delivery.objects.filter(run_id=run.pk).order_by("position")
    assert [row.reason for row in rows] == ["", "too late: its time was over"]
    assert clock() == run.release_at + over
    assert queries.progress(run.pk).state is RunState.DONE


def test_a_batch_whose_time_is_over_is_not_leased():
    run = a_run_of("ann@a.example", kind=RunKind.ALERT)
    relay, clock = ScriptedTransport(), Hands(run.give_up_at)

    drain(relay, clock)

    assert relay.heard == []
    assert not queries.is_anything_due(now=clock())


def test_a_doubt_is_not_sent_again_after_the_time_of_its_run():
    run = a_run_of("ann@a.example", kind=RunKind.ALERT)
    drain(ScriptedTransport([None]))
    [doubt] = queries.doubt(run.pk)

    with pytest.raises(delivery.NotInDoubt, match="time of run"):
        delivery.resend_doubt(
            run_id=run.pk, positions=[doubt.position], by="O", now=run.give_up_at
        )

    assert queries.progress(run.pk).in_doubt == 1


def drain_or_die(relay: DyingTransport, clock: Hands) -> None:
    try:
        drain(relay, clock)
    except Killed:
        return  # as meant; where it had too little to do, it lives


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    script=st.lists(st.sampled_from([OK, NO_SUCH_USER, BUSY, None]), max_size=8),
    window=st.integers(1, 4),
    comes_after=st.integers(0, 4),
    dying=st.booleans(),
)
def test_law_of_two_results_each_reader_is_in_one_state_and_the_old_ends(
    script, window, comes_after, dying
):
    newsletter, key = a_newsletter(), f"results of {a_domain()}"
    domain = a_domain()
    addresses = [f"r{number}@{domain}" for number in range(6)]
    first = a_run_of(*addresses, newsletter=newsletter, replaces_key=key)
    clock, newer = Hands(NOW), []

    def comes() -> None:
        second = a_run_for(newsletter, replaces_key=key, release_at=NOW)
        newer.append(second)
        for older in superseding.end_older(second, now=clock()):
            ending.cancel_rest(run_id=older, reason="superseded", now=clock())

    relay = ScriptedTransport(
        script,
        window=window,
        at_once=1,
        before_reply=meanwhile(*[nothing] * comes_after, comes),
    )
    if dying:
        drain_or_die(DyingTransport(after=1, window=window), clock)
    clock.turn(minutes=1)
    drain(relay, clock)
    for _ in range(8):
        drain(ScriptedTransport(), clock)
        clock.turn(minutes=31)
    delivery.upkeep(now=clock())

    old = queries.progress(first.pk)
    assert (old.total, old.adds_up) == (6, True)
    assert old.due + old.in_flight + old.deferred == 0
    assert [queries.progress(one.pk).adds_up for one in newer] == [True] * len(newer)
    assert not newer or old.state in {RunState.STOPPED, RunState.DONE}
