"""Who got it, when, by which relay, with which reply: pages, and the export."""

import csv
import io
import json
from datetime import datetime

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from mailer.audience import operations as audience
from mailer.audience import queries as people
from mailer.audience.consent import Evidence
from mailer.delivery import history
from mailer.delivery import operations as delivery
from mailer.delivery.history import PAGE
from mailer.delivery.ledger import State
from mailer.delivery.models import Delivery
from tests.kit.audience import NOW, a_newsletter, a_reader_of, many_readers
from tests.kit.delivery import (
    BUSY,
    NO_SUCH_USER,
    ScriptedTransport,
    a_run_for,
    a_run_of,
    drain,
)
from tests.kit.desk import an_editor

pytestmark = pytest.mark.django_db


def a_mixed_run():
    """Return a run to three: accepted, refused, in doubt."""
    run = a_run_of("ann@a.example", "ben@b.example", "cat@gmail.com")
    drain(ScriptedTransport([None, NO_SUCH_USER], window=1))
    return run


def exported(run, **options):
    out = io.StringIO()
    call_command("export_deliveries", run.pk, stdout=out, **options)
    return out.getvalue()


def test_the_export_says_state_time_relay_and_reply_of_each():
    run = a_mixed_run()

    rows = list(csv.DictReader(io.StringIO(exported(run))))

    said = [(r["state"], r["relay"], r["code"], r["provider"]) for r in rows]
    assert said == [
        ("in_doubt", "1", "", "other"),
        ("refused", "1", "550", "other"),
        ("accepted", "1", "250", "gmail"),
    ]
    assert datetime.fromisoformat(rows[2]["at"]) == NOW
    assert "line broke" in rows[0]["reason"]
    assert (rows[0]["was_in_doubt"], rows[2]["was_in_doubt"]) == ("yes", "")
    assert "address" not in rows[0]


def test_the_export_says_addresses_only_when_asked_and_takes_one_state():
    run = a_mixed_run()

    [row] = csv.DictReader(io.StringIO(exported(run, state="refused", addresses=True)))

    assert (row["address"], row["position"]) == ("ben@b.example", "2")


def test_the_export_gives_the_reason_of_what_was_cancelled():
    run = a_run_of("ann@a.example")
    delivery.stop(run_id=run.pk, by="Thandi", reason="", now=NOW)

    [line] = exported(run, json=True).splitlines()

    row = json.loads(line)
    assert (row["state"], row["reason"], row["code"]) == ("cancelled", "stopped", None)


def test_a_reply_that_looks_like_a_formula_is_none_in_the_export():
    run = a_run_of("ann@a.example")
    Delivery.objects.filter(run_id=run.pk).update(reason="=HYPERLINK(1)")

    [row] = csv.DictReader(io.StringIO(exported(run)))

    assert row["reason"] == "'=HYPERLINK(1)"


def test_the_export_of_an_unknown_run_says_so_with_exit_status_2():
    with pytest.raises(CommandError, match="no run 4711") as refusal:
        call_command("export_deliveries", 4711)

    assert refusal.value.returncode == 2


def test_the_export_goes_to_a_file_that_only_the_owner_may_read(tmp_path):
    run, target = a_mixed_run(), tmp_path / "seven.csv"

    exported(run, to=str(target))

    assert target.stat().st_mode & 0o777 == 0o600
    assert len(target.read_text().splitlines()) == 4


def test_all_of_a_great_run_is_exported_in_order_once():
    many_readers(
        12_000, newsletter := a_newsletter(), domains=["gmail.com", "b.example"]
    )
    run = a_run_for(newsletter)

    positions = [line.position for line in history.lines(run.pk)]

    assert positions == list(range(1, 12_001))


def test_pages_follow_each_other_without_a_gap_whatever_the_filter():
    many_readers(120, newsletter := a_newsletter(), domains=["gmail.com", "b.example"])
    run = a_run_for(newsletter)
    drain(ScriptedTransport([NO_SUCH_USER] * 70 + [BUSY] * 10))
    wanted = [
        row.position
        for row in Delivery.objects.filter(run_id=run.pk).order_by("position")
        if row.state == State.REFUSED
    ]

    first = history.page(run.pk, state=State.REFUSED)
    second = history.page(run.pk, state=State.REFUSED, after=first.next_after)
    gmail = history.page(run.pk, provider_id=1)

    found = [line.position for line in first.lines + second.lines]
    assert found == wanted
    assert (len(first.lines), second.next_after) == (PAGE, None)
    assert {line.provider for line in gmail.lines} == {"gmail"}


def test_a_filter_that_finds_nobody_looks_so_far_and_says_where(monkeypatch):
    monkeypatch.setattr(history, "BATCHES_A_PAGE", 1)
    many_readers(30, newsletter := a_newsletter(), domains=["gmail.com", "b.example"])
    run = a_run_for(newsletter)

    first = history.page(run.pk, state=State.REFUSED)

    assert first.lines == ()
    assert (first.next_after, first.looked_to) == (15, 15)


def test_the_page_shows_who_got_it_with_addresses_covered():
    run = a_mixed_run()
    visitor = an_editor()

    visitor.open(f"/desk/r/{run.pk}")
    visitor.follow("Who got it, when, by which relay")

    assert "550" in visitor.words
    assert "In doubt" in visitor.words
    assert "ann@a.example" not in visitor.words
    assert visitor.path == f"/ops/runs/{run.pk}/deliveries"


def test_the_page_takes_a_state_a_provider_and_a_relay():
    run = a_mixed_run()
    visitor = an_editor()

    visitor.open(f"/ops/runs/{run.pk}/deliveries?state=refused&provider=0&relay=1")
    refused = visitor.words
    visitor.open(f"/ops/runs/{run.pk}/deliveries?state=refused&relay=2")

    assert "550" in refused
    assert "line broke" not in refused
    assert "Nobody like that in this run" in visitor.words


@pytest.mark.parametrize("odd", ["state=odd", "after=-1", "relay=9999999999999"])
def test_what_no_filter_offers_is_not_found(odd):
    run = a_mixed_run()
    visitor = an_editor()

    visitor.open(f"/ops/runs/{run.pk}/deliveries?{odd}")

    assert visitor.status == 404


def test_a_person_is_looked_up_by_a_posted_address_that_no_url_holds():
    run = a_mixed_run()
    visitor = an_editor()

    visitor.open("/ops/people")
    visitor.press("Look up", mail="BEN@b.example")

    ben = people.subscriber_by_address("ben@b.example")
    assert visitor.path == f"/ops/people/{ben.id}"
    assert f"run {run.pk}" in visitor.words
    assert "550" in visitor.words
    assert "ben@b.example" not in visitor.words


def test_an_address_nobody_has_is_not_found_and_not_repeated():
    visitor = an_editor()

    visitor.open("/ops/people")
    visitor.press("Look up", mail="nobody@b.example")

    assert "Nobody has this address now" in visitor.words
    assert "nobody@b.example" not in visitor.words


def test_who_was_erased_keeps_her_lines_without_an_address():
    run = a_mixed_run()
    ben = people.subscriber_by_address("ben@b.example")
    audience.erase(subscriber_id=ben.id, evidence=Evidence(), now=NOW)
    visitor = an_editor()

    visitor.open(f"/ops/runs/{run.pk}/deliveries")
    in_list = visitor.words
    visitor.open(f"/ops/people/{ben.id}")

    assert "erased" in in_list
    assert "Mails to somebody who was erased" in visitor.words


def test_the_mails_of_a_person_are_the_latest_first_and_further_back_by_pages(
    monkeypatch,
):
    monkeypatch.setattr(history, "RUNS_A_PAGE", 2)
    reader = a_reader_of(newsletter := a_newsletter())
    runs = [a_run_for(newsletter).pk for _ in range(3)]

    latest = history.mails_to(reader.id)
    older = history.mails_to(reader.id, before=latest.before)

    assert [one.run_id for one in latest.deliveries] == [runs[2], runs[1]]
    assert [one.run_id for one in older.deliveries] == [runs[0]]


def test_nobody_sees_a_delivery_without_a_log_in():
    run = a_mixed_run()

    for path in (f"/ops/runs/{run.pk}/deliveries", "/ops/people", "/ops/people/1"):
        assert Client().get(path).headers["Location"].startswith("/desk/login")
