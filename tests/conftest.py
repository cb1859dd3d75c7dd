"""Tests that need what not every machine has: one line says so, and CI fails."""

import os
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

HOW = "run `make test` as root, or with CI=1, and it is installed"


def has_postfix() -> bool:
    return Path("/usr/sbin/postfix").exists() and Path("/usr/sbin/smtp-sink").exists()


def has_browser() -> bool:
    return shutil.which("chromium") is not None and find_spec("playwright") is not None


NEEDS: dict[str, tuple[str, Callable[[], bool]]] = {
    "postfix": ("Postfix", has_postfix),
    "browser": ("Chromium and its driver", has_browser),
}
skipped = pytest.StashKey[dict[str, int]]()


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    missing = {mark for mark, (_, is_there) in NEEDS.items() if not is_there()}
    counts = config.stash[skipped] = dict.fromkeys(sorted(missing), 0)
    left_out = []
    for item in items:
        marks = missing & {mark.name for mark in item.iter_markers()}
        for mark in marks:
            counts[mark] += 1
        if marks:
            left_out.append(item)
    if left_out and os.environ.get("CI"):
        names = ", ".join(NEEDS[mark][0] for mark in missing if counts[mark])
        raise pytest.UsageError(f"CI is set and {names} is missing: tests/kit/install")
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    is_parallel = config.pluginmanager.hasplugin("dsession")
    counts = config.stash.get(skipped, {})
    for mark, (name, is_there) in NEEDS.items():
        number = counts.get(mark, 0)
        if number or (is_parallel and not is_there()):
            tests = f"{number} tests that need" if number else "the tests that need"
            terminalreporter.write_line(f"Skipped: {tests} {name}; {HOW}", yellow=True)
