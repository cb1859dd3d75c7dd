"""One run in local-time waves: released once, each reader once, at her own hour."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.audience import operations as audience
from mailer.audience.consent import Evidence
from mailer.delivery import operations as delivery
from mailer.delivery import queries
from mailer.delivery.models import Batch, Delivery, Run
from mailer.delivery.progress import Waiting
from mailer.delivery.run import LIFETIMES, RunKind, RunState
from mailer.editions import operations as editing
from mailer.editions import queries as editions
from mailer.ops.status import stands_still
from tests.kit.audience import a_domain, a_reader_of
from tests.kit.delivery import BUSY, Hands, ScriptedTransport, drain
from tests.kit.editions import NOW, a_digest_newsletter, planned, stored_stories

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
# The paper's six in Karanda (UTC+2) is 04:00 UTC; New York's six is seven hours later.
WEST, EAST = "America/New_York", "Asia/Tokyo"


def a_digest_in_waves(zones, *, domain="a.example"):
    """Return an approved digest of six o'clock for a reader in each zone, r0 …"""
    newsletter = a_digest_newsletter(f"waves-{domain.replace('.', '-')}")
    editing.set_recipe(newsletter_id=newsletter.id, waves="reader", now=NOW)
    people = [
        a_reader_of(newsletter, address=f"r{n}@{domain}", time_zone=zone)
        for n, zone in enumerate(zones)
    ]
    stored_stories(f"The dam holds {domain}", f"Rain {domain}")
    edition = planned(newsletter)
    editing.approve(edition_id=edition.id, seen_hash=edition.hash, by="Sipho", now=NOW)
    return editions.edition(edition.id), people


def test_readers_west_of_the_paper_wait_for_their_own_six():
    edition, _people = a_digest_in_waves(["", WEST, EAST])
    relay, clock = ScriptedTransport(), Hands(edition.release_at)

    delivery.open_due(now=clock())
    drain(relay, clock)
    at_release = list(relay.heard)
    clock.turn(hours=6, minutes=59)
    drain(relay, clock)
    before_six = len(relay.heard)
    clock.turn(minutes=1)
    drain(relay, clock)

    assert sorted(at_release) == ["r0@a.example", "r2@a.example"]
    assert before_six == 2
    assert relay.heard[2:] == ["r1@a.example"]
    run = Run.objects.get(edition_id=edition.id)
    assert queries.progress(run.pk).state is RunState.DONE


def test_the_progress_says_how_many_wait_until_when_and_that_nothing_stands_still():
    edition, _people = a_digest_in_waves(["", WEST, WEST])
    clock = Hands(edition.release_at)

    delivery.open_due(now=clock())
    drain(ScriptedTransport(), clock)
    run = queries.progress_of_edition(edition.id)

    assert run.waves == (Waiting(edition.release_at + 7 * HOUR, 2),)
    assert (run.accepted, run.due, run.adds_up) == (1, 2, True)
    assert run.due_at(clock()) == 0
    assert not stands_still(run, at=clock() + 6 * HOUR)
    assert not stands_still(run, at=clock() + 7 * HOUR)
    assert stands_still(run, at=clock() + 7 * HOUR + timedelta(minutes=2))


def test_a_mail_is_dated_by_the_hour_of_its_reader():
    edition, _people = a_digest_in_waves([WEST])
    relay, clock = ScriptedTransport(), Hands(edition.release_at + 7 * HOUR)

    delivery.open_due(now=edition.release_at)
    drain(relay, clock)

    [envelope] = relay.envelopes
    assert b"\r\nDate: Tue, 24 Nov 2026 11:00:00 +0000\r\n" in envelope.message


def test_a_run_has_its_whole_time_after_its_last_wave():
    edition, _people = a_digest_in_waves(["", WEST])

    delivery.open_due(now=edition.release_at)

    run = Run.objects.get(edition_id=edition.id)
    usual = LIFETIMES[RunKind.DIGEST]
    assert run.give_up_at == edition.release_at + 7 * HOUR + usual


def test_who_moves_while_waves_are_under_way_gets_exactly_one():
    edition, [near, far] = a_digest_in_waves(["", WEST])
    relay, clock = ScriptedTransport(), Hands(edition.release_at)
    delivery.open_due(now=clock())
    drain(relay, clock)

    for person, zone in ((near, WEST), (far, "")):
        audience.set_time_zone(
            subscriber_id=person.id, time_zone=zone, evidence=Evidence(), now=clock()
        )
    delivery.open_due(now=clock())
    clock.turn(hours=12)
    drain(relay, clock)

    assert Counter(relay.heard) == {"r0@a.example": 1, "r1@a.example": 1}


def test_an_undo_in_the_hold_takes_every_wave_back():
    edition, _people = a_digest_in_waves(["", WEST])
    before = edition.release_at - timedelta(seconds=30)
    delivery.open_due(now=before)

    undone = delivery.undo(edition_id=edition.id, by="Sipho", now=before)

    run = queries.progress_of_edition(edition.id)
    assert undone
    assert (run.state, run.cancelled, run.waves) == (RunState.STOPPED, 2, ())


def test_a_stop_between_two_waves_cancels_those_to_come():
    edition, _people = a_digest_in_waves(["", WEST, WEST])
    clock = Hands(edition.release_at)
    delivery.open_due(now=clock())
    drain(ScriptedTransport(), clock)
    run = Run.objects.get(edition_id=edition.id)

    end = delivery.stop(run_id=run.pk, by="Thandi", reason="wrong", now=clock())

    assert (end.gone, end.left) == (1, 2)
    assert not Batch.objects.filter(run=run, done=False).exists()


def test_the_papers_own_people_get_it_at_the_release_wherever_they_are():
    edition, [reader] = a_digest_in_waves([WEST])
    audience.set_staff(address="r0@a.example", now=NOW)

    delivery.open_due(now=edition.release_at)

    [batch] = Batch.objects.filter(run__edition_id=edition.id)
    assert (batch.due_at, batch.wave_at) == (edition.release_at, None)
    assert Delivery.objects.get().subscriber_id == reader.id


def test_without_waves_all_of_a_run_is_due_at_its_release():
    edition, _people = a_digest_in_waves(["", WEST, EAST])
    newsletter = edition.newsletter.id
    editing.set_recipe(newsletter_id=newsletter, waves="together", now=NOW)

    delivery.open_due(now=edition.release_at)

    batches = Batch.objects.filter(run__edition_id=edition.id)
    assert {one.due_at for one in batches} == {edition.release_at}
    assert queries.progress_of_edition(edition.id).waves == ()


def test_a_recipe_says_how_long_a_mail_is_worth_sending():
    edition, _people = a_digest_in_waves(["", ""])
    newsletter = edition.newsletter.id
    editing.set_recipe(newsletter_id=newsletter, expires_minutes=30, now=NOW)
    relay, clock = ScriptedTransport([BUSY, BUSY] * 9), Hands(edition.release_at)

    delivery.open_due(now=clock())
    drain(relay, clock)
    clock.turn(minutes=30)
    drain(relay, clock)
    delivery.look(now=clock())

    assert len(relay.heard) == 2
    run = queries.progress_of_edition(edition.id)
    assert (run.cancelled, run.state) == (2, RunState.DONE)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    zones=st.lists(
        st.sampled_from(["", WEST, EAST, "Europe/London", "America/Los_Angeles"]),
        min_size=1,
        max_size=6,
    ),
    moves=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["", WEST, EAST]))),
)
def test_law_in_waves_each_reader_gets_one_and_the_sums_add_up(zones, moves):
    domain = a_domain()
    edition, people = a_digest_in_waves(zones, domain=domain)
    relay, clock = ScriptedTransport(), Hands(edition.release_at)
    delivery.open_due(now=clock())
    left = iter(moves)

    for _hour in range(20):
        drain(relay, clock)
        run = queries.progress_of_edition(edition.id)
        waiting = sum(wave.people for wave in run.waves)
        assert (run.total, waiting) == (len(zones), run.due)
        which, zone = next(left, (0, zones[0]))
        audience.set_time_zone(
            subscriber_id=people[which % len(people)].id,
            time_zone=zone,
            evidence=Evidence(),
            now=clock(),
        )
        clock.turn(hours=1)

    heard = Counter(address for address in relay.heard if domain in address)
    assert heard == {f"r{n}@{domain}": 1 for n in range(len(zones))}
