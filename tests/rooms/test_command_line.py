"""`mailer` alone says what it can do, on a machine without any configuration."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_every_command_is_listed_with_what_it_is_for(arguments):
    done = subprocess.run(
        [sys.executable, "-m", "mailer.management.cli", *arguments],
        env={"PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        text=True,
    )

    lines = {line.split()[0]: line for line in done.stdout.splitlines()[2:] if line}
    for name in ("demo", "init", "check_config", "migrate", "take_report", "status"):
        assert len(lines[name].split()) > 3, done.stdout
