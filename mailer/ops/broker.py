"""The broker, as seen from outside: how many bells wait in each queue, since when."""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import redis
from django.conf import settings

PATIENCE_SECONDS = 0.5
OLDEST_LOOKED_AT = 8  # beat's bells do not say when they rang

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The bells of one queue."""

    depth: int
    oldest_at: datetime | None


def waiting(queues: Iterable[str]) -> dict[str, Waiting] | None:
    """Return what waits in each queue, None if the broker does not answer.

    kombu pushes left and pops right, so the last of a list is the oldest.
    """
    names = list(queues)
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=PATIENCE_SECONDS,
        socket_timeout=PATIENCE_SECONDS,
    )
    try:
        pipeline = client.pipeline(transaction=False)
        for name in names:
            pipeline.llen(name)
            pipeline.lrange(name, -OLDEST_LOOKED_AT, -1)
        found = pipeline.execute()
    except (redis.RedisError, OSError) as error:
        log.warning("ops.broker.away why=%s", type(error).__name__)
        return None
    finally:
        client.close()
    return {
        name: Waiting(found[2 * number], _oldest(found[2 * number + 1]))
        for number, name in enumerate(names)
    }


def _oldest(messages: list[bytes]) -> datetime | None:
    rung = [at for at in map(_rung_at, reversed(messages)) if at is not None]
    return rung[0] if rung else None


def _rung_at(message: bytes) -> datetime | None:
    try:
        headers = json.loads(message)["headers"]
        return datetime.fromisoformat(headers["rung_at"])
    except (ValueError, KeyError, TypeError):
        return None
