"""A relay in its warm-up: a day's cap for each receiver, and the rest waits."""

from datetime import timedelta

import pytest

from mailer.audience import operations as audience
from mailer.audience.letter import LetterKind
from mailer.delivery import operations as delivery
from mailer.delivery.ledger import State
from mailer.delivery.models import Batch, LaneDay
from mailer.delivery.reply import not_sent
from tests.kit.audience import NOW, a_newsletter, a_subscriber, many_readers
from tests.kit.delivery import (
    BUSY,
    Hands,
    ScriptedTransport,
    a_run_for,
    drain,
    states,
)

pytestmark = pytest.mark.django_db
GMAIL = 1


def a_warm_up() -> None:
    delivery.begin_warm_up(relay_id=1, begins_on=NOW.date(), by="Zola")


def a_run_to(n: int, *domains: str):
    many_readers(n, newsletter := a_newsletter(), domains=domains)
    return a_run_for(newsletter)


def heard_at(relay: ScriptedTransport, domain: str) -> int:
    return sum(address.endswith(domain) for address in relay.heard)


def test_a_receiver_gets_no_more_than_the_days_cap_and_the_rest_waits_for_tomorrow():
    a_warm_up()
    run = a_run_to(300, "gmail.com", "outlook.com")
    relay = ScriptedTransport()

    drain(relay)

    assert (heard_at(relay, "gmail.com"), heard_at(relay, "outlook.com")) == (100, 100)
    assert list(states(run).values()).count(State.DUE) == 100
    assert all(batch.due_at > NOW for batch in Batch.objects.filter(done=False))


def test_after_a_good_day_twice_as_many_go():
    a_warm_up()
    a_run_to(400, "gmail.com")
    clock = Hands()
    first, second = ScriptedTransport(), ScriptedTransport()

    drain(first, clock)
    clock.turn(hours=23, minutes=59)
    drain(second, clock)

    assert (len(first.heard), len(second.heard)) == (100, 200)


def test_after_a_day_with_much_put_off_the_same_cap_comes_again():
    a_warm_up()
    a_run_to(400, "gmail.com")
    clock = Hands()
    second = ScriptedTransport()

    drain(ScriptedTransport([BUSY] * 11), clock)
    clock.turn(hours=23, minutes=59)
    drain(second, clock)

    assert len(second.heard) == 100


def test_what_did_not_leave_after_all_does_not_count():
    a_warm_up()
    a_run_to(10, "gmail.com")

    drain(ScriptedTransport([not_sent("the line broke")] * 4))

    day = LaneDay.objects.get(provider_id=GMAIL)
    assert (day.taken, day.deferred) == (6, 0)


def test_a_letter_leaves_whatever_the_cap():
    a_warm_up()
    a_run_to(150, "gmail.com")
    drain(ScriptedTransport())
    person = a_subscriber("ann@gmail.com")
    link = {"url": "https://news.causeway.example/p/in/x", "minutes": 15}
    audience.ask_letter(
        kind=LetterKind.LINK, subscriber_id=person.id, data=link, now=NOW
    )
    delivery.open_letters(now=NOW)
    relay = ScriptedTransport()

    drain(relay)

    assert relay.heard == ["ann@gmail.com"]


def test_a_relay_known_by_now_gets_what_waited():
    a_warm_up()
    a_run_to(150, "gmail.com")
    drain(ScriptedTransport())
    relay = ScriptedTransport()

    delivery.end_warm_up(relay_id=1, by="Zola", now=NOW)
    drain(relay)

    assert len(relay.heard) == 50


def test_a_warm_up_that_begins_tomorrow_holds_nothing_back_today():
    tomorrow = NOW.date() + timedelta(days=1)
    delivery.begin_warm_up(relay_id=1, begins_on=tomorrow, by="Zola")
    a_run_to(150, "gmail.com")
    relay = ScriptedTransport()

    drain(relay)

    assert len(relay.heard) == 150
