"""`mailer run`: one's own newsletters on one machine, from nothing and once more."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mailer.local.home import HOST
from tests.kit.workers import wait_until

COMMAND = [sys.executable, "-m", "mailer.management.cli", "run", "--folder"]
PASSED_ON = ("PATH", "HOME", "LANG")


def a_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def begun(folder):
    """Start the command; whatever becomes of the test, nothing of it stays."""
    started = []

    def begin(port, log, **settings):
        kept = {n: os.environ[n] for n in PASSED_ON if n in os.environ}
        process = subprocess.Popen(
            [*COMMAND, str(folder), "--port", str(port)],
            env=kept | settings | {"PYTHONPATH": str(Path.cwd())},
            stdout=log.open("wb"),
            stderr=subprocess.STDOUT,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.terminate()
        process.wait(timeout=90)


def says(log, words):
    return lambda: words in log.read_text()


@pytest.fixture
def folder(tmp_path):
    for part in (tmp_path, *tmp_path.parents):
        if part.stat().st_uid == os.getuid() and part != Path("/tmp"):
            part.chmod(0o755)  # PostgreSQL's user must reach its part of it
    return tmp_path / "run"


def test_it_starts_from_nothing_goes_on_with_its_data_and_ends_when_asked(
    begun, folder, tmp_path
):
    port, log = a_free_port(), tmp_path / "log"

    first = begun(port, log)
    wait_until(says(log, "/desk/in/"), seconds=90)
    assert f"Readers    http://{HOST}:{port}/" in log.read_text()
    assert "RELAYS names no relay" in log.read_text()
    second = begun(port, tmp_path / "second")
    assert second.wait(timeout=30) == 2
    assert "it runs already" in (tmp_path / "second").read_text()
    first.send_signal(signal.SIGTERM)
    assert first.wait(timeout=90) == 0

    again = begun(port, log, RELAYS="smtp+tls://relay.example")
    wait_until(says(log, "There is an editor already"), seconds=90)
    settings = (folder / "environment").read_text()
    assert "export RELAYS=smtp+tls://relay.example\n" in settings
    assert (folder / "environment").stat().st_mode & 0o077 == 0
    again.send_signal(signal.SIGTERM)
    assert again.wait(timeout=90) == 0


def test_a_setting_that_cannot_be_read_is_named_before_anything_starts(begun, tmp_path):
    log = tmp_path / "log"

    status = begun(a_free_port(), log, RELAYS="gopher://x").wait(timeout=30)

    assert status == 2
    assert "RELAYS" in log.read_text()


def test_a_taken_port_is_not_exchanged_for_another(begun, tmp_path):
    log = tmp_path / "log"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert begun(port, log).wait(timeout=30) == 2

    assert f"Port {port} is taken" in log.read_text()
