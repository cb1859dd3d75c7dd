"""Builders for the wire: envelopes, mails, presses, certificates, open transports."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mailer.audience.newsletter import Newsletter
from mailer.delivery.line import Timeouts
from mailer.delivery.press import House, Mail, Press
from mailer.delivery.relays import Relay
from mailer.delivery.reply import Reply
from mailer.delivery.smtp import SmtpTransport
from mailer.delivery.transport import Envelope, Replies, Transport
from mailer.kernel.tokens import Keys

SENDER = "b-aaaaaahaaaaaam-i6foxaw7kv@bounce.causeway.example"
MESSAGE = b"Subject: News\r\n\r\nThe quay is open.\r\n"
KEYS = Keys(((1, b"k" * 32),))
AT = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
QUICK = Timeouts(connect=2, greeting=2, command=2, data=2, dot=2, quit=1)
HASTY = Timeouts(connect=2, greeting=0.2, command=0.2, data=0.2, dot=0.2, quit=0.2)
ANN, BEN, EVE = "ann@a.example", "ben@b.example", "eve@e.example"


def an_envelope(
    address: str = "ann@a.example", *, position: int = 1, **changes: Any
) -> Envelope:
    """Build one message on its way."""
    values: dict[str, Any] = {"run_id": 7, "sender": SENDER}
    values["printed"] = changes.pop("message", MESSAGE)
    return Envelope(position=position, address=address, **(values | changes))


def envelopes_to(*addresses: str) -> list[Envelope]:
    """Build one message for each, at positions 1, 2, …"""
    return [an_envelope(address, position=n) for n, address in enumerate(addresses, 1)]


def replies_to(
    transport: Transport, envelopes: list[Envelope]
) -> dict[int, Reply | None]:
    """Hand over, and wait for all the replies."""
    replies = dict(transport.exchange(envelopes))
    while len(replies) < len(envelopes):
        replies |= transport.exchange([])
    return replies


@contextmanager
def a_transport(
    relay: Relay, *, timeouts: Timeouts = QUICK, patience_seconds: float = 5
) -> Iterator[SmtpTransport]:
    """Give a transport, and close it."""
    transport = SmtpTransport(
        relay,
        name="news.causeway.example",
        timeouts=timeouts,
        patience_seconds=patience_seconds,
    )
    try:
        yield transport
    finally:
        transport.close()


def a_newsletter(**changes: Any) -> Newsletter:
    """Build a list with a name."""
    values: dict[str, Any] = {
        "id": 3,
        "slug": "morning",
        "name": "Morning digest",
        "description": "What happened, before breakfast",
        "rhythm": "weekdays at 06:00",
        "list_id": "morning.list-id.news.causeway.example",
        "from_name": "The Causeway",
        "from_address": "morning@news.causeway.example",
        "reply_to": "editor@causeway.example",
    }
    return Newsletter(**(values | changes))


def a_house(**changes: Any) -> House:
    """Build what is equal for every mail."""
    values: dict[str, Any] = {
        "keys": KEYS,
        "public_url": "https://news.causeway.example",
        "bounce_domain": "bounce.causeway.example",
        "name": "The Causeway",
    }
    return House(**(values | changes))


def a_mail(**changes: Any) -> Mail:
    """Build what everybody gets, from a newsletter."""
    newsletter = changes.pop("newsletter", a_newsletter())
    values: dict[str, Any] = {
        "run_id": 7,
        "date": AT,
        "subject": "The quay is open",
        "html": '<p>Read on.</p>\n<a href="@@UNSUBSCRIBE@@">Leave</a>\n',
        "text": "Read on.\n\nLeave: @@UNSUBSCRIBE@@\n",
        "from_name": "The Causeway",
        "from_address": "morning@news.causeway.example",
        "reply_to": "editor@causeway.example",
        "newsletter": newsletter,
    }
    return Mail(**(values | changes))


def a_letter(**changes: Any) -> Mail:
    """Build a mail to one person, about no list."""
    values: dict[str, Any] = {"newsletter": None, "is_letter": True, "kind": "confirm"}
    values |= {"html": "<p>Press the button.</p>\n", "text": "Press the button.\n"}
    return a_mail(**(values | changes))


def printed(mail: Mail | None = None, **changes: Any) -> bytes:
    """Return the bytes of a mail to Ann."""
    values: dict[str, Any] = {"position": 12, "subscriber_id": 5}
    values["address"] = "ann@a.example"
    return Press(mail or a_mail(), a_house()).envelope(**(values | changes)).message


def in_parts(
    *addresses: str, mail: Mail | None = None, first: int = 1
) -> list[Envelope]:
    """Return mails of one press for a mail service, at positions first, first + 1 …"""
    press = Press(mail or a_mail(), a_house())
    return [
        press.envelope(
            position=position, address=address, subscriber_id=position, profile=None
        )
        for position, address in enumerate(addresses, first)
    ]


@cache
def a_certificate(folder: Path, *, host: str = "127.0.0.1") -> tuple[Path, Path]:
    """Write a certificate that signs itself, and its key; return their paths.

    By default for an address: the barest system knows no localhost.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(tz=dt.UTC)  # noqa: TID251  OpenSSL looks at the real clock
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([_name_of(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{host}.pem", folder / f"{host}.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


def _name_of(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def codes(replies: Replies) -> dict[int, int | None]:
    """Return the code each position was answered with, None for a doubt."""
    return {n: None if reply is None else reply.code for n, reply in replies.items()}


def html_of(kilobytes: int) -> str:
    """Return HTML that makes a message of about so many kilobytes, with one mark."""
    line = '<p>The council of Kessane says no to <a href="https://x/y">it</a>.</p>\n'
    leave = '<a href="@@UNSUBSCRIBE@@">Leave</a>\n'
    return line * (kilobytes * 1000 // (len(line) + 6)) + leave
