"""What one drain asks before each window: may this lane go, how fast, and if not, when.

It knows the file of the paper, the buckets in Redis and the table of lanes, which it
reads again each second. Without a limit and without trouble it asks nobody anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from mailer.delivery import buckets, lanes, warming
from mailer.delivery.lane import Standing
from mailer.delivery.ledger import window_size
from mailer.delivery.models import Run
from mailer.delivery.phrases import Signal
from mailer.delivery.quiet import quiet_until
from mailer.delivery.shaping import Limits, QuietHours, RelayShaping
from mailer.delivery.step import Hold
from mailer.delivery.transport import Pace
from mailer.delivery.verdict import Outcome, Verdict
from mailer.editions import queries as editions
from mailer.kernel.priority import Priority

READ_EVERY = timedelta(seconds=1)  # the lanes; and what is heard is written as often
URGENT = Priority.LETTER  # and above: may take a bucket's last tokens


@dataclass(slots=True)
class _Heard:
    """What a lane's receiver has said since it was written down last."""

    answers: int = 0
    slower: str = ""
    fault: str = ""
    faults: int = 0
    deferred: int = 0
    unsent: int = 0  # had leave and did not go


@dataclass(slots=True)
class Shaper:
    """The lanes of one relay, as one pipe sees them."""

    relay_id: int
    relay: RelayShaping
    buckets: buckets.Buckets
    pipes: int
    quiet: Mapping[str, QuietHours | None] = field(default_factory=dict)
    _clocks: dict[int, tuple[str, ZoneInfo]] = field(default_factory=dict)  # of runs
    _standings: dict[int, Standing] = field(default_factory=dict)
    _read_at: datetime | None = None
    _resting: dict[tuple[int | None, bool], datetime] = field(default_factory=dict)
    _heard: dict[int, _Heard] = field(default_factory=dict)
    _written_at: dict[int, datetime] = field(default_factory=dict)
    _plans: dict[int, warming.Plan | None] = field(default_factory=dict)
    _full: set[int] = field(default_factory=set)  # lanes that had their day's mail

    # ── before a batch ──

    def resting(self, now: datetime) -> list[tuple[int | None, bool]]:
        """Return the lanes that have no tokens now: provider, and whether urgent.

        None is each provider: the relay has none.
        """
        self._resting = {
            lane: until for lane, until in self._resting.items() if until > now
        }
        return list(self._resting)

    def rest_seconds(self, now: datetime) -> float:
        """Return how long until the first of the resting lanes may go on, 0 if none."""
        at = min(self._resting.values(), default=None)
        return 0.0 if at is None else max(0.001, (at - now).total_seconds())

    def held_until(self, hold: Hold, *, now: datetime) -> datetime | None:
        """Return until when a batch may not leave, None if it may. Letters always may.

        The lane's other batches wait as well, or in quiet hours the run's: `let_rest`.
        """
        return self._lane_until(hold, now) or self._quiet_until(hold, now)

    def _lane_until(self, hold: Hold, now: datetime) -> datetime | None:
        if hold.priority is Priority.LETTER:
            return None
        standing = self._standing(hold, now)
        if standing.is_suspended(now):
            return standing.suspended_until
        plan = self._plans.get(hold.provider_id)
        if plan is not None and hold.provider_id in self._full:
            return plan.ends_at
        return None

    def messages(self, hold: Hold) -> int | None:
        """Return how many messages of a lane one connection may carry, None: any."""
        return self._limits(hold).messages

    def _quiet_until(self, hold: Hold, now: datetime) -> datetime | None:
        if hold.priority <= URGENT or not self.quiet:
            return None
        if hold.run_id not in self._clocks:
            self._clocks[hold.run_id] = _clock_of(hold.run_id)
        slug, zone = self._clocks[hold.run_id]
        hours = self.quiet.get(slug, self.quiet.get(""))
        return None if hours is None else quiet_until(hours, zone, now)

    # ── before a window ──

    def window(self, hold: Hold, pace: Pace, *, now: datetime) -> int:
        """Return how many of a lane may be in flight at once, at least 1."""
        bound = [rate for _, rate in self._rates(hold, now)]
        per_second = min([pace.per_second, *bound])
        size = window_size(hold.priority, Pace(pace.sessions, per_second))
        most = self._limits(hold).connections
        return size if most is None else min(size, max(1, most // self.pipes))

    def take(self, hold: Hold, *, wanted: int, now: datetime) -> int:
        """Take leave for a window; return for how many.

        With 0 the lane rests: `resting` names it, until it is worth while to come back.
        """
        if self.held_until(hold, now=now) is not None:
            return 0
        urgent, rates = hold.priority <= URGENT, self._rates(hold, now)
        granted, wait = self.buckets.take(rates, wanted=wanted, urgent=urgent)
        if wanted and not granted:
            is_relays = [name for name, _ in rates] == [f"{self.relay_id}"]
            rests = None if is_relays else hold.provider_id
            self._resting[rests, urgent] = now + timedelta(seconds=wait)
        return self._of_the_day(hold, granted, now=now)

    def gone(self, hold: Hold, *, granted: int, asked: int) -> None:
        """Hear that fewer went than had leave: they left, or the run was paused."""
        self._heard.setdefault(hold.provider_id, _Heard()).unsent += granted - asked

    def _of_the_day(self, hold: Hold, wanted: int, *, now: datetime) -> int:
        """Return how many of these a warm-up lets go today."""
        lane = hold.provider_id
        if lane not in self._plans:
            self._plans[lane] = warming.plan_of(
                relay_id=self.relay_id, provider_id=lane, now=now
            )
        plan = self._plans[lane]
        if plan is None or not wanted:
            return wanted
        granted = warming.reserve(
            relay_id=self.relay_id,
            provider_id=lane,
            plan=plan,
            wanted=wanted,
            anyway=hold.priority is Priority.LETTER,
        )
        if not granted:
            self._full.add(lane)
        return granted

    def let_rest(self, hold: Hold, *, now: datetime) -> datetime:
        """Return when a batch that is handed back may be leased again.

        What is held lets the whole lane wait, so that nobody leases it in vain. So do
        tokens, where a less urgent batch would give way to what cannot leave.
        """
        held, quiet = self._lane_until(hold, now), self._quiet_until(hold, now)
        if held is not None:
            self._hold_off(hold, until=held, now=now)
        if quiet is not None:
            self._hold_off(hold, until=quiet, now=now, run_id=hold.run_id)
        if held or quiet:
            return max(filter(None, (held, quiet)))
        urgent = hold.priority <= URGENT
        of_the_relay = self._resting.get((None, urgent), now)
        until = self._resting.get((hold.provider_id, urgent), of_the_relay)
        if until > now and hold.priority < Priority.NEWSLETTER:
            self._hold_off(hold, until=until, now=now, priorities=[hold.priority])
        return max(now, until)

    def _hold_off(
        self,
        hold: Hold,
        *,
        until: datetime,
        now: datetime,
        priorities: list[Priority] | None = None,
        run_id: int | None = None,
    ) -> None:
        lanes.hold_off(
            relay_id=self.relay_id,
            provider_id=hold.provider_id,
            until=until,
            now=now,
            priorities=priorities,
            run_id=run_id,
        )

    # ── after it ──

    def hear(self, hold: Hold, verdict: Verdict, *, is_sent: bool) -> None:
        """Take in what a reply says about its lane. is_sent: a server said it."""
        heard = self._heard.setdefault(hold.provider_id, _Heard())
        heard.answers += 1
        heard.unsent += not is_sent
        heard.deferred += is_sent and verdict.outcome is Outcome.DEFERRED
        if verdict.signal is Signal.SLOWER:
            heard.slower = verdict.reason
        elif verdict.signal is Signal.DISTRUST:
            heard.fault = verdict.reason
            heard.faults += 1

    def write_down(
        self, hold: Hold, *, going: float, now: datetime, at_last: bool = False
    ) -> None:
        """Write down what a lane's receiver has said, once a second at most.

        going: mails a second this pipe sent it. at_last: also before a second is over.
        """
        heard = self._heard.get(hold.provider_id)
        plan = self._plans.get(hold.provider_id)
        matters = heard and (heard.slower or heard.faults or plan)
        last = self._written_at.get(hold.provider_id)
        is_soon = last is not None and now - last < READ_EVERY and not at_last
        if heard is None or not matters or is_soon:
            return
        del self._heard[hold.provider_id]
        self._written_at[hold.provider_id] = now
        if plan is not None:
            warming.note(
                relay_id=self.relay_id,
                provider_id=hold.provider_id,
                plan=plan,
                unsent=heard.unsent,
                deferred=heard.deferred,
            )
        if not (heard.slower or heard.faults):
            return
        standing = lanes.hear(
            relay_id=self.relay_id,
            provider_id=hold.provider_id,
            slower=heard.slower,
            fault=heard.fault,
            faults=heard.faults,
            answers=heard.answers,
            going=self._usual(hold, going * self.pipes),
            now=now,
        )
        self._standings[hold.provider_id] = standing

    # ── what it knows ──

    def _standing(self, hold: Hold, now: datetime) -> Standing:
        if self._read_at is None or now - self._read_at >= READ_EVERY:
            self._standings = lanes.standings(self.relay_id)
            self._read_at = now
        return self._standings.get(hold.provider_id, Standing())

    def _limits(self, hold: Hold) -> Limits:
        return self.relay.limits(hold.provider_id)

    def _usual(self, hold: Hold, going: float) -> float:
        """Return how fast a lane goes: as measured, or its limit if that is less."""
        return min(going, self._limits(hold).per_second or going)

    def _rates(self, hold: Hold, now: datetime) -> list[tuple[str, float]]:
        """Return the rates that bind a lane now, with the names of their buckets."""
        rates = []
        if self.relay.per_second is not None:
            rates.append((f"{self.relay_id}", self.relay.per_second))
        limit = self._limits(hold).per_second
        slowed = self._standing(hold, now).rate_at(now)
        bound = [rate for rate in (limit, slowed) if rate is not None]
        if bound:
            rates.append((f"{self.relay_id}.{hold.provider_id}", min(bound)))
        return rates


def shaper_of(relay_id: int) -> Shaper:
    """Return the shaper of a relay, as the settings have it."""
    return Shaper(
        relay_id,
        settings.SHAPING.relay(relay_id),
        buckets.of_settings(),
        pipes=settings.RELAY_PIPES + 1,
        quiet=settings.SHAPING.quiet,
    )


def _clock_of(run_id: int) -> tuple[str, ZoneInfo]:
    """Return the newsletter of a run, by its slug, and the zone it lives in."""
    edition_id = Run.objects.values_list("edition_id", flat=True).get(pk=run_id)
    edition = editions.edition(edition_id or 0)
    return edition.newsletter.slug, ZoneInfo(edition.time_zone)
