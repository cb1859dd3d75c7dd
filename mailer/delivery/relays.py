"""What a relay is, and how its address in the settings is read.

    smtp+tls://user:password@host:587      STARTTLS, required
    smtps://user:password@host:465         TLS from the first byte (RFC 8314 §3.3)
    smtp://localhost:25                    plain: this machine, or a container's name
    smtp+unix:///run/relay.sock            a socket on this machine
    anymail+postmark://:TOKEN@api          a mail service (services.py), by https
    anymail+mailgun://:KEY@api.eu.mailgun.net/v3    … at another address than its usual

After a `?`, for any of them:

    weight=3                three times the share of a relay with 1
    cap=50000               mails a day (UTC) and no more
    newsletters=morning+@letters, providers=gmail, domains=a.example+b.example
                            only these go by it (routing.py)

and for some: sessions=4 (fewer than RELAY_SESSIONS), messages=100 (on one connection,
or in one call), ca=/path/to/ca.pem (trust this authority instead of the system's),
profile=ses (Date and Message-ID stay unsigned: it writes them anew), stream=NAME
(Postmark's), domain=NAME (of the sender, Mailgun's).
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from mailer.audience.providers import PROVIDERS
from mailer.delivery.services import SERVICES, Service

MESSAGES = 1_000  # on one connection, unless the relay's address says otherwise
PROFILES = {"ses"}  # what each leaves unsigned is in dkim.py
LETTERS = "@letters"  # in place of a newsletter: mails to one person, about no list

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
} | {f"anymail+{name}": (Security.TLS, 0) for name in SERVICES}


@dataclass(frozen=True, slots=True)
class Relay:
    """Where mail is handed over, and how. path: of a Unix socket, instead of a host.

    service: the mail service behind its HTTP interface; then path belongs to the
    address, and host is empty where it is the service's own. cap: mails a day, 0: any
    number. newsletters, providers, domains: what alone may go by it; empty: all.
    """

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
    profile: str = ""  # what it changes of a mail: "" for nothing
    service: Service | None = None
    stream: str = ""
    sender_domain: str = ""
    weight: int = 1
    cap: int = 0
    newsletters: frozenset[str] = frozenset()
    providers: frozenset[int] = frozenset()
    domains: frozenset[str] = frozenset()

    @property
    def is_local(self) -> bool:
        """Tell whether the line never leaves this machine."""
        return (bool(self.path) and not self.service) or _is_loopback(self.host)

    @property
    def kind(self) -> str:
        """By what it is reached, in a word: the service, or a sort of SMTP."""
        if self.service is not None:
            return self.service.name
        if self.path:
            return "socket"
        return {"none": "smtp", "starttls": "smtp+tls", "tls": "smtps"}[self.security]

    @property
    def takes_everything(self) -> bool:
        """Tell whether no route keeps any mail from it."""
        return not (self.newsletters or self.providers or self.domains)


class BadRelay(ValueError):
    """An address of a relay cannot be used; str() says why, without its secrets."""


def read_relays(urls: Sequence[str], *, sessions: int) -> tuple[Relay, ...]:
    """Return the relays, numbered from 1 in the order given. Raises BadRelay."""
    relays = tuple(
        _read(number, url, sessions=sessions) for number, url in enumerate(urls, 1)
    )
    if relays and not any(relay.takes_everything for relay in relays):
        raise BadRelay(
            "leave some mail without a way: one relay must have none of the options "
            "newsletters, providers, domains"
        )
    return relays


def _read(number: int, url: str, *, sessions: int) -> Relay:
    parts = urlsplit(url)
    kind = KINDS.get(parts.scheme)
    if kind is None:
        raise BadRelay(f"relay {number} must start with one of {', '.join(KINDS)}")
    security, usual_port = kind
    service = SERVICES.get(parts.scheme.removeprefix("anymail+"))
    is_at_home = service is not None and parts.hostname == "api"
    try:
        relay = Relay(
            id=number,
            host="" if is_at_home else parts.hostname or "",
            port=_port(parts) or usual_port,
            path=unquote(parts.path) if service or not usual_port else "",
            security=security,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            service=service,
            **_options(parts, service, sessions=sessions),
        )
    except ValueError as error:
        raise BadRelay(f"relay {number}: {error}") from None
    found = _service_faults(relay, service) if service else _faults(relay, parts)
    for fault in found:
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


def _service_faults(relay: Relay, service: Service) -> Iterator[str]:
    if relay.host and not _HOST.fullmatch(relay.host):
        yield "names what is not a host; `api` stands for the service's own"
    if not relay.password:
        yield "has no key: write it as anymail+SERVICE://:KEY@api"
    if service.wants_user != bool(relay.user):
        words = "needs two keys" if service.wants_user else "has one key"
        yield f"{words}; write anymail+SERVICE://{service.form}@api"


def _whole(name: str, text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ValueError(f"{name} must be a whole number above 0")
    return int(text)


def _words(_name: str, text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in re.split(r"[+ ]", text) if word)


def _provider_ids(name: str, text: str) -> frozenset[int]:
    known = {label: number for number, (label, _) in PROVIDERS.items()}
    unknown = _words(name, text) - set(known)
    if unknown:
        raise ValueError(
            f"{', '.join(sorted(unknown))} is not a provider; {', '.join(known)} are"
        )
    return frozenset(known[word] for word in _words(name, text))


def _text(_name: str, text: str) -> str:
    return text


def _profile(name: str, text: str) -> str:
    if text not in PROFILES:
        raise ValueError(f"{name} must be one of {', '.join(sorted(PROFILES))}")
    return text


# The name of an option: the field it sets, and how its value is read.
OPTIONS: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "ca": ("ca_file", _text),
    "cap": ("cap", _whole),
    "domain": ("sender_domain", _text),
    "domains": ("domains", _words),
    "messages": ("messages_a_session", _whole),
    "newsletters": ("newsletters", _words),
    "profile": ("profile", _profile),
    "providers": ("providers", _provider_ids),
    "sessions": ("sessions", _whole),
    "stream": ("stream", _text),
    "weight": ("weight", _whole),
}
_NOT_FOR_SERVICES = {"ca", "profile", "sessions"}


def _options(
    parts: SplitResult, service: Service | None, *, sessions: int
) -> dict[str, Any]:
    usable = set(OPTIONS) - {"stream", "domain"}
    if service is not None:
        usable = usable - _NOT_FOR_SERVICES | service.options
    values: dict[str, Any] = {"sessions": sessions}
    if service is not None:
        values = {"sessions": 1, "messages_a_session": service.usual}
    for name, text in parse_qsl(parts.query, keep_blank_values=True):
        if name not in usable:
            names = ", ".join(sorted(usable))
            raise ValueError(f"'{name}' is not an option here; {names} are")
        field_name, read = OPTIONS[name]
        values[field_name] = read(name, text)
    values["sessions"] = min(sessions, values["sessions"])
    if service is not None and values["messages_a_session"] > service.most:
        raise ValueError(f"messages: {service.name} takes {service.most} in a call")
    return values


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
