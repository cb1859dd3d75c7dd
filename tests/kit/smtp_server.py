"""An SMTP server that does what its script says, then what it should.

It speaks over real sockets, from threads of its own. A script is, for each command, a
queue of tricks: `server.script("RCPT", "550 5.1.1 Unknown", CUT)` answers the first
RCPT with a refusal and cuts the connection at the second. Commands are EHLO, STARTTLS,
AUTH, MAIL, RCPT, DATA, RSET and QUIT; besides them GREETING, BODY (while a message
arrives) and "." (after it).
"""

import contextlib
import socket
import ssl
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from mailer.delivery.relays import Relay, Security

OFFERS = ("PIPELINING", "SIZE 10485760", "8BITMIME", "ENHANCEDSTATUSCODES")


@dataclass(frozen=True)
class Trick:
    """What a server does instead of answering."""

    name: str
    argument: str = ""


CUT = Trick("cut")  # the connection, without an answer
SILENCE = Trick("silence")  # no answer any more, and the connection stays


def twice(answer: str) -> Trick:
    """Answer, and say one thing more than was asked."""
    return Trick("twice", answer)


def then_cut(answer: str) -> Trick:
    """Answer, then cut the connection."""
    return Trick("then_cut", answer)


def late(answer: str) -> Trick:
    """Answer when `server.be_late` is set."""
    return Trick("late", answer)


@dataclass(frozen=True)
class Taken:
    """A message the server has taken."""

    sender: str
    address: str
    message: bytes


@dataclass
class ScriptedServer:
    """The server. Use it as a context; `relay()` says where it is."""

    offers: tuple[str, ...] = OFFERS
    chop: bool = False  # send each byte by itself
    certificate: tuple[Path, Path] | None = None  # and its key
    tls_at_once: bool = False
    path: Path | None = None  # of a Unix socket
    password: str = "open sesame"
    takes_ehlo: bool = True
    taken: list[Taken] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)  # commands, in order
    connections: int = 0
    was_hurried: bool = False  # a command came before the last was answered
    be_late: threading.Event = field(default_factory=threading.Event)
    _scripts: dict[str, deque[str | Trick]] = field(
        default_factory=lambda: defaultdict(deque)
    )

    def script(self, command: str, *tricks: str | Trick) -> Self:
        """Do these at the next commands of this name, one at each."""
        self._scripts[command].extend(tricks)
        return self

    def relay(self, **changes: Any) -> Relay:
        """Return the relay that this server is."""
        values: dict[str, Any] = {"id": 1, "host": "127.0.0.1", "sessions": 1}
        values["port"] = self.port
        if self.path:
            values |= {"path": str(self.path), "host": ""}
        if self.certificate:
            values["ca_file"] = str(self.certificate[0])
            values["security"] = Security.TLS if self.tls_at_once else Security.STARTTLS
        return Relay(**(values | changes))

    def addresses(self) -> list[str]:
        """Return who got a message, in order."""
        return [taken.address for taken in self.taken]

    def commands(self, *names: str) -> list[str]:
        """Return what was heard of these commands."""
        return [line for line in self.heard if line.split(" ")[0].upper() in names]

    def __enter__(self) -> Self:
        if self.path:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.bind(str(self.path))
        else:
            self._socket = socket.socket()
            self._socket.bind(("127.0.0.1", 0))
            self.port = self._socket.getsockname()[1]
        self._socket.listen(64)
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()
        return self

    port: int = 0

    def __exit__(self, *_: object) -> None:
        self.be_late.set()
        self.stop()
        for thread in self._threads:
            thread.join(timeout=5)

    def stop(self) -> None:
        """Take no more connections and cut those there are."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in tuple(self._open):
            _cut(connection)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                self._open.add(connection)
                thread = threading.Thread(
                    target=self._converse, args=(connection,), daemon=True
                )
                self._threads.append(thread)
                thread.start()

    def _converse(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, _Cut):
            _Conversation(self, connection).run()
        _cut(connection)

    def next_trick(self, command: str) -> str | Trick | None:
        """Return what the script says for a command; None: behave."""
        script = self._scripts[command]
        return script.popleft() if script else None


class _Cut(Exception):
    pass


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


class _Conversation:
    def __init__(self, server: ScriptedServer, connection: socket.socket) -> None:
        self.server = server
        self.connection = connection
        self.buffer = b""
        self.is_secret = False
        self.sender: str | None = None
        self.address: str | None = None

    def run(self) -> None:
        if self.server.tls_at_once:
            self._encrypt()
        self._do("GREETING", "220 mail.example ESMTP")
        while (line := self._line()) is not None:
            self.server.heard.append(line)
            self.server.was_hurried |= bool(self.buffer)
            name = line.split(" ")[0].upper()
            handler = getattr(self, f"_on_{name.lower()}", None)
            if handler is None:
                self._do(name, "500 5.5.2 Never heard of it")
            else:
                handler(line)

    def _on_ehlo(self, _: str) -> None:
        if not self.server.takes_ehlo:
            self._do("EHLO", "502 5.5.1 Too modern")
            return
        offers = list(self.server.offers)
        if self.server.certificate and not self.is_secret:
            offers.append("STARTTLS")
        lines = ["mail.example", *offers]
        marks = ["-"] * len(offers) + [" "]
        answer = [f"250{mark}{line}" for mark, line in zip(marks, lines, strict=True)]
        self._do("EHLO", "\r\n".join(answer))

    def _on_helo(self, _: str) -> None:
        self._do("HELO", "250 mail.example")

    def _on_starttls(self, _: str) -> None:
        self._do("STARTTLS", "220 2.0.0 Go ahead")
        self._encrypt()

    def _on_auth(self, line: str) -> None:
        if line.upper() == "AUTH LOGIN":
            self._say("334 VXNlcm5hbWU6")
            self.server.heard.append(self._line() or "")
            self._say("334 UGFzc3dvcmQ6")
            self.server.heard.append(self._line() or "")
        self._do("AUTH", "235 2.7.0 Welcome")

    def _on_mail(self, line: str) -> None:
        answer = self._do("MAIL", "250 2.1.0 Ok")
        if answer.startswith("2"):
            self.sender, self.address = _path(line), None

    def _on_rcpt(self, line: str) -> None:
        answer = self._do("RCPT", "250 2.1.5 Ok")
        if answer.startswith("2"):
            self.address = _path(line)

    def _on_data(self, _: str) -> None:
        has_somebody = self.sender is not None and self.address is not None
        usual = "354 Go on" if has_somebody else "554 5.5.1 No valid recipients"
        if not self._do("DATA", usual).startswith("354"):
            return
        lines = []
        while (line := self._raw_line()) != b".\r\n":
            if line is None:
                return
            lines.append(line[1:] if line.startswith(b".") else line)
            if len(lines) == 1 and self.server.next_trick("BODY"):
                raise _Cut
        message = b"".join(lines)
        usual = "250 2.0.0 Taken" if self.address else "554 5.5.1 No recipient"
        if self._do(".", usual).startswith("2"):
            self._take(message)
        self.sender = self.address = None

    def _take(self, message: bytes) -> None:
        self.server.taken.append(Taken(self.sender or "", self.address or "", message))

    def _on_rset(self, _: str) -> None:
        self._do("RSET", "250 2.0.0 Ok")
        self.sender = self.address = None

    def _on_quit(self, _: str) -> None:
        self._do("QUIT", "221 2.0.0 Bye")
        raise _Cut

    def _do(self, command: str, usual: str) -> str:
        """Do as the script says, or say the usual; return what was answered."""
        trick = self.server.next_trick(command)
        if trick is None or isinstance(trick, str):
            self._say(trick or usual)
            return trick or usual
        if trick.name == "cut":
            raise _Cut
        if trick.name == "silence":
            while self.connection.recv(65536):
                pass
            raise _Cut
        if trick.name == "late":
            self.server.be_late.wait(10)
        if trick.name == "twice":
            self._say(f"{trick.argument}\r\n250 2.0.0 And one more")
            return trick.argument
        self._say(trick.argument)
        if trick.name == "then_cut":
            if command == "." and trick.argument.startswith("2"):
                self._take(b"")
            raise _Cut
        return trick.argument

    def _say(self, answer: str) -> None:
        data = answer.encode() + b"\r\n"
        if not self.server.chop:
            self.connection.sendall(data)
            return
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in data:
            self.connection.sendall(bytes([byte]))

    def _encrypt(self) -> None:
        assert self.server.certificate is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.server.certificate)
        plain, self.buffer = self.connection, b""
        self.connection = context.wrap_socket(plain, server_side=True)
        self.server._open.discard(plain)  # noqa: SLF001
        self.server._open.add(self.connection)  # noqa: SLF001
        self.is_secret = True

    def _line(self) -> str | None:
        line = self._raw_line()
        return None if line is None else line.decode().removesuffix("\r\n")

    def _raw_line(self) -> bytes | None:
        while b"\n" not in self.buffer:
            data = self.connection.recv(65536)
            if not data:
                return None
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line + b"\n"


def _path(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]


@contextlib.contextmanager
def a_server(**values: Any) -> Iterator[ScriptedServer]:
    """Give a running server."""
    with ScriptedServer(**values) as server:
        yield server
