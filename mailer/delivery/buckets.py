"""The buckets of relays and lanes, shared by all workers: one script in Redis.

The clock is the server's, so that machines may disagree. Redis may be away or emptied
at any moment: mail must flow. Then each pipe keeps buckets of its own and takes its
share of the rate, which is less than all together may have and never more.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import redis
from django.conf import settings
from redis.commands.core import Script

from mailer.delivery.gcra import SECOND, Bucket, Taken, bucket_of, take

PATIENCE_SECONDS = 0.5  # for Redis; a window waits for it
SILENCE_SECONDS = 5.0  # after a failure it is not asked again

# As gcra.take. KEYS: a bucket each. ARGV: wanted; now, in microseconds, or 0 for the
# server's clock; then interval and depth of each bucket. A key ends 10 s after the
# bucket is full.
TAKE = """
local wanted, now = tonumber(ARGV[1]), tonumber(ARGV[2])
if now == 0 then
    local t = redis.call('TIME')
    now = t[1] * 1000000 + t[2]
end
local granted, wait, debts = wanted, 0, {}
for i, key in ipairs(KEYS) do
    local interval, depth = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
    local full_at = tonumber(redis.call('GET', key) or 0)
    debts[i] = math.max(0, full_at - now)
    local left = math.floor((depth * interval - debts[i]) / interval)
    granted = math.max(0, math.min(granted, left))
end
for i, key in ipairs(KEYS) do
    local interval, depth = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
    if granted > 0 then
        local debt = debts[i] + granted * interval
        redis.call('SET', key, string.format('%.0f', now + debt),
                   'PX', math.ceil(debt / 1000) + 10000)
    elseif wanted > 0 then
        local worth_it = math.min(wanted, math.max(1, math.floor(depth / 2)))
        wait = math.max(wait, debts[i] - (depth - worth_it) * interval)
    end
end
return {granted, wait}
"""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Buckets:
    """The buckets as one process has them. share: pipes that may hold one relay."""

    client: redis.Redis
    share: int = 1
    _own: dict[str, int] = field(default_factory=dict)  # full_at, while Redis is away
    _silent_until: float = 0.0
    _script: Script = field(init=False)

    def __post_init__(self) -> None:
        self._script = self.client.register_script(TAKE)  # asks nobody yet

    def take(
        self,
        rates: Sequence[tuple[str, float]],
        *,
        wanted: int,
        urgent: bool,
        now: int = 0,
    ) -> tuple[int, float]:
        """Take tokens for a window; return how many, and if none the seconds to wait.

        rates: name and rate a second of each bucket; without any, all is granted.
        now: in microseconds, for tests; 0 is the clock of whoever keeps the buckets.
        """
        if not rates or not wanted:
            return wanted, 0.0
        if time.monotonic() >= self._silent_until:
            try:
                return self._take_shared(rates, wanted, now, urgent=urgent)
            except (redis.RedisError, OSError) as error:
                self._away(error)
        return self._take_own(rates, wanted, now, urgent=urgent)

    def _take_shared(
        self,
        rates: Sequence[tuple[str, float]],
        wanted: int,
        now: int,
        *,
        urgent: bool,
    ) -> tuple[int, float]:
        buckets = [bucket_of(rate, urgent=urgent) for _, rate in rates]
        numbers = [n for one in buckets for n in (one.interval, one.depth)]
        granted, wait = self._script(
            keys=[f"stop_press:bucket:{name}" for name, _ in rates],
            args=[wanted, now, *numbers],
        )
        if self._silent_until:
            log.warning("delivery.buckets.shared_again")
            self._silent_until = 0.0
            self._own.clear()
        return int(granted), int(wait) / SECOND

    def _take_own(
        self,
        rates: Sequence[tuple[str, float]],
        wanted: int,
        now: int,
        *,
        urgent: bool,
    ) -> tuple[int, float]:
        now = now or time.monotonic_ns() // 1_000
        buckets = [bucket_of(rate / self.share, urgent=urgent) for _, rate in rates]
        taken = self._taken(rates, buckets, wanted, now)
        for (name, _), full_at in zip(rates, taken.full_at, strict=True):
            self._own[name] = full_at
        return taken.granted, taken.wait / SECOND

    def _taken(
        self,
        rates: Sequence[tuple[str, float]],
        buckets: Sequence[Bucket],
        wanted: int,
        now: int,
    ) -> Taken:
        full_at = [self._own.get(name, 0) for name, _ in rates]
        return take(buckets, full_at, wanted=wanted, now=now)

    def _away(self, error: Exception) -> None:
        if not self._silent_until:  # once, not each window
            why = type(error).__name__
            log.warning("delivery.buckets.own why=%s share=1/%s", why, self.share)
        self._silent_until = time.monotonic() + SILENCE_SECONDS


@lru_cache(maxsize=1)
def _buckets(url: str, share: int) -> Buckets:
    client = redis.Redis.from_url(
        url, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS
    )
    return Buckets(client, share=share)


def of_settings() -> Buckets:
    """Return this process's buckets at REDIS_URL; a pipe's share should it be away."""
    return _buckets(settings.REDIS_URL, settings.RELAY_PIPES + 1)
