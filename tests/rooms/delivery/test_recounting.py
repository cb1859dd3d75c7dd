"""The tally is held against the rows for ever, and put right by them."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.delivery import opening, queries, recounting
from mailer.delivery import operations as delivery
from mailer.delivery.models import Run, Tally
from mailer.ops import queries as ops
from tests.kit.audience import NOW, a_domain, a_newsletter, a_reader_of
from tests.kit.delivery import (
    BUSY,
    NO_SUCH_USER,
    OK,
    Hands,
    ScriptedTransport,
    a_run_for,
    a_run_of,
    drain,
    meanwhile,
)
from tests.kit.desk import an_editor

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def a_done_run():
    run = a_run_of(*(f"{who}@{Run.objects.count()}.example" for who in ("ann", "ben")))
    drain(ScriptedTransport())
    return run


def goes_wrong(run, by=-1, state="accepted"):
    row = Tally.objects.filter(run_id=run.pk, state=state).first()
    Tally.objects.filter(
        run_id=run.pk, writer=row.writer, provider_id=row.provider_id, state=state
    ).update(n=row.n + by)


def test_a_run_that_is_over_is_recounted_too_and_its_operator_told_both_sums():
    run = a_done_run()
    goes_wrong(run)

    delivery.upkeep(now=NOW)

    [said] = [t for t in ops.status(NOW).troubles if "sums" in t]
    assert said == (
        f"The sums of run {run.pk} are wrong. "
        "Accepted: 1 in the tally, 2 in the ledger."
    )


def test_it_is_said_until_it_agrees_again():
    run = a_done_run()
    goes_wrong(run)
    delivery.upkeep(now=NOW)

    goes_wrong(run, by=1)
    before = len(recounting.known_to_differ())
    delivery.upkeep(now=NOW + MINUTE)

    assert (before, recounting.known_to_differ()) == (1, [])


def test_the_least_lately_counted_come_first_and_each_comes_round(monkeypatch):
    runs = [a_run_of(f"r{n}@a.example") for n in range(4)]
    drain(ScriptedTransport())
    monkeypatch.setattr(recounting, "RUNS_A_PASS", 2)

    counted = []
    for minute in range(4):
        now = NOW + minute * MINUTE
        recounting.recount_in_turn(now=now)
        of_now = Run.objects.filter(recounted_at=now).order_by("pk")
        counted.append(list(of_now.values_list("pk", flat=True)))

    first, second = [runs[0].pk, runs[1].pk], [runs[2].pk, runs[3].pk]
    assert sorted(counted[0] + counted[1]) == first + second
    assert counted[2:] == counted[:2]


def test_a_pass_counts_so_many_rows_and_at_least_one_run(monkeypatch):
    a_done_run()
    a_done_run()
    monkeypatch.setattr(recounting, "ROWS_A_PASS", 1)

    recounting.recount_in_turn(now=NOW)

    assert Run.objects.filter(recounted_at=NOW).count() == 1


def test_a_run_that_is_being_written_is_never_called_wrong():
    newsletter = a_newsletter()
    for _ in range(3):
        a_reader_of(newsletter)
    run = a_run_for(newsletter, opened=False)
    found = []

    for _slice in range(5):
        opening.write_a_slice(run_id=run.pk, now=NOW, limit=1)
        found += recounting.recount_in_turn(now=NOW)

    assert found == []


def test_a_repair_takes_the_sums_from_the_rows_while_the_run_goes():
    run = a_run_of("ann@a.example", "ben@gmail.com", "cat@b.example")
    goes_wrong(run, by=5, state="due")
    said = []
    relay = ScriptedTransport(
        [OK, NO_SUCH_USER],
        window=1,
        before_reply=meanwhile(
            lambda: said.append(delivery.repair(run_id=run.pk, by="O", now=NOW))
        ),
    )

    drain(relay)

    progress = queries.progress(run.pk)
    assert said[0].differs
    assert (progress.accepted, progress.refused, progress.due) == (2, 1, 0)
    assert progress.adds_up
    assert recounting.recount_in_turn(now=NOW) == []


def test_a_repair_says_what_was_wrong_and_a_second_one_that_nothing_is(capsys):
    run = a_done_run()
    goes_wrong(run)

    call_command("recount", run.pk)
    call_command("recount", run.pk)

    first, second = capsys.readouterr().out.splitlines()
    assert "accepted: 1 in the tally, 2 in the ledger" in first
    assert second == f"run {run.pk}: 2 rows, and the tally agrees."


def test_an_audience_that_is_not_its_rows_is_put_right_too():
    run = a_done_run()
    Run.objects.filter(pk=run.pk).update(audience=7)

    delivery.upkeep(now=NOW)
    [differing] = recounting.known_to_differ()
    delivery.repair(run_id=run.pk, by="O", now=NOW)

    assert str(differing) == "audience: 7, 2 in the ledger"
    assert queries.progress(run.pk).audience == 2


def test_a_run_that_is_not_there_is_named_and_the_exit_status_is_2():
    with pytest.raises(CommandError, match="no run 4711") as refusal:
        call_command("recount", 4711)

    assert refusal.value.returncode == 2


def test_an_operator_puts_the_sums_right_by_one_press():
    run = a_done_run()
    goes_wrong(run)
    delivery.upkeep(now=NOW)
    visitor = an_editor()

    visitor.open("/ops")
    told = visitor.words
    visitor.press("Take the sums from the rows")

    assert f"Run {run.pk} does not add up" in told
    assert "1 in the tally, 2 in the ledger" in told
    assert "says now what its rows say" in visitor.words
    assert recounting.known_to_differ() == []


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    script=st.lists(st.sampled_from([OK, NO_SUCH_USER, BUSY, None]), max_size=8),
    slips=st.lists(
        st.tuples(
            st.sampled_from(["due", "accepted", "refused", "cancelled"]),
            st.integers(-9, 9),
        ),
        max_size=5,
    ),
)
def test_law_whatever_is_wrong_a_repair_makes_the_sums_those_of_the_rows(script, slips):
    domain = a_domain()
    run = a_run_of(*(f"r{n}@{domain}" for n in range(5)))
    drain(ScriptedTransport(script, window=2), Hands())
    for writer, (state, by) in enumerate(slips, start=900):
        Tally.objects.create(
            run_id=run.pk,
            writer=writer,
            provider_id=writer % 3,
            state=state,
            n=by,
            began_at=NOW,
            changed_at=NOW,
        )

    delivery.repair(run_id=run.pk, by="O", now=NOW)

    progress = queries.progress(run.pk)
    assert (progress.total, progress.adds_up) == (5, True)
    assert [r for r in recounting.recount_in_turn(now=NOW) if r.run_id == run.pk] == []
