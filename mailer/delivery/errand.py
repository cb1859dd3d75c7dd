"""What one drain carries from batch to batch: a pipe, a transport, and its time."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection

from mailer.delivery import control, dealing, lease, standing, tripwire
from mailer.delivery.flight import Flight
from mailer.delivery.headers import Unprintable
from mailer.delivery.ledger import DRAIN, LAST_CALL, TURN
from mailer.delivery.shaper import Shaper
from mailer.delivery.step import Hold, LeaseLost
from mailer.delivery.stock import presses_of
from mailer.delivery.transport import (
    Counting,
    Envelope,
    Meanwhile,
    RelayFault,
    Replies,
    Transport,
)
from mailer.kernel.clock import Clock

log = logging.getLogger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError)
DATABASE_SECONDS = 15  # to start again; what it is not told then is in doubt
LOOK_AT_RELAY = timedelta(seconds=1)  # whether a person took it out meanwhile
WATCH_EVERY = timedelta(seconds=1)  # whether too many refuse a run
MANY = 10  # refusals: looked at sooner
LONGEST_NAP = 0.5  # seconds without tokens; a batch of another lane may be due by then


def wait_for_the_database() -> None:
    """Wait until the database takes connections again, or not any longer."""
    for _second in range(DATABASE_SECONDS):
        connection.close_if_unusable_or_obsolete()
        try:
            connection.ensure_connection()
        except DATABASE_AWAY:
            time.sleep(1)
        else:
            return


def rest_after(
    relay_id: int, fault: RelayFault, *, now: datetime, is_probe: bool
) -> None:
    """Leave a relay alone for a while and let others take what waits for it."""
    standing.failed(
        relay_id=relay_id,
        reason=str(fault),
        now=now,
        is_probe=is_probe,
        wish=timedelta(seconds=fault.retry_after_seconds),
    )
    dealing.deal(now=now)


@dataclass(slots=True)
class Errand:
    """A drain's way from batch to batch."""

    pipe: lease.PipeHold
    transport: Transport
    shaper: Shaper
    clock: Clock
    urgent_only: bool
    stopping: Callable[[], bool]
    is_probe: bool = False  # of a relay that failed, until it has answered
    relay_known_to_work: bool = False
    is_out: bool = False
    ends_at: datetime = field(init=False)
    looked_at: datetime = field(init=False)
    watched_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.looked_at = self.watched_at = self.clock()
        self.ends_at = self.looked_at + DRAIN

    def go(self) -> bool:
        """Deliver batch after batch; return whether there is time for more."""
        while (may_go_on := self.may_go_on()) and self.deliver_a_batch():
            pass
        if self.is_probe and self.transport.fault is None:
            standing.greeted(relay_id=self.pipe.relay_id)
            dealing.deal(now=self.clock())
        return may_go_on

    def waits_for_tokens(self) -> bool:
        """Tell whether a lane that has no tokens will have some in time."""
        now = self.clock()
        lease.renew(self.pipe, now=now)
        rest = self.shaper.rest_seconds(now)
        return bool(rest) and now + timedelta(seconds=rest) < self.ends_at

    def nap_seconds(self) -> float:
        """Return how long nothing can leave, or a bit less."""
        return min(LONGEST_NAP, self.shaper.rest_seconds(self.clock()))

    def may_go_on(self) -> bool:
        """Tell whether there is time, and a relay, for one more window."""
        now = self.clock()
        if now - self.looked_at >= LOOK_AT_RELAY:
            self.is_out = standing.is_out(relay_id=self.pipe.relay_id)
            self.looked_at = now
        return (
            now < self.ends_at
            and self.transport.fault is None
            and not self.is_out
            and not self.stopping()
        )

    def deliver_a_batch(self) -> bool:
        """Lease a batch and take it along the wire; False if none is due."""
        hold = lease.lease_a_batch(
            relay_id=self.pipe.relay_id,
            writer=self.pipe.writer,
            now=self.clock(),
            urgent_only=self.urgent_only,
            resting=self.shaper.resting(self.clock()),
        )
        if hold is None:
            return False
        if self.shaper.held_until(hold, now=self.clock()) is not None:
            self._let_rest(hold, now=self.clock())
            return True
        try:
            presses = presses_of(
                run_id=hold.run_id, relay_id=self.pipe.relay_id, wave_at=hold.wave_at
            )
        except Unprintable as fault:
            self._put_aside(hold, str(fault))
            return True
        allowance = self._allowance(hold)
        if allowance.n == 0:
            self._hand_on(hold)
            return False
        if isinstance(self.transport, Counting):
            self.transport.keep_to(messages=self.shaper.messages(hold))
        flight = Flight(hold, presses, allowance, self.shaper, self.clock())
        try:
            self._carry(flight)
        except DATABASE_AWAY:
            flight.hear(self.transport.close())
            wait_for_the_database()
            self._settle_late(flight)
            now, again_from = self.clock(), flight.unsent
            lease.hand_back(hold, now=now, due_at=now, again_from=again_from)
            raise
        except BaseException:
            flight.hear(self.transport.close())
            self._settle_late(flight)
            raise
        finally:
            with suppress(*DATABASE_AWAY):
                standing.give_back(allowance)
        return True

    def _allowance(self, hold: Hold) -> standing.Allowance:
        left = hold.last - hold.next + 1
        want = left if hold.waiting is None else len(hold.waiting)
        return standing.allow(
            relay_id=hold.relay_id, want=max(1, want), now=self.clock()
        )

    def _hand_on(self, hold: Hold) -> None:
        """Give a batch back: the relay has had its mails of today. Others may go on."""
        now = self.clock()
        lease.hand_back(hold, now=now, due_at=now)
        dealing.deal(now=now)

    def _let_rest(self, hold: Hold, *, now: datetime) -> None:
        """Give a batch back for when its lane may go on."""
        due_at = self.shaper.let_rest(hold, now=now)
        lease.hand_back(hold, now=now, due_at=due_at)

    def _carry(self, flight: Flight) -> None:
        """Take a batch along the wire, never more than one window in flight."""
        hold = flight.hold
        meanwhile = self.transport if isinstance(self.transport, Meanwhile) else None
        while True:
            now = self.clock()
            lease.renew(self.pipe, now=now)
            room = self._room(flight, now=now) if self.may_go_on() else 0
            envelopes = flight.step(room=room, now=now, meanwhile=meanwhile)
            self.shaper.gone(hold, granted=room, asked=len(envelopes))
            self._watch(flight, now=now)
            if flight.flying:
                replies = self._replies(envelopes, now=now)
                flight.hear(replies, fault=self.transport.fault)
                self._note_the_relay(flight, now=now)
                self.shaper.write_down(hold, going=flight.per_second(now), now=now)
            elif not flight.answers and (
                not room or not hold.open or hold.next > hold.last
            ):
                return self._hand_back(flight, now=now)

    def _room(self, flight: Flight, *, now: datetime) -> int:
        if now - flight.began_at >= TURN:  # another lane's now
            return 0
        size = self.shaper.window(flight.hold, self.transport.pace, now=now)
        room = min(max(0, size - len(flight.flying)), flight.left)
        allowed = flight.allowance.left
        room = room if allowed is None else min(room, allowed)
        return self.shaper.take(flight.hold, wanted=room, now=now)

    def _watch(self, flight: Flight, *, now: datetime) -> None:
        """Stop a run short that too many refuse; without a refusal nobody counts."""
        is_time = now - self.watched_at >= WATCH_EVERY or flight.refused >= MANY
        if flight.refused and (is_time or not flight.flying):
            self.watched_at, flight.refused = now, 0
            tripwire.stop_short(run_id=flight.hold.run_id, now=now)

    def _replies(self, envelopes: list[Envelope], *, now: datetime) -> Replies:
        # No transaction is open here.
        if now >= self.ends_at + LAST_CALL:
            return self.transport.close()
        return self.transport.exchange(envelopes)

    def _note_the_relay(self, flight: Flight, *, now: datetime) -> None:
        if flight.spoken and not self.relay_known_to_work:
            if standing.works(relay_id=self.pipe.relay_id, now=now):
                dealing.deal(now=now)
            self.relay_known_to_work, self.is_probe = True, False

    def _hand_back(self, flight: Flight, *, now: datetime) -> None:
        fault = self.transport.fault
        again_from = None if fault is None else flight.unsent
        going = flight.per_second(now)
        self.shaper.write_down(flight.hold, going=going, now=now, at_last=True)
        due_at = self.shaper.let_rest(flight.hold, now=now)
        lease.hand_back(flight.hold, now=now, due_at=due_at, again_from=again_from)
        if fault is not None:
            rest_after(self.pipe.relay_id, fault, now=now, is_probe=self.is_probe)
        elif self.is_out or flight.allowance.left == 0:
            dealing.deal(now=now)

    def _put_aside(self, hold: Hold, reason: str) -> None:
        """Pause a run that cannot be printed, so that it holds up no other."""
        now = self.clock()
        control.pause(run_id=hold.run_id, by="delivery", reason=reason, now=now)
        lease.hand_back(hold, now=now, due_at=now)

    def _settle_late(self, flight: Flight) -> None:
        """Write down what the servers said, with a lease or without."""
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        try:
            flight.step(room=0, now=self.clock())
        except LeaseLost:
            log.info("delivery.batch.settled_late batch=%s", flight.hold.batch_id)
