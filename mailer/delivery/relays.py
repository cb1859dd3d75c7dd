"""What a relay is, and how its address in the settings is read.

    smtp+tls://user:password@host:587      STARTTLS, required
    smtps://user:password@host:465         TLS from the first byte (RFC 8314 §3.3)
    smtp://localhost:25                    plain: this machine, or a container's name
    smtp+unix:///run/relay.sock            a socket on this machine

After a `?`: sessions=4 (fewer than RELAY_SESSIONS), messages=100 (on one connection),
ca=/path/to/ca.pem (trust this authority instead of the system's).
"""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

MESSAGES = 1_000  # on one connection, unless the relay's address says otherwise

_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9a-fA-F:.]+")  # a name in A-labels, an address


class Security(StrEnum):
    """How the line is protected. There is no "if the server offers it"."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


KINDS = {
    "smtp": (Security.NONE, 25),
    "smtp+tls": (Security.STARTTLS, 587),
    "smtps": (Security.TLS, 465),
    "smtp+unix": (Security.NONE, 0),
}


@dataclass(frozen=True, slots=True)
class Relay:
    """Where mail is handed over, and how. path: of a Unix socket, instead of a host."""

    id: int
    host: str
    port: int
    path: str = ""
    security: Security = Security.NONE
    user: str = ""
    password: str = field(default="", repr=False)
    sessions: int = 8
    messages_a_session: int = MESSAGES
    ca_file: str = ""

    @property
    def is_local(self) -> bool:
        """Tell whether the line never leaves this machine."""
        return bool(self.path) or _is_loopback(self.host)


class BadRelay(ValueError):
    """An address of a relay cannot be used; str() says why, without its secrets."""


def read_relays(urls: Sequence[str], *, sessions: int) -> tuple[Relay, ...]:
    """Return the relays, numbered from 1 in the order given. Raises BadRelay."""
    return tuple(
        _read(number, url, sessions=sessions) for number, url in enumerate(urls, 1)
    )


def _read(number: int, url: str, *, sessions: int) -> Relay:
    parts = urlsplit(url)
    kind = KINDS.get(parts.scheme)
    if kind is None:
        raise BadRelay(f"relay {number} must start with one of {', '.join(KINDS)}")
    security, usual_port = kind
    try:
        relay = Relay(
            id=number,
            host=parts.hostname or "",
            port=_port(parts) or usual_port,
            path=unquote(parts.path) if parts.scheme == "smtp+unix" else "",
            security=security,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            **_options(parts, sessions=sessions),
        )
    except ValueError as error:
        raise BadRelay(f"relay {number}: {error}") from None
    for fault in _faults(relay, parts):
        raise BadRelay(f"relay {number}: {fault}")
    return relay


def _faults(relay: Relay, parts: SplitResult) -> Iterator[str]:
    if not relay.path and not relay.host:
        yield "names no host"
    elif relay.host and not _HOST.fullmatch(relay.host):
        yield "names what is not a host"
    if not relay.path and parts.path not in {"", "/"}:
        yield "has a path after the host"
    if relay.user and not relay.password:
        yield "has a user and no password"
    if relay.security is not Security.NONE or relay.is_local:
        return
    if "." in relay.host or ":" in relay.host:
        yield "would send mail in the clear; use smtp+tls:// or smtps://"
    if relay.user:
        yield "would send the password in the clear; use smtp+tls:// or smtps://"


def _options(parts: SplitResult, *, sessions: int) -> dict[str, Any]:
    options: dict[str, Any] = {"sessions": sessions}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name == "ca":
            options["ca_file"] = value
        elif name in {"sessions", "messages"}:
            if not value.isdecimal() or not int(value):
                raise ValueError(f"{name} must be a whole number above 0")
            if name == "sessions":
                options["sessions"] = min(sessions, int(value))
            else:
                options["messages_a_session"] = int(value)
        else:
            raise ValueError(f"'{name}' is not an option; ca, messages, sessions are")
    return options


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:  # its text may hold a piece of the password
        hint = "in a password, ':' is written %3A and '/' %2F"
        raise ValueError(f"has no valid port; {hint}") from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
