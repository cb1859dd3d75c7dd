"""Fetch a document from a server nobody vouches for (urllib3).

The address that was checked is the very address that is connected to, so that a name
which changes its mind between two look-ups (DNS rebinding) gains nothing. Every
redirect is checked again. Size, time and the number of redirects have limits; the
size is counted after decompression.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import DecodeError, HTTPError

from mailer.sources.addresses import NotALink, resolve
from mailer.sources.characters import storable
from mailer.sources.hosts import is_named, is_public, is_web_port
from mailer.sources.web import Answer, Forbidden, Unreachable

LARGEST = 10_000_000  # bytes, decompressed; feeds of large papers have 1,000,000
LONGEST_SECONDS = 20.0  # for all of it; a task may live for 60
LONGEST_CONNECT_SECONDS = 8.0
MOST_REDIRECTS = 5
MOST_ADDRESSES = 2  # of one host, tried one after the other
PERMANENT = {301, 308}
REDIRECTS = {301, 302, 303, 307, 308}
ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, "
    "application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, "
    "application/json;q=0.8, text/html;q=0.5, */*;q=0.1"
)

# Host and port → IP addresses.
Resolver = Callable[[str, int], list[str]]


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as this machine knows them.

    Raises OSError where it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def web() -> "Fetcher":
    """Return the fetcher that the settings allow."""
    return Fetcher(
        private_hosts=settings.FETCH_PRIVATE_HOSTS,
        agent=f"StopPress (+{settings.PUBLIC_URL})",
    )


@dataclass(frozen=True, kw_only=True)
class Fetcher:
    """The web as it is. private_hosts: allowed although not public."""

    private_hosts: Collection[str] = ()
    agent: str = "StopPress"
    resolver: Resolver = look_up
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    largest: int = LARGEST
    longest_seconds: float = LONGEST_SECONDS

    def get(self, url: str, *, etag: str = "", last_modified: str = "") -> Answer:
        """Ask for a document; see `web.Web.get`."""
        headers = {
            "User-Agent": self.agent,
            "Accept": ACCEPT,
            "Accept-Encoding": "gzip, br",
        }
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        ends_at = time.monotonic() + self.longest_seconds
        secure, permanent, moved_to = url.startswith("https:"), True, ""
        for _hop in range(MOST_REDIRECTS + 1):
            with self._ask(url, headers, ends_at) as response:
                if (
                    response.status not in REDIRECTS
                    or "Location" not in response.headers
                ):
                    return self._answer(response, url, moved_to, ends_at)
                permanent = permanent and response.status in PERMANENT
                url = self._next(url, response.headers["Location"])
                # Never keep a step down to http.
                if permanent and (not secure or url.startswith("https:")):
                    moved_to = url
        raise Unreachable(f"redirects more than {MOST_REDIRECTS} times")

    def _next(self, url: str, location: str) -> str:
        try:
            return resolve(urljoin(url, location), url)
        except (NotALink, ValueError) as why:
            raise Forbidden(f"redirects to an address that {why}") from why

    @contextlib.contextmanager
    def _ask(
        self, url: str, headers: dict[str, str], ends_at: float
    ) -> Iterator[HTTPResponse]:
        """Send one request; close the connection afterwards, whatever happened."""
        connection, target = self._connection(url, ends_at)
        # Time-outs are per read: a server that sends a byte a second meets none. So
        # one clock runs for the whole, and pulls the plug.
        late = threading.Event()

        def pull() -> None:
            late.set()
            connection.unplug()

        plug = threading.Timer(max(0.0, ends_at - time.monotonic()), pull)
        plug.daemon = True
        plug.start()
        try:
            connection.request(
                "GET",
                target,
                headers=headers,
                preload_content=False,
                decode_content=False,
            )
            yield connection.getresponse()
        except (Unreachable, Forbidden):
            raise
        except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            too_late = late.is_set() or isinstance(error, TimeoutError)
            raise Unreachable(self._late() if too_late else _why(error)) from error
        finally:
            plug.cancel()
            connection.close()
            connection.close_plug()

    def _late(self) -> str:
        return f"took longer than {self.longest_seconds:g} s"

    def _connection(self, url: str, ends_at: float) -> tuple["_Connection", str]:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
            raise Forbidden("is no http:// or https:// address")
        addresses = self._checked(host, port)
        remaining = ends_at - time.monotonic()
        if remaining <= 0:
            raise Unreachable(self._late())
        timeout = min(remaining, LONGEST_CONNECT_SECONDS)
        connection: _Connection
        if parts.scheme == "https":
            connection = _CheckedTls(host, port, timeout=timeout, ssl_context=self.tls)
        else:
            connection = _Checked(host, port, timeout=timeout)
        connection.checked = addresses
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return connection, target

    def _checked(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host that may be connected to."""
        named = is_named(host, port, self.private_hosts)
        if not named and not is_web_port(port):
            raise Forbidden("names a port that is not a web server's")
        try:
            addresses = self.resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise Unreachable("its host is not known") from error
        allowed = [a for a in addresses if named or is_public(a)]
        if not addresses:
            raise Unreachable("its host is not known")
        if not allowed:
            raise Forbidden(
                "leads into a private network; FETCH_PRIVATE_HOSTS can allow it"
            )
        return allowed

    def _answer(
        self, response: HTTPResponse, url: str, moved_to: str, ends_at: float
    ) -> Answer:
        said = response.headers
        wanted = 200 <= response.status < 300  # noqa: PLR2004
        return Answer(
            status=response.status,
            url=url,
            body=self._body(response, ends_at) if wanted else b"",
            content_type=said.get("Content-Type", ""),
            etag=storable(said.get("ETag", ""))[:500],
            last_modified=storable(said.get("Last-Modified", ""))[:100],
            moved_to=moved_to,
            retry_after=said.get("Retry-After", ""),
        )

    def _body(self, response: HTTPResponse, ends_at: float) -> bytes:
        megabytes = f"{self.largest / 1_000_000:g} MB"
        length = response.headers.get("Content-Length", "")
        if length.isdigit() and int(length) > self.largest:
            raise Unreachable(f"is larger than {megabytes}")
        body = bytearray()
        try:
            while chunk := response.read(65_536, decode_content=True):
                body += chunk
                if len(body) > self.largest:
                    raise Unreachable(f"is larger than {megabytes}")
                if time.monotonic() > ends_at:
                    raise Unreachable(self._late())
        except DecodeError as error:
            raise Unreachable("is compressed in a way that cannot be read") from error
        if time.monotonic() > ends_at:  # a pulled plug looks like an end
            raise Unreachable(self._late())
        return bytes(body)


class _ConnectsToChecked:
    """A connection that goes to addresses that were checked, and to no other.

    The name stays what it was: for the Host header, for TLS (SNI) and its check.
    """

    checked: list[str]
    port: int | None
    timeout: float
    plug: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        last: OSError = OSError("no address")
        for address in self.checked[:MOST_ADDRESSES]:
            try:
                sock = socket.create_connection((address, self.port or 0), self.timeout)
            except OSError as error:
                last = error
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # A second handle: TLS and http.client take the first one out of reach.
            self.plug = sock.dup()
            return sock
        raise last

    def unplug(self) -> None:
        """End the connection at once, from another thread."""
        plug = self.plug
        if plug is not None:
            with contextlib.suppress(OSError):
                plug.shutdown(socket.SHUT_RDWR)

    def close_plug(self) -> None:
        """Give the second handle back."""
        if self.plug is not None:
            self.plug.close()


class _Checked(_ConnectsToChecked, HTTPConnection):  # type: ignore[misc]
    pass


class _CheckedTls(_ConnectsToChecked, HTTPSConnection):  # type: ignore[misc]
    pass


_Connection = _Checked | _CheckedTls


def _why(error: Exception) -> str:
    """Say what happened on the wire in words that hold no address."""
    causes = [error, error.__cause__, error.__context__, *error.args]
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return "its TLS certificate does not hold"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "TLS failed"
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return "refuses connections"
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return f"did not answer within {LONGEST_CONNECT_SECONDS:g} s"
    if any(
        isinstance(cause, http.client.HTTPException | ValueError) for cause in causes
    ):
        return "its answer is not HTTP"
    return "the connection broke"
