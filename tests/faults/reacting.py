"""From a click to the last mail after it: leaving, suppression, pause and cancel.

The click is the moment before the operation is called. Readers are those the workers
are about to ask for, so that each click races with a window; the mail that was on its
way then is the one that comes after it.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from mailer.audience import operations as audience
from mailer.audience.consent import Evidence
from mailer.audience.leaving import How
from mailer.delivery import operations as delivery
from mailer.delivery.ledger import State
from mailer.delivery.models import Delivery
from mailer.kernel.blame import Blame
from mailer.kernel.clock import utc_now
from tests.faults.storm import WINDOW, WORKERS, Storm, storm
from tests.kit.processes import until
from tests.kit.recorder import last_taken_at_ns, taken

LEAVERS = 300
PAUSES = 40
STOPS = 20
NEAR = 2 * WINDOW  # positions ahead of what was asked for last
HOW = Evidence(form="test", channel="test")
NEXT = """
SELECT s.id, s.address FROM batch b
  JOIN delivery d ON d.run_id = b.run_id AND d.state = 'due'
       AND d.position BETWEEN b.next AND least(b.last, b.next + %(near)s)
  JOIN audience_subscriber s ON s.id = d.subscriber_id
 WHERE b.run_id = %(run)s AND b.lease_ends_at IS NOT NULL AND NOT b.done
"""

Click = Callable[[int, int], object]  # of a subscriber, at a newsletter


@dataclass(frozen=True)
class Reaction:
    """How long mail came after a click, for each: milliseconds, 0 where none did."""

    name: str
    waits_ms: tuple[float, ...]

    @property
    def p99_ms(self) -> int:
        """Return what 99 of 100 waited at most."""
        rank = math.ceil(0.99 * len(self.waits_ms))
        return round(sorted(self.waits_ms)[rank - 1])

    def __str__(self) -> str:
        late = sum(ms > 0 for ms in self.waits_ms)
        return (
            f"{self.name:34} clicks {len(self.waits_ms):3}  followed by mail {late:3}  "
            f"p99 {self.p99_ms} ms  the last {max(self.waits_ms):.0f} ms after"
        )


def all_of(tables: Path) -> Iterator[Reaction]:
    """Try each at full speed, with workers on every core."""
    with storm(tables) as fire:
        fire.start_workers()
        yield Reaction("leaving", _readers_click(fire, _leave))
        yield Reaction("suppression", _readers_click(fire, _suppress))
        yield Reaction("pause", tuple(_pauses(fire)))
        yield Reaction("cancel", tuple(_stops(fire)))


def _leave(subscriber_id: int, newsletter_id: int) -> None:
    audience.unsubscribe(
        subscriber_id=subscriber_id,
        newsletter_id=newsletter_id,
        how=How.PAGE,
        evidence=HOW,
        now=utc_now(),
    )


def _suppress(subscriber_id: int, _newsletter_id: int) -> None:
    audience.hear(
        subscriber_id=subscriber_id,
        blame=Blame.ADDRESS,
        evidence_text="550 5.1.1 no such mailbox",
        now=utc_now(),
    )


def _readers_click(fire: Storm, click: Click) -> tuple[float, ...]:
    """Let readers just ahead of the workers click, one after another."""
    newsletter = fire.newsletter(60_000)
    run_id = fire.open(newsletter)
    fire.ring(len(WORKERS))
    fire.wait_for_mail(2_000)
    clicked: dict[str, int] = {}
    while len(clicked) < LEAVERS and fire.left(run_id):
        ahead = [one for one in _ahead(run_id) if one[1] not in clicked]
        if not ahead:
            continue
        subscriber_id, address = fire.random.choice(ahead)
        clicked[address] = time.time_ns()
        click(subscriber_id, newsletter.id)
    fire.finish()
    last = {mail.address: mail.at_ns for mail in taken(fire.here.home)}
    return tuple(_ms(at, last.get(address, 0)) for address, at in clicked.items())


def _pauses(fire: Storm) -> Iterator[float]:
    """Pause a run again and again; each time wait for what is on its way."""
    newsletter = fire.newsletter(40_000)
    run_id = fire.open(newsletter)
    for _ in range(PAUSES):
        if fire.left(run_id) < 2_000:
            fire.finish()
            run_id = fire.open(newsletter)
        fire.ring(len(WORKERS))
        fire.wait_for_mail(fire.random.randrange(100, 600))
        clicked_at = time.time_ns()
        delivery.pause(run_id=run_id, by="test", now=utc_now())
        yield _last_after(fire, run_id, clicked_at)
        delivery.resume(run_id=run_id, by="test", now=utc_now())
    fire.ring(len(WORKERS))
    fire.finish()


def _stops(fire: Storm) -> Iterator[float]:
    """Stop one run after another."""
    newsletter = fire.newsletter(5_000)
    for _ in range(STOPS):
        run_id = fire.open(newsletter)
        fire.ring(len(WORKERS))
        fire.wait_for_mail(fire.random.randrange(100, 1_000))
        clicked_at = time.time_ns()
        delivery.stop(run_id=run_id, by="test", reason="test", now=utc_now())
        yield _last_after(fire, run_id, clicked_at)


def _last_after(fire: Storm, run_id: int, clicked_at: int) -> float:
    going = Delivery.objects.filter(run_id=run_id, state=State.IN_FLIGHT)
    until(lambda: not going.exists(), "the last of them")
    return _ms(clicked_at, last_taken_at_ns(fire.here.home))


def _ms(clicked_at: int, last_at: int) -> float:
    return max(0, last_at - clicked_at) / 1e6


def _ahead(run_id: int) -> list[tuple[int, str]]:
    """Return who of a run is asked for next."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT, {"run": run_id, "near": NEAR})
        return list(cursor.fetchall())
