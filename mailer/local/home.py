"""Where the local run keeps its things: folders, ports, addresses, environment."""

import fcntl
import hashlib
import json
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

NEWSROOM = Path(__file__).parent / "newsroom"


def _host() -> str:
    """Return the name of this machine for itself; the barest system has none."""
    try:
        socket.getaddrinfo("localhost", None)
    except OSError:
        return "127.0.0.1"
    return "localhost"


HOST = _host()
USUAL_PORTS = {"web": 8000, "inbox": 8025, "newsroom": 8080}


@dataclass(frozen=True)
class Home:
    """One local installation. Everything listens on 127.0.0.1 or a private socket."""

    folder: Path
    sockets: Path
    ports: dict[str, int]
    secret_key: str
    is_new: bool
    own: Mapping[str, str] = field(default_factory=dict)  # settings beside ours

    @property
    def web(self) -> str:
        """Return the address of the pages."""
        return f"http://{HOST}:{self.ports['web']}"

    @property
    def inbox(self) -> str:
        """Return the address of the inbox page."""
        return f"http://{HOST}:{self.ports['inbox']}"

    @property
    def newsroom(self) -> str:
        """Return the address of the invented newsroom's site."""
        return f"http://{HOST}:{self.ports['newsroom']}"

    @property
    def database_url(self) -> str:
        """Return the address of the database, on its private socket."""
        return f"postgresql://stoppress@/mailer?host={self.sockets}"

    @property
    def redis_url(self) -> str:
        """Return the address of Valkey, on its private socket."""
        return f"unix://{self.sockets}/valkey.sock?db=0"

    def log(self, name: str) -> Path:
        """Return where a program logs."""
        return self.folder / "logs" / f"{name}.log"

    def environment(self) -> dict[str, str]:
        """Return the environment of every program of this installation."""
        kept = {
            name: os.environ[name]
            for name in ("PATH", "HOME", "LANG", "TERM", "TZ")
            if name in os.environ
        }
        made = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": self.secret_key,
            "PUBLIC_URL": self.web,
            "ALLOWED_HOSTS": f"127.0.0.1,{HOST}",
            "RELAYS": f"smtp://127.0.0.1:{self.ports['smtp']}",
            "RELAY_SESSIONS": "8",
            # Two are used at a time; those of a killed worker stay leased for a while.
            "RELAY_PIPES": "6",
            "DJANGO_SETTINGS_MODULE": "mailer.wiring.settings",
            "PYTHONUNBUFFERED": "1",
        }
        in_files = {name for name in made if f"{name}_FILE" in self.own}
        ours = {n: value for n, value in made.items() if n not in in_files}
        return kept | ours | dict(self.own)


def of_the_demo(ports: Mapping[str, int]) -> dict[str, str]:
    """Return the settings of the invented newsroom."""
    return {
        "BOUNCE_DOMAIN": "bounce.causeway.example",
        "BRAND_FILE": str(NEWSROOM / "brand.toml"),
        "TIME_ZONE": "Africa/Johannesburg",
        "FETCH_PRIVATE_HOSTS": f"{HOST}:{ports['newsroom']}",
    }


class InUse(RuntimeError):
    """Another process runs this installation."""


def open_home(folder: Path, *, usual_ports: bool = False) -> Home:
    """Return the installation in a folder, made if there is none.

    usual_ports: those that are easy to remember, where they are free. Without it any
    free ones, so that several installations on one machine never meet.

    Raises InUse. From here on it is this process's until it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "logs").mkdir(exist_ok=True)
    note = folder / "home.json"
    is_new = not note.exists()
    note.touch(mode=0o600)
    _keep_others_out(note)
    if is_new:
        note.write_text(json.dumps({"secret_key": secrets.token_urlsafe(48)}))
    kept = json.loads(note.read_text())
    ports = {
        name: _port(usual if usual_ports else 0) for name, usual in USUAL_PORTS.items()
    }
    ports["smtp"] = _port(0)
    return Home(
        folder=folder,
        sockets=_sockets(folder),
        ports=ports,
        secret_key=kept["secret_key"],
        is_new=is_new,
        own=of_the_demo(ports),
    )


def _keep_others_out(note: Path) -> None:
    handle = os.open(note, os.O_RDONLY)  # open, and so locked, as long as we live
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise InUse(f"{note.parent} is in use: it runs already") from None


def python(*arguments: str) -> list[str]:
    """Return a command that runs Python as this process does."""
    return [sys.executable, *arguments]


def reachable(folder: Path) -> Path:
    """Return the folder, or one in /var/tmp that PostgreSQL's user can reach.

    As root PostgreSQL runs as an ordinary user, who may not pass through /root.
    """
    closed = [p for p in folder.resolve().parents if not p.stat().st_mode & 0o001]
    if os.geteuid() != 0 or not closed:
        return folder
    other = Path("/var/tmp") / f"stop-press-{_mark(folder)}" / folder.name  # noqa: S108
    other.mkdir(parents=True, exist_ok=True)
    return other


def _sockets(folder: Path) -> Path:
    """Return a private folder whose path is short enough for a socket (108 bytes)."""
    near = reachable(folder / "s")
    if len(str(near)) > 80:  # noqa: PLR2004
        near = Path("/tmp") / f"stop-press-{os.getuid()}-{_mark(folder)}"  # noqa: S108
    near.mkdir(mode=0o700, exist_ok=True)
    return near


def _mark(folder: Path) -> str:
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:10]


def _port(wanted: int) -> int:
    """Return the wanted port if it is free, any free one otherwise."""
    if wanted and is_free(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Tell whether a port of this machine may be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
