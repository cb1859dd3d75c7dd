"""The programs of the local run, in the order of their start."""

import signal
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from mailer.local.home import Home, python, reachable
from mailer.local.processes import Program
from mailer.local.servers import (
    ROLE,
    as_postgres,
    postgres_binaries,
    postgres_command,
    prepare_postgres,
    probe,
    valkey_command,
)

# Worker processes by name: queues, and how many bells at a time. Production has one
# service a queue; here the four quiet ones share a process.
WORKERS = {
    "worker-breaking": ("breaking", 2),
    "worker-deliver": ("deliver", 2),
    "worker-rest": ("collect,render,feedback,upkeep", 2),
}


def database(home: Home, *, throw_away: bool) -> Program:
    """Return PostgreSQL, its data prepared."""
    folder = reachable(home.folder / "postgres")
    binaries = postgres_binaries(folder)
    prepare_postgres(folder, home.sockets, binaries=binaries, throw_away=throw_away)
    ready = [str(binaries / "pg_isready"), "-q", "-U", ROLE, "-h", str(home.sockets)]
    return Program(
        name="postgres",
        command=postgres_command(
            folder / "data", home.sockets, throw_away=throw_away, binaries=binaries
        ),
        environment=home.environment(),
        log=folder / "postgres.log",
        ready=lambda: probe(ready),
        stop_signal=signal.SIGINT,  # fast; SIGTERM would wait for connections
        popen=as_postgres(),
    )


def broker(home: Home) -> Program:
    """Return Valkey. It keeps nothing on disk: the ledger is the truth."""
    socket = home.sockets / "valkey.sock"
    folder = home.folder / "valkey"
    folder.mkdir(exist_ok=True)
    return Program(
        name="valkey",
        command=valkey_command(folder, home.sockets),
        environment=home.environment(),
        log=home.log("valkey"),
        ready=socket.is_socket,
        before=lambda: socket.unlink(missing_ok=True),
    )


def relay(home: Home, *, delay_seconds: float, slow: int | None = None) -> Program:
    """Return the mail server with its inbox; only the first `slow` mails are slow."""
    command = python("-m", "mailer.local.inbox", "--delay", str(delay_seconds))
    command += ["--store", str(home.folder / "inbox.sqlite")]
    command += ["--slow", str(slow)] if slow is not None else []
    command += ["--smtp-port", str(home.ports["smtp"])]
    command += ["--web-port", str(home.ports["inbox"])]
    return _web_program("inbox", command, home, f"{home.inbox}/api/counts")


def newsroom(home: Home) -> Program:
    """Return the invented paper's own site, with its feeds."""
    command = python(
        "-m", "mailer.local.newsroom", "--port", str(home.ports["newsroom"])
    )
    command += ["--state", str(home.folder / "newsroom")]
    command += ["--base", home.newsroom]
    return _web_program("newsroom", command, home, f"{home.newsroom}/control/state")


def web(home: Home) -> Program:
    """Return the web server with all three doors."""
    command = python("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1")
    command += ["--port", str(home.ports["web"]), "--workers", "1", "--no-ws"]
    command += ["--blocking-threads", "4", "mailer.wiring.wsgi:application"]
    return _web_program("web", command, home, f"{home.web}/healthz")


def worker(home: Home, name: str, queues: str = "", *, at_once: int = 2) -> Program:
    """Return one worker process, ready when Celery says so in its log.

    queues: of its own, separated by commas, for a name that is not in WORKERS; at_once:
    how many bells it hears at a time.
    """
    queues, at_once = (queues, at_once) if queues else WORKERS[name]
    command = python("-m", "celery", "-A", "workers.app", "worker", "-Q", queues)
    command += ["-c", str(at_once), "-n", f"{name}@localhost", "-l", "INFO"]
    # Workers need not know of each other; finding out costs a second at each start.
    command += ["--without-gossip", "--without-mingle"]
    return _celery_program(name, command, home, says=" ready.")


def beat(home: Home, name: str = "beat") -> Program:
    """Return a scheduler; several do no harm."""
    command = python("-m", "celery", "-A", "workers.app", "beat", "-l", "INFO")
    command += ["--pidfile", ""]
    return _celery_program(name, command, home, says="beat: Starting")


def flower(home: Home) -> Program:
    """Return Celery's own monitor, on this machine alone."""
    command = python("-m", "celery", "-A", "workers.app", "flower")
    command += ["--address=127.0.0.1", f"--port={home.ports['flower']}"]
    address = f"http://127.0.0.1:{home.ports['flower']}/healthcheck"
    return _web_program("flower", command, home, address)


def _celery_program(name: str, command: list[str], home: Home, *, says: str) -> Program:
    log = home.log(name)
    start = {"at": 0}

    def before() -> None:
        start["at"] = log.stat().st_size if log.exists() else 0

    def ready() -> bool:
        return says in _tail(log, start["at"])

    return Program(name, command, home.environment(), log, ready=ready, before=before)


def _web_program(name: str, command: list[str], home: Home, address: str) -> Program:
    ready = _answers(address)
    return Program(name, command, home.environment(), home.log(name), ready=ready)


def _answers(address: str) -> Callable[[], bool]:
    def ready() -> bool:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)  # noqa: PLR2004
        except (urllib.error.URLError, OSError):
            return False

    return ready


def _tail(log: Path, start: int) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(start)
        return file.read().decode(errors="replace")
