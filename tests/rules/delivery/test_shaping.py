"""The file that says how fast mail may go: what it may hold, and each fault by name."""

import re
import tomllib
from datetime import time
from pathlib import Path

import pytest

from mailer.audience.providers import PROVIDERS
from mailer.delivery.shaping import (
    RECEIVERS,
    Limits,
    PauseARun,
    QuietHours,
    Shaping,
)
from mailer.delivery.shapingfile import read_shaping

GMAIL = 1
ORANGE = 7
EXAMPLE = """
[relay.1]
per_second = 200
direct = true
[relay.1.gmail]
per_second = 20
messages = 40
[relay.2.gmail]
per_second = 5
connections = 2
[quiet_hours]
all = "22:00-06:00"
[quiet_hours.newsletters]
late-night = ""
[pause_a_run]
bounces_percent = 3
"""


def shaping_of(text: str) -> Shaping:
    shaping, faults = read_shaping(tomllib.loads(text))
    assert faults == []
    return shaping


def test_without_a_file_nothing_is_limited():
    relay = Shaping().relay(1)

    assert relay.per_second is None
    assert relay.limits(GMAIL) == Limits()
    assert Shaping().quiet_hours("morning") is None


def test_receivers_have_their_published_limits_where_a_relay_is_direct():
    relay = shaping_of("[relay.1]\ndirect = true").relay(1)

    assert relay.limits(GMAIL) == Limits(connections=5, messages=50)
    assert relay.limits(ORANGE) == Limits(connections=2, messages=100)


def test_what_the_paper_says_of_a_receiver_stands_above_what_is_published():
    relay = shaping_of(EXAMPLE).relay(1)

    assert relay.per_second == 200
    assert relay.limits(GMAIL) == Limits(per_second=20, connections=5, messages=40)


def test_a_relay_that_queues_by_itself_has_only_rates():
    assert shaping_of(EXAMPLE).relay(2).limits(GMAIL) == Limits(per_second=5)


def test_a_newsletter_may_have_other_quiet_hours_or_none():
    shaping = shaping_of(EXAMPLE)

    assert shaping.quiet_hours("morning") == QuietHours(time(22), time(6))
    assert shaping.quiet_hours("late-night") is None


def test_what_is_not_said_of_pausing_stays_as_it_is():
    assert shaping_of(EXAMPLE).pause_a_run == PauseARun(bounces_percent=3.0)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("speed = 1", "speed is not a part; relay, quiet_hours, pause_a_run are"),
        ("relay = 1", "relay must be a table"),
        ("[relay.first]", "relay.first must be a table with the relay's number"),
        ("[relay.1.gmial]", "relay.1.gmial is no receiver we know"),
        ("[relay.1]\ndirect = 1", "relay.1.direct must be true or false"),
        ("[relay.1]\nspeed = 1", "relay.1.speed is not known; per_second"),
        (
            "[relay.1]\nper_second = 0",
            "relay.1.per_second must be a number above 0, got 0",
        ),
        (
            "[relay.1.gmail]\nconnections = 1.5",
            "relay.1.gmail.connections must be a number above 0, got 1.5",
        ),
        (
            '[quiet_hours]\nall = "22-6"',
            'quiet_hours.all must be such as "22:00-06:00" or "", got \'22-6\'',
        ),
        ("[pause_a_run]\nat_least = 0", "pause_a_run.at_least cannot be 0"),
    ],
)
def test_each_fault_is_named_by_its_place(text, fault):
    _, faults = read_shaping(tomllib.loads(text))

    assert faults == [fault]


def test_the_file_of_the_manual_can_be_read():
    manual = Path("docs/shaping.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```toml\n(.*?)```", manual, re.DOTALL)

    assert shaping_of(example).relay(1).direct


def test_every_published_limit_is_of_a_receiver_we_know():
    assert set(RECEIVERS) <= {name for name, _ in PROVIDERS.values()}
