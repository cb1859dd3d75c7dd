"""The Celery app: bells in, nothing else.

A bell is acknowledged when heard (task_acks_late off): what it announced is in the
database, so redelivery would only do the look twice.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import django
from celery import Celery
from django.apps import apps
from django.conf import settings

from workers.queues import QUEUES
from workers.schedule import EVERY_SECONDS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.wiring.settings")
if not apps.ready:  # a command that rings a bell has set Django up already
    django.setup()


def broker_url(redis_url: str) -> str:
    """Return kombu's spelling of a Redis address: sockets have their own scheme."""
    if not redis_url.startswith("unix://"):
        return redis_url
    path, _, query = redis_url.removeprefix("unix://").partition("?")
    database = dict(p.split("=") for p in query.split("&") if p).get("db", "0")
    return f"redis+socket://{path}?virtual_host={database}"


app = Celery(
    "stop_press",
    broker=broker_url(settings.REDIS_URL),
    include=["workers.tasks", "workers.lookout"],
)
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_acks_late=False,
    worker_disable_prefetch=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=True,
    task_time_limit=60,
    task_default_queue="upkeep",
    task_routes={bell.value: {"queue": queue} for bell, queue in QUEUES.items()},
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        # A first publish fails at once while the broker is away: by itself kombu tries
        # for 6 s (measured). Workers and beat connect again by a rule of their own.
        "max_retries": 0,
        "socket_connect_timeout": 1,
        "socket_keepalive": True,
        "unacked_restore_throttle": 1,
        "unacked_restore_interval": 2,
    },
    beat_schedule_filename=os.devnull,
    beat_max_loop_interval=1,
    timezone="UTC",
)
app.conf.beat_scheduler = "celery.beat:Scheduler"  # in memory: nothing to keep


LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def _entry(bell: str, seconds: float) -> dict[str, Any]:
    # A beat that was just started rings at once: it does not know who rang before.
    # A ring that waited longer than its period is stale: the next one is there.
    return {
        "task": bell,
        "schedule": timedelta(seconds=seconds),
        "last_run_at": LONG_AGO,
        "options": {"expires": max(seconds, 2)},
    }


app.conf.beat_schedule = {
    bell.value: _entry(bell.value, seconds) for bell, seconds in EVERY_SECONDS.items()
}
