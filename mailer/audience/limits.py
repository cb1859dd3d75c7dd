"""How often one address, one network address, one domain may knock: counters in Redis.

Fixed windows: the first knock opens one, the counter ends with it. Counters are kept
under marks, never under addresses. Redis may be away: then everything is let through
and logged, except sign-up, through which strangers could be mailed; it is closed.
"""

import functools
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import redis
from django.conf import settings

from mailer.audience import marks
from mailer.audience.address import Address
from mailer.audience.providers import OTHER, provider_of
from mailer.kernel.client import network_of
from mailer.kernel.errors import Temporary

log = logging.getLogger(__name__)

HOUR = 3600
DAY = 86400
PATIENCE_SECONDS = 0.5  # for a Redis that does not answer
SILENCE_SECONDS = 5.0  # then it is left alone for as long


class Door(StrEnum):
    """What somebody knocks at."""

    SIGN_UP = "sign_up"
    LINK = "link"
    CHANGE = "change"  # of address
    TOKEN = "token"  # noqa: S105  a page behind a token: guessing costs knocks
    LOG_IN = "log_in"  # at the desk


class TooOften(Temporary):
    """Knocked too often; str() is for the reader, wait_seconds for Retry-After."""

    def __init__(self, wait_seconds: int) -> None:
        minutes = max(1, -(-wait_seconds // 60))
        unit = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"That was often. Try again in {unit}.")
        self.wait_seconds = wait_seconds


class Closed(Temporary):
    """Sign-up is closed while nobody can count; str() is for the reader."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many knocks in so many seconds."""

    knocks: int
    seconds: int


# Offices, schools and phone networks share one network address, so that is generous;
# the address is what protects a stranger's mailbox.
BY_ADDRESS = {
    Door.SIGN_UP: Allowance(6, HOUR),
    Door.LINK: Allowance(4, HOUR),
    Door.CHANGE: Allowance(4, HOUR),
}
BY_IP = {
    Door.SIGN_UP: Allowance(60, HOUR),
    Door.LINK: Allowance(60, HOUR),
    Door.CHANGE: Allowance(30, HOUR),
    Door.TOKEN: Allowance(600, HOUR),
    Door.LOG_IN: Allowance(30, HOUR),
}
# Only for domains that are not a provider's: one company's mailboxes, not Gmail's.
BY_DOMAIN = {Door.SIGN_UP: Allowance(300, HOUR)}

# KEYS: counters. ARGV: knocks and seconds of each. Returns 0, or seconds to wait.
COUNT = """
local wait = 0
for i, key in ipairs(KEYS) do
  local n = redis.call('INCR', key)
  local left = redis.call('TTL', key)
  if left < 0 then
    left = tonumber(ARGV[2 * i])
    redis.call('EXPIRE', key, left)
  end
  if n > tonumber(ARGV[2 * i - 1]) and left > wait then wait = math.max(left, 1) end
end
return wait
"""

_left_alone = threading.local()  # until when, by address of the Redis


def knock(door: Door, *, address: Address | None = None, ip: str = "") -> None:
    """Count a knock at a door.

    Raises TooOften when it was one too many, Closed when nobody can count and the door
    is sign-up. Known and unknown addresses are counted alike.
    """
    counters = _counters(door, address, ip)
    if not counters:
        return
    try:
        wait = _count(counters)
    except (redis.RedisError, OSError) as error:
        vars(_left_alone)[settings.REDIS_URL] = time.monotonic() + SILENCE_SECONDS
        log.warning("audience.limits.away why=%s", type(error).__name__)
        wait = None
    if wait is None and door is Door.SIGN_UP:
        raise Closed(
            "We can't take new sign-ups for some minutes. Nothing was kept; "
            "please come back soon."
        )
    if wait:
        raise TooOften(wait)


def _counters(
    door: Door, address: Address | None, ip: str
) -> Sequence[tuple[str, Allowance]]:
    found = []
    if address is not None and door in BY_ADDRESS:
        found.append((_name(door, "a", address.key), BY_ADDRESS[door]))
    if ip and door in BY_IP:
        found.append((_name(door, "i", network_of(ip)), BY_IP[door]))
    if address is not None and door in BY_DOMAIN:
        domain = address.domain
        if provider_of(domain) == OTHER:
            found.append((_name(door, "d", domain), BY_DOMAIN[door]))
    return found


def _name(door: Door, kind: str, value: str) -> str:
    return f"limit:{door}:{kind}:{marks.mark(value).hex()[:32]}"


def _count(counters: Sequence[tuple[str, Allowance]]) -> int | None:
    if time.monotonic() < vars(_left_alone).get(settings.REDIS_URL, 0.0):
        return None
    arguments = [n for _, rule in counters for n in (rule.knocks, rule.seconds)]
    keys = [key for key, _ in counters]
    return int(_redis(settings.REDIS_URL).eval(COUNT, len(keys), *keys, *arguments))


@functools.cache
def _redis(url: str) -> "redis.Redis":
    return redis.Redis.from_url(
        url,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
    )
