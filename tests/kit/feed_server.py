"""An HTTP server on this machine that does whatever its script says, byte by byte."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

# Gets the connection and the request's head; writes what it likes.
Script = Callable[[socket.socket, str], None]


@dataclass
class FeedServer:
    """A server; pages by path; heads: of the requests, in order.

    before: a script played as soon as somebody connects, instead of a page.
    """

    port: int
    pages: dict[str, bytes | Script] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)
    before: Script | None = None
    host: str = "127.0.0.1"
    scheme: str = "http"

    @property
    def url(self) -> str:
        """Return the address of the server, without a slash at its end."""
        return f"{self.scheme}://{self.host}:{self.port}"

    def answer(self, connection: socket.socket) -> None:
        """Read one request and play its page's script."""
        if self.before is not None:
            return self.before(connection, "")
        head = b""
        while b"\r\n\r\n" not in head:
            more = connection.recv(65_536)
            if not more:
                return None
            head += more
        self.heads.append(head.decode("latin-1"))
        path = self.heads[-1].split(" ")[1]
        page = self.pages.get(path, reply(404, b"no such page"))
        if isinstance(page, bytes):
            connection.sendall(page)
        else:
            page(connection, self.heads[-1])
        return None


def reply(status: int, body: bytes = b"", **headers: str) -> bytes:
    """Return an answer as bytes; headers with _ for -."""
    lines = [f"HTTP/1.1 {status} As Scripted", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


@contextlib.contextmanager
def feed_server(tls: ssl.SSLContext | None = None) -> Iterator[FeedServer]:
    """Run a server on a port of the system's choice; tls: its side of TLS."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = FeedServer(listener.getsockname()[1], scheme="https" if tls else "http")
    threading.Thread(target=_serve, args=(listener, server, tls), daemon=True).start()
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # wakes accept
        listener.close()


def _serve(
    listener: socket.socket, server: FeedServer, tls: ssl.SSLContext | None
) -> None:
    while True:
        try:
            connection, _peer = listener.accept()
        except OSError:
            return  # closed: the test is over
        threading.Thread(
            target=_one, args=(connection, server, tls), daemon=True
        ).start()


def _one(
    connection: socket.socket, server: FeedServer, tls: ssl.SSLContext | None
) -> None:
    with contextlib.suppress(OSError), connection:
        if tls is None:
            server.answer(connection)
        else:
            with tls.wrap_socket(connection, server_side=True) as wrapped:
                server.answer(wrapped)
