"""Relays as operators see them: what is wrong, who waits, out and back again."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from mailer.delivery import operations as delivery
from mailer.delivery import standing
from mailer.kernel.clock import utc_now
from mailer.ops import queries
from tests.kit.delivery import a_run_of
from tests.kit.desk import an_editor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_relays(settings):
    settings.RELAYS = ("smtp://localhost:1", "anymail+postmark://:key@api?cap=50")


def told(*words):
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_an_operator_takes_a_relay_out_and_puts_it_back():
    visitor = an_editor()
    visitor.open("/ops")

    visitor.press("Take relay 1 out")
    said, is_out = visitor.words, standing.is_out(relay_id=1)
    visitor.press("Use relay 1 again")

    assert "Relay 1 is taken out. What waited for it goes by the others." in said
    assert is_out
    assert "Relay 1 is in use again." in visitor.words
    assert not standing.is_out(relay_id=1)


def test_the_command_does_the_same_and_shows_how_they_stand():
    text = told("drain_relay", "2")

    assert "relay 1    smtp      not asked yet" in text
    assert "relay 2    postmark  taken out by " in text
    assert "relay 2    postmark  not asked yet, 0 of 50 today" in told("use_relay", "2")


def test_a_relay_that_is_not_there_is_one_line_and_exit_status_2():
    with pytest.raises(CommandError, match="There is no relay 9") as refusal:
        call_command("drain_relay", "9")

    assert refusal.value.returncode == 2


def test_a_program_reads_how_relays_stand():
    delivery.drain_relay(relay_id=2, by="Thandi", now=utc_now())

    first, second = json.loads(told("status", "--json"))["relays"]

    assert (first["position"], first["weight"]) == ("closed", 1)
    assert (second["kind"], second["cap"], second["drained_by"]) == (
        "postmark",
        50,
        "Thandi",
    )
    assert ":key@" not in told("status", "--json")


def test_who_waits_because_of_it_is_said_first(settings):
    settings.RELAYS = ("smtp://localhost:1?cap=1",)
    now = utc_now()
    a_run_of("ann@a.example", "ben@b.example", release_at=now, now=now)
    standing.allow(relay_id=1, want=1, now=now)

    [used_up] = [one for one in queries.status(now).troubles if "Relay" in one]
    delivery.drain_relay(relay_id=1, by="Thandi", now=now)
    [taken_out] = [one for one in queries.status(now).troubles if "Relay" in one]

    assert used_up == (
        "Relay 1 has had its mails of today, 1. No other takes its mail: "
        "2 people wait until midnight UTC."
    )
    assert taken_out == (
        "Relay 1 is taken out, by Thandi. No other takes its mail: 2 people wait."
    )
