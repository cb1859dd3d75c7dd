"""How a session begins: greeting, EHLO, STARTTLS, AUTH; and what the server offers."""

import ssl
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mailer.delivery.relays import Relay, Security
from mailer.delivery.transport import RelayAway, RelayFault, RelayRefusesUs

READY, OK, GO_ON, AUTHENTICATED = 220, 250, 334, 235
UNKNOWN_COMMAND = {500, 502}


@dataclass(frozen=True, slots=True)
class Offers:
    """The extensions of a server that matter to us, from its answer to EHLO.

    largest_bytes: of a message, by SIZE (RFC 1870); 0 where there is no limit, None
    where SIZE is not offered. lines: the answer itself, for an operator.
    """

    pipelining: bool = False
    starttls: bool = False
    dsn: bool = False
    largest_bytes: int | None = None
    auth: frozenset[str] = frozenset()
    lines: tuple[str, ...] = ()


class Talk(Protocol):
    """What is spoken over: ask one thing, get one answer."""

    async def ask(self, command: bytes) -> tuple[int, list[str]]:
        """Write a command, or nothing, and return the next reply."""

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Begin TLS; throw away whatever was received and not yet read."""


def read_offers(lines: Sequence[str]) -> Offers:
    """Return what a server offers. The first line of the answer is its name."""
    words = [line.upper().replace("=", " ").split() for line in lines[1:]]
    said = {line[0]: line[1:] for line in words if line}
    size = said.get("SIZE")
    largest = None
    if size is not None:
        largest = int(size[0]) if size and size[0].isdecimal() else 0
    return Offers(
        pipelining="PIPELINING" in said,
        starttls="STARTTLS" in said,
        dsn="DSN" in said,
        largest_bytes=largest,
        auth=frozenset(said.get("AUTH", ())),
        lines=tuple(lines[1:]),
    )


async def greet(
    line: Talk, relay: Relay, *, name: str, context: ssl.SSLContext | None
) -> Offers:
    """Bring a fresh line to where mail can be sent; return what the server offers.

    name: what we call ourselves. context: for STARTTLS.

    Raises RelayAway or RelayRefusesUs.
    """
    code, _ = await line.ask(b"")
    if code != READY:
        raise _refusal(relay, "the greeting", code)
    offers = await _hello(line, relay, name)
    if relay.security is Security.STARTTLS:
        if not offers.starttls:
            raise RelayRefusesUs(f"relay {relay.id} offers no STARTTLS")
        code, _ = await line.ask(b"STARTTLS\r\n")
        if code != READY or context is None:
            raise _refusal(relay, "STARTTLS", code)
        await start_tls(line, relay, context)
        offers = await _hello(line, relay, name)  # RFC 3207 §4.2: forget what was said
    if relay.user:
        await _log_in(line, relay, offers)
    return offers


async def start_tls(line: Talk, relay: Relay, context: ssl.SSLContext) -> None:
    """Begin TLS on a line. Raises what `tls_fault` makes of it."""
    try:
        await line.start_tls(context, relay.host)
    except (ssl.SSLError, OSError, TimeoutError) as error:
        raise tls_fault(relay, error) from error


def tls_fault(relay: Relay, error: Exception) -> RelayFault:
    """Return what a failed handshake means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message
        return RelayRefusesUs(f"the certificate of relay {relay.id} fails: {why}")
    reason = getattr(error, "reason", None) or type(error).__name__
    return RelayAway(f"TLS with relay {relay.id} fails: {reason}")


def context_for(relay: Relay) -> ssl.SSLContext | None:
    """Return how certificates are checked, None where there are none to check.

    Raises RelayRefusesUs if the file of the authority cannot be read.
    """
    if relay.security is Security.NONE:
        return None
    try:
        context = ssl.create_default_context(cafile=relay.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise RelayRefusesUs(f"the ca file of relay {relay.id} is unusable") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def _hello(line: Talk, relay: Relay, name: str) -> Offers:
    code, lines = await line.ask(f"EHLO {name}\r\n".encode())
    if code == OK:
        return read_offers(lines)
    plain = relay.security is Security.NONE and not relay.user
    if code in UNKNOWN_COMMAND and plain:  # RFC 5321 §3.2
        code, _ = await line.ask(f"HELO {name}\r\n".encode())
    if code != OK:
        raise _refusal(relay, "EHLO", code)
    return Offers()


async def _log_in(line: Talk, relay: Relay, offers: Offers) -> None:
    user, password = relay.user.encode(), relay.password.encode()
    if "PLAIN" in offers.auth:
        secret = b64encode(b"\0" + user + b"\0" + password)
        code, _ = await line.ask(b"AUTH PLAIN " + secret + b"\r\n")
    elif "LOGIN" in offers.auth:
        code, _ = await line.ask(b"AUTH LOGIN\r\n")
        for secret in (user, password):
            if code == GO_ON:
                code, _ = await line.ask(b64encode(secret) + b"\r\n")
    else:
        raise RelayRefusesUs(f"relay {relay.id} offers neither AUTH PLAIN nor LOGIN")
    if code != AUTHENTICATED:
        raise _refusal(relay, "the password", code)


def _refusal(relay: Relay, what: str, code: int) -> RelayFault:
    text = f"relay {relay.id} answers {what} with {code}"
    is_for_good = code // 100 == 5  # noqa: PLR2004
    return RelayRefusesUs(text) if is_for_good else RelayAway(text)
