"""Tests that need what not every machine has: one line says so, and CI fails."""

import os
import shutil
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.kit.processes import a_schema, install  # noqa: F401
from tests.kit.signing import has_mail_dkim
from tests.kit.stepping_clock import can_step

HOW = "run `make test` as root, or with CI=1, and it is installed"


def has_postfix() -> bool:
    programs = [Path("/usr/sbin/postfix"), Path("/usr/sbin/smtp-sink")]
    return os.geteuid() == 0 and all(program.exists() for program in programs)


def has_browser() -> bool:
    return shutil.which("chromium") is not None and find_spec("playwright") is not None


@cache
def has_verifiers() -> bool:
    found = find_spec("dkim") is not None and find_spec("nacl") is not None
    return found and shutil.which("opendkim") is not None and has_mail_dkim()


NEEDS: dict[str, tuple[str, Callable[[], bool]]] = {
    "postfix": ("Postfix, started by root,", has_postfix),
    "browser": ("Chromium and its driver", has_browser),
    "clock": ("Linux and a C compiler", can_step),
    "verifiers": ("dkimpy, OpenDKIM and Mail::DKIM", has_verifiers),
}
skipped = pytest.StashKey[dict[str, int]]()


def missing_for(item: pytest.Item) -> list[str]:
    marks = {mark.name for mark in item.iter_markers()}
    return [mark for mark in NEEDS if mark in marks and not NEEDS[mark][1]()]


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    counts = config.stash[skipped] = dict.fromkeys(NEEDS, 0)
    left_out = [] if os.environ.get("CI") else [i for i in items if missing_for(i)]
    for item in left_out:
        counts[missing_for(item)[0]] += 1
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in missing_for(item):  # only in CI: elsewhere it is not here any more
        pytest.fail(
            f"{NEEDS[mark][0]} is missing: run tests/kit/install", pytrace=False
        )


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    is_parallel = config.pluginmanager.hasplugin("dsession")
    counts = config.stash.get(skipped, {})
    for mark, (name, is_there) in NEEDS.items():
        number = counts.get(mark, 0)
        may_be = is_parallel and not is_there() and not os.environ.get("CI")
        if number or may_be:
            tests = f"{number} tests that need" if number else "the tests that need"
            terminalreporter.write_line(f"Skipped: {tests} {name}; {HOW}", yellow=True)
