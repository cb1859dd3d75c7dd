"""Celery's own monitor sees our workers, as docs/operations.md says."""

import json
import urllib.request

import pytest

from mailer.local import programs
from tests.kit.processes import until

pytestmark = pytest.mark.slow


def test_flower_lists_a_worker_with_what_it_does(install):
    here = install()
    here.start(here.worker("worker", "upkeep"), programs.flower(here.home), here.beat())

    def seen() -> dict[str, object]:
        address = f"http://127.0.0.1:{here.home.ports['flower']}/workers?json=1"
        with urllib.request.urlopen(address, timeout=10) as answer:
            found = json.load(answer)["data"]
        return next((w for w in found if w.get("task-succeeded")), {})

    worker = until(seen, "a worker that did something")

    assert worker["hostname"] == "worker@localhost"
    assert worker["status"] is True
