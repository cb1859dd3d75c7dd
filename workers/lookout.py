"""Threads of a worker's main process: what must happen whether bells come or not.

    heartbeat  every worker     says every 5 seconds that it lives and what it does
    lookout    breaking         each second what waits for its release, each 5 the rest
               deliver          each 5 seconds

A lookout looks in the ledger and rings, as beat's bells do; beat and the broker may be
away. If the broker is, nobody hears a bell: then it opens and drains by itself, so that
mail flows. Pipes keep any number of lookouts and workers apart.

Each thread has its own connection to the database and closes it after each look: the
pool of workers is forked from this process.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial

import redis
from celery.signals import celeryd_after_setup, worker_shutdown
from celery.worker import state
from celery.worker.worker import WorkController
from django.conf import settings
from django.db import connection

from mailer.delivery import operations as delivery
from mailer.ops import operations as ops
from workers import tasks

HEARTBEAT_SECONDS = 5.0
RELEASE_SECONDS = 1.0
LOOK_SECONDS = 5.0
FIRST_LOOK_SECONDS = 3.0  # after the pool was forked
JOIN_SECONDS = 45.0  # longer than a drain has for its last window

log = logging.getLogger(__name__)
_threads: list[threading.Thread] = []
_ended = threading.Event()


def broker_is_there() -> bool:
    """Tell whether the broker answers within a second."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1
    )
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


def look(*, urgent_only: bool) -> None:
    """Look once; without a broker, also do what the bells would have had done.

    Each thing by itself: a fault in one, say a letter, keeps no other from its turn.
    """
    now = tasks.now()
    found = delivery.look(now=now, urgent_only=urgent_only)
    if broker_is_there():
        return
    log.warning("lookout.no_broker due=%s", len(found))
    _try(partial(delivery.open_letters, now=now))
    _try(partial(delivery.open_due, now=now))
    for relay_id in range(1, len(settings.RELAYS) + 1):
        _try(partial(tasks.drain, relay_id, urgent_only=urgent_only))


def release() -> None:
    """Let go what was held until now."""
    delivery.release_due(now=tasks.now())


def beat(name: str, queues: Iterable[str]) -> None:
    """Say that this worker lives, and what it does."""
    active = sorted(state.active_requests, key=lambda one: one.time_start or 0)
    task = active[0] if active else None
    started = task.time_start if task and task.time_start else None
    busy_for = time.monotonic() - started if started else 0.0
    ops.beat(
        name=name,
        queues=sorted(queues),
        task=task.name if task else "",
        busy_seconds=busy_for,
        now=tasks.now(),
    )


def every(seconds: float, do: Callable[[], None]) -> threading.Thread:
    """Start a thread that does something now and then until the worker ends.

    What goes wrong is logged: the database may be away as well, and come back.
    """

    def run() -> None:
        wait = FIRST_LOOK_SECONDS
        while not _ended.wait(wait):
            wait = seconds
            _try(do)
            connection.close()

    thread = threading.Thread(target=run, name=f"every {seconds} s", daemon=True)
    thread.start()
    _threads.append(thread)
    return thread


def _try(do: Callable[[], object]) -> None:
    try:
        do()
    except Exception:
        log.exception("lookout.failed what=%s", do)


@celeryd_after_setup.connect(weak=False)
def _start(instance: WorkController, **_: object) -> None:
    queues = set(instance.app.amqp.queues.consume_from)
    name = f"{socket.gethostname()}:{os.getpid()}"
    every(HEARTBEAT_SECONDS, lambda: beat(name, queues))
    if "breaking" in queues:
        every(RELEASE_SECONDS, release)
        every(LOOK_SECONDS, lambda: look(urgent_only=True))
    if "deliver" in queues:
        every(LOOK_SECONDS, lambda: look(urgent_only=False))


@worker_shutdown.connect(weak=False)
def _stop(**_: object) -> None:
    """Wait for a lookout that drains: what it has in flight is settled first."""
    _ended.set()
    ends_at = time.monotonic() + JOIN_SECONDS
    for thread in _threads:
        thread.join(timeout=max(0.0, ends_at - time.monotonic()))
