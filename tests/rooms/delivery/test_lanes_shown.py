"""What operators see of lanes, and the commands that change them."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from mailer.delivery.lanetable import lane_table
from mailer.delivery.models import Lane, LaneDay, WarmUp
from mailer.delivery.shaping import Limits, RelayShaping, Shaping
from mailer.kernel.clock import utc_now
from tests.kit.audience import NOW
from tests.kit.delivery import ScriptedTransport, a_run_of, drain

pytestmark = pytest.mark.django_db
GMAIL = 1


def said(command: str, *arguments: object, **options: object) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def a_lane(**fields) -> None:
    Lane.objects.create(relay_id=1, provider_id=GMAIL, since=NOW, **fields)


def test_a_lane_shows_what_waits_and_no_trouble_where_there_is_none():
    a_run_of("ann@gmail.com", "ben@gmail.com")

    [lane] = lane_table(NOW)

    assert (lane.receiver, lane.waiting, lane.why) == ("gmail", 2, "")


def test_a_lane_without_mail_or_trouble_is_not_shown():
    a_run_of("ann@gmail.com")
    drain(ScriptedTransport())

    assert lane_table(NOW) == []


def test_a_suspended_lane_says_until_when_and_why():
    a_lane(suspended_until=NOW + timedelta(hours=1), reason="blocked (550 5.7.1)")

    [lane] = lane_table(NOW)

    assert lane.suspended_until == NOW + timedelta(hours=1)
    assert lane.why.endswith(": blocked (550 5.7.1)")
    assert lane.why.startswith("suspended until ")


def test_a_slowed_lane_says_how_fast_it_may_go(settings):
    settings.SHAPING = Shaping(
        relays={1: RelayShaping(receivers={GMAIL: Limits(per_second=80)})}
    )
    a_lane(rate=25, usual=50, changed_at=NOW, reason="more slowly")

    [lane] = lane_table(NOW)

    assert lane.per_second == 25
    assert "50.0 a second before: more slowly" in lane.why


def test_a_day_of_a_warm_up_says_that_the_rest_leaves_tomorrow():
    a_run_of("ann@gmail.com")
    WarmUp.objects.create(relay_id=1, begins_on=NOW.date())
    LaneDay.objects.create(relay_id=1, provider_id=GMAIL, on=NOW.date(), taken=100)

    [lane] = lane_table(NOW)

    assert lane.why == (
        "step 1 of its warm-up, 100 of 100 today; the rest leaves tomorrow"
    )


def test_the_command_shows_the_same_as_json():
    a_run_of("ann@gmail.com", release_at=utc_now(), now=utc_now())

    [lane] = json.loads(said("lanes", "--json"))

    assert (lane["receiver"], lane["waiting"]) == ("gmail", 1)
    assert "gmail" in said("lanes")


def test_the_limits_that_hold_are_shown_as_the_file_would_say_them(settings):
    settings.SHAPING = Shaping(relays={1: RelayShaping(direct=True)})

    assert "[relay.1.icloud]\nconnections = 10\nmessages = 5" in said(
        "lanes", "--limits"
    )


def test_a_lane_is_resumed_by_name():
    a_lane(suspended_until=NOW + timedelta(hours=1), reason="blocked")

    assert said("resume_lane", 1, "gmail") == "It goes on.\n"
    assert said("resume_lane", 1, "gmail").startswith("Nothing held it back")
    assert lane_table(NOW) == []


def test_a_warm_up_is_begun_and_ended_by_a_command():
    assert "100, 200, 400" in said("warm_up", 1, begins_on="2026-12-01")
    assert WarmUp.objects.get().begins_on.isoformat() == "2026-12-01"
    assert said("warm_up", 1, end=True) == "It has ended.\n"


@pytest.mark.parametrize(
    ("command", "arguments", "options"),
    [
        ("resume_lane", ["1", "gmial"], {}),
        ("warm_up", ["9"], {"end": True}),
        ("warm_up", ["1"], {"begins_on": "tomorrow"}),
    ],
)
def test_what_cannot_be_is_refused(command, arguments, options):
    with pytest.raises(CommandError):
        call_command(command, *arguments, **options)
