"""Several relays: shares, ways, caps; what happens when one fails or is taken out."""

from collections import Counter

import pytest

from mailer.delivery import dealing, queries, standing
from mailer.delivery import operations as delivery
from mailer.delivery.ledger import State
from mailer.delivery.models import Batch, Run
from mailer.delivery.run import RunKind
from tests.kit.audience import NOW, a_newsletter, a_reader_of
from tests.kit.delivery import (
    BUSY,
    Hands,
    ScriptedTransport,
    a_run_for,
    a_run_of,
    drain,
    meanwhile,
    states,
)

pytestmark = pytest.mark.django_db
DOMAINS = [
    "gmail.com",
    "yahoo.com",
    "outlook.com",
    "icloud.com",
    "gmx.de",
    "mweb.co.za",
]
SIX = [f"reader@{domain}" for domain in DOMAINS]  # six providers: six batches


@pytest.fixture(autouse=True)
def _two_relays(settings):
    settings.RELAYS = ("smtp://localhost:1", "smtp://localhost:2")


def relays_are(settings, *options):
    settings.RELAYS = tuple(
        f"smtp://localhost:{n}?{one}" for n, one in enumerate(options, 1)
    )


def dealt():
    """Return how many batches wait at each relay."""
    return Counter(Batch.objects.filter(done=False).values_list("relay_id", flat=True))


# ── who gets what ──


def test_batches_are_dealt_by_weight(settings):
    relays_are(settings, "weight=2", "weight=1")

    a_run_of(*SIX)

    assert dealt() == {1: 4, 2: 2}


def test_a_newsletter_and_a_provider_go_by_the_relay_their_route_names(settings):
    alerts = a_newsletter(name="Alerts")
    relays_are(settings, "", "providers=gmail+yahoo", f"newsletters={alerts.slug}")

    a_run_of(*SIX)
    mine = Batch.objects.filter(relay_id=2)
    assert set(mine.values_list("provider_id", flat=True)) == {1, 2}
    assert dealt() == {1: 4, 2: 2}

    a_reader_of(alerts, address="ann@gmx.de")
    a_run_for(alerts)
    assert dealt()[3] == 1


def test_the_readers_of_a_domain_have_batches_of_their_own(settings):
    relays_are(settings, "", "domains=a.example")

    run = a_run_of("ann@a.example", "ben@b.example", "eve@a.example", "dan@c.example")

    [mine] = Batch.objects.filter(relay_id=2)
    assert (mine.domain, mine.last - mine.first + 1) == ("a.example", 2)
    relay = ScriptedTransport()
    drain(relay, relay_id=2)
    assert sorted(relay.heard) == ["ann@a.example", "eve@a.example"]
    assert queries.progress(run.pk).adds_up


def test_a_test_send_goes_the_way_of_its_newsletter(settings):
    newsletter = a_newsletter(name="Morning")
    relays_are(settings, "", f"newsletters={newsletter.slug}", "newsletters=@letters")

    lane = dealing_lane(RunKind.TEST, newsletter.id)
    letter = dealing_lane(RunKind.LETTER, 0)

    assert (lane["relay_id"], letter["relay_id"]) == (2, 3)


def dealing_lane(kind, newsletter_id):
    run = Run(pk=7, kind=kind, newsletter_id=newsletter_id)
    return dealing.lane_of(run, provider_id=0, address="ann@a.example", now=NOW)


# ── one fails ──


def test_what_waits_for_a_relay_that_fails_is_taken_by_the_others_at_once():
    run = a_run_of(*SIX)
    away, works = ScriptedTransport(away=True), ScriptedTransport()

    drain(away)
    assert dealt() == {2: 6}
    drain(works, relay_id=2)

    assert sorted(works.heard) == sorted(SIX)
    assert set(states(run).values()) == {State.ACCEPTED}


def test_it_is_shared_out_by_weight_too(settings):
    relays_are(settings, "", "weight=2", "weight=1", "providers=orange")
    a_run_of(*SIX)
    before = dealt()

    drain(ScriptedTransport(away=True))

    after = dealt()
    assert sum(after.values()) == sum(before.values())
    assert after[1] == after[4] == 0


def test_one_worker_alone_tries_again_with_one_batch_and_then_all_come_home():
    run = a_run_of(*SIX)
    clock = Hands()
    drain(ScriptedTransport(away=True), clock)
    clock.turn(seconds=1)
    seen = []

    def look_aside():
        other = ScriptedTransport()
        drain(other, clock)
        seen.append((other.heard, dealt()[2]))

    drain(ScriptedTransport(before_reply=meanwhile(look_aside)), clock)

    assert seen == [([], 5)]  # the other tried nothing; one batch had come
    assert Batch.objects.filter(done=False, relay_id=1).count() == 0
    drain(ScriptedTransport(), clock, relay_id=2)
    assert set(states(run).values()) == {State.ACCEPTED}
    sent_by = Batch.objects.values_list("relay_id", flat=True)
    assert Counter(sent_by) == {1: 3, 2: 3}


def test_a_probe_that_fails_sends_its_batch_away_again_and_waits_longer():
    a_run_of(*SIX)
    clock = Hands()
    drain(ScriptedTransport(away=True), clock)
    clock.turn(seconds=1)

    drain(ScriptedTransport(away=True), clock)

    assert dealt() == {2: 6}
    relay = queries.relays(now=clock())[0]
    assert (relay.failures, relay.position) == (2, "open")
    assert (relay.retry_at - clock()).total_seconds() == 2


def test_a_relay_nobody_has_mail_for_is_greeted_and_put_to_use_again():
    clock = Hands()
    a_run_of("ann@a.example")
    drain(ScriptedTransport(away=True), clock, relay_id=1 + dealt()[2])
    [failed] = [one for one in (1, 2) if standing.usable(now=clock()) == {3 - one}]
    drain(ScriptedTransport(), clock, relay_id=3 - failed)
    clock.turn(seconds=1)

    found = delivery.look(now=clock())
    drain(ScriptedTransport(), clock, relay_id=failed)

    assert found == [failed]
    assert standing.usable(now=clock()) == {1, 2}


def test_with_no_relay_left_mail_waits_and_leaves_when_one_is_back():
    run = a_run_of(*SIX)
    clock = Hands()
    drain(ScriptedTransport(away=True), clock)
    drain(ScriptedTransport(away=True), clock, relay_id=2)
    assert sum(dealt().values()) == 6
    clock.turn(seconds=2)

    back = ScriptedTransport()
    drain(back, clock)
    drain(back, clock, relay_id=2)
    drain(back, clock)

    assert set(states(run).values()) == {State.ACCEPTED}
    assert sorted(back.heard) == sorted(SIX)


def test_a_relay_that_left_the_settings_strands_nothing(settings):
    a_run_of(*SIX)
    settings.RELAYS = ("smtp://localhost:1",)

    delivery.look(now=NOW)

    assert dealt() == {1: 6}


def test_a_run_opened_while_a_relay_is_away_goes_by_the_other_and_comes_home():
    a_run_of("ann@a.example")
    clock = Hands()
    home = 1 + dealt()[2]
    drain(ScriptedTransport(away=True), clock, relay_id=home)
    a_run_of(*SIX)
    assert dealt()[home] == 0
    clock.turn(seconds=1)

    drain(ScriptedTransport(), clock, relay_id=home)

    assert set(Batch.objects.filter(done=True).values_list("relay_id")) == {(home,)}


# ── one is taken out ──


def test_a_relay_taken_out_gets_nothing_new_and_what_waited_for_it_moves():
    run = a_run_of(*SIX)

    delivery.drain_relay(relay_id=1, by="Thandi", now=NOW)

    untouched, other = ScriptedTransport(), ScriptedTransport()
    drain(untouched)
    drain(other, relay_id=2)
    assert (untouched.heard, sorted(other.heard)) == ([], sorted(SIX))
    assert set(states(run).values()) == {State.ACCEPTED}
    relay = queries.relays(now=NOW)[0]
    assert (relay.drained_by, relay.drained_at) == ("Thandi", NOW)


def test_what_is_in_flight_when_it_is_taken_out_finishes_and_the_rest_goes_elsewhere():
    run = a_run_of(*[f"reader{n}@gmail.com" for n in range(9)])
    [first] = Batch.objects.values_list("relay_id", flat=True)
    clock = Hands()

    def take_out():
        delivery.drain_relay(relay_id=first, by="Thandi", now=clock())
        clock.turn(seconds=1)

    taken_out = ScriptedTransport(window=4, before_reply=meanwhile(take_out))
    drain(taken_out, clock, relay_id=first)
    other = ScriptedTransport()
    drain(other, clock, relay_id=3 - first)

    assert (len(taken_out.heard), len(other.heard)) == (4, 5)
    assert set(states(run).values()) == {State.ACCEPTED}


def test_a_relay_put_back_gets_its_own_again():
    a_run_of(*SIX)
    delivery.drain_relay(relay_id=1, by="Thandi", now=NOW)
    assert dealt() == {2: 6}

    delivery.use_relay(relay_id=1, by="Thandi", now=NOW)

    assert dealt() == {1: 3, 2: 3}


def test_the_only_relay_may_be_taken_out_and_its_mail_waits(settings):
    settings.RELAYS = ("smtp://localhost:1",)
    a_run_of(*SIX)

    delivery.drain_relay(relay_id=1, by="Thandi", now=NOW)
    relay = ScriptedTransport()
    drain(relay)

    assert (relay.heard, dealt()) == ([], {1: 6})


def test_a_relay_that_is_not_there_cannot_be_taken_out():
    with pytest.raises(delivery.NoSuchRelay, match=r"RELAYS has 2\.$"):
        delivery.drain_relay(relay_id=3, by="Thandi", now=NOW)


# ── mails a day ──


def test_a_relay_takes_no_more_than_its_cap_and_others_go_on(settings):
    settings.RELAYS = ("smtp://localhost:1",)
    run = a_run_of(*[f"reader{n}@gmail.com" for n in range(10)])
    relays_are(settings, "cap=4", "")

    capped, other = ScriptedTransport(window=64), ScriptedTransport()
    drain(capped)
    drain(other, relay_id=2)

    assert (len(capped.heard), len(other.heard)) == (4, 6)
    assert set(states(run).values()) == {State.ACCEPTED}


def test_what_a_relay_did_not_take_does_not_count(settings):
    relays_are(settings, "cap=4")
    a_run_of(*[f"reader{n}@gmail.com" for n in range(6)])

    relay = ScriptedTransport([BUSY, BUSY, None], window=2)
    drain(relay)

    assert len(relay.heard) == 6  # two put off, one in doubt, three accepted
    assert standing.used_of_day([1], now=NOW) == {1: 4}


def test_alone_it_lets_the_rest_wait_for_the_next_day_and_says_so(settings):
    relays_are(settings, "cap=4")
    run = a_run_of(*[f"reader{n}@gmail.com" for n in range(6)])
    clock = Hands()
    relay = ScriptedTransport()
    drain(relay, clock)
    drain(relay, clock)
    assert len(relay.heard) == 4
    [view] = queries.relays(now=clock())
    assert (view.used_today, view.cap, view.waiting) == (4, 4, 2)

    clock.turn(hours=20)
    drain(relay, clock)

    assert set(states(run).values()) == {State.ACCEPTED}


def test_a_worker_that_dies_can_lose_of_a_cap_and_never_pass_it(settings):
    relays_are(settings, "cap=10")
    first = standing.allow(relay_id=1, want=8, now=NOW)
    second = standing.allow(relay_id=1, want=8, now=NOW)

    third = standing.allow(relay_id=1, want=8, now=NOW)

    assert [first.n, second.n, third.n] == [8, 2, 0]
    first.used = 3
    standing.give_back(first)
    standing.give_back(first)
    assert standing.used_of_day([1], now=NOW) == {1: 5}
