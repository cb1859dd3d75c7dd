"""What a mail to one of our return addresses says, as far as it can be believed.

A bounce is a multipart/report with a delivery-status part (RFC 3464), a complaint one
with a feedback-report part (RFC 5965). Which delivery it is about says our own sealed
address alone: addresses and numbers in the report may be anybody's.

Pure: bytes in, a value out; no table, no clock.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import errors, policy
from email.message import Message
from email.parser import BytesParser
from enum import StrEnum

LARGEST_BYTES = 1_000_000  # the rest of a longer one is the returned mail, not read
DEEPEST = 20  # parts in parts; a real report has three
LONGEST_FIELD = 500

# As `delivery.verp` makes them; read there, seal and all.
OURS = re.compile(r"\b[bu]-[a-z2-7]{14}-[a-z2-7]{10}@[a-z0-9.-]+", re.IGNORECASE)
PARTS = re.compile(rb"(?im)^content-type:\s*(?:multipart|message)/")
# Who the mail was for, in the order of trust: our own server's words come first.
ADDRESSED = ("delivered-to", "x-original-to", "envelope-to", "to", "cc", "received")
RETURNED = ("return-path", "list-unsubscribe", "x-original-to", "from", "sender")


class NotAReport(ValueError):
    """This mail tells us nothing; str() says why, without any address."""


class Kind(StrEnum):
    """What sort of mail it is. Values are stored: never renamed."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    LEAVE = "leave"  # sent to the address that leaves a list
    AUTOMATIC = "automatic"  # an out-of-office note and its like
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Recipient:
    """What the report says of one recipient: the fields of RFC 3464 §2.3."""

    action: str
    status: str
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Report:
    """A mail that came back. addresses: ours in it, the most trusted first.

    feedback_type: of a complaint (RFC 5965 §3.1), lower case.
    """

    kind: Kind
    addresses: tuple[str, ...]
    message_id: str
    recipients: tuple[Recipient, ...] = ()
    feedback_type: str = ""


def read_report(raw: bytes) -> Report:
    """Return what a mail says. Raises NotAReport if it is none we can read."""
    raw = raw[:LARGEST_BYTES]
    if len(PARTS.findall(raw)) > DEEPEST:
        raise NotAReport("parts are nested too deeply")
    try:
        mail = BytesParser(policy=policy.compat32).parsebytes(raw)
        return _understood(mail)
    except (errors.MessageError, LookupError, ValueError, TypeError) as error:
        if isinstance(error, NotAReport):
            raise
        raise NotAReport(f"cannot be read: {type(error).__name__}") from error
    except (AttributeError, RecursionError) as error:  # the parser's own, on rubbish
        raise NotAReport("is not built like a mail") from error


def _understood(mail: Message) -> Report:
    if not mail.keys():
        raise NotAReport("has no headers")
    status = _part(mail, "message/delivery-status")
    complaint = _part(mail, "message/feedback-report")
    returned = _returned(mail)
    addresses = tuple(dict.fromkeys(_ours(mail, status, complaint, returned)))
    message_id = _field(mail, "message-id")
    if addresses and addresses[0].startswith("u-") and _is_for(mail, addresses[0]):
        return Report(Kind.LEAVE, addresses, message_id)
    if complaint is not None:
        blocks = _blocks(complaint)
        kind = next((_field(b, "feedback-type") for b in blocks), "")
        return Report(Kind.COMPLAINT, addresses, message_id, feedback_type=kind.lower())
    if status is not None:
        recipients = tuple(
            Recipient(
                action=_field(block, "action").lower(),
                status=_field(block, "status"),
                diagnostic=_field(block, "diagnostic-code"),
            )
            for block in _blocks(status)
            if block.get("action") or block.get("status")
        )
        if not recipients:
            raise NotAReport("the delivery status names no recipient")
        return Report(Kind.BOUNCE, addresses, message_id, recipients)
    automatic = _field(mail, "auto-submitted").lower() not in {"", "no"}
    kind_of_mail = Kind.AUTOMATIC if automatic else Kind.OTHER
    return Report(kind_of_mail, addresses, message_id)


def _ours(
    mail: Message,
    status: Message | None,
    complaint: Message | None,
    returned: Message | None,
) -> Iterator[str]:
    """Yield addresses of ours: of the mail itself, then of what it quotes."""
    for name in ADDRESSED:
        for value in mail.get_all(name, []):
            yield from _found(str(value))
    for part in (status, complaint):
        for block in _blocks(part) if part is not None else []:
            for value in block.values():
                yield from _found(str(value))
    if returned is not None:
        for name in RETURNED:
            for value in returned.get_all(name, []):
                yield from _found(str(value))


def _found(text: str) -> Iterator[str]:
    for match in OURS.findall(text[: 10 * LONGEST_FIELD]):
        yield match.lower()


def _is_for(mail: Message, address: str) -> bool:
    """Tell whether the mail was addressed to it, rather than quoting it."""
    return any(
        address in str(value).lower()
        for name in ADDRESSED
        for value in mail.get_all(name, [])
    )


def _part(mail: Message, content_type: str) -> Message | None:
    for part in mail.walk():
        if part.get_content_type() == content_type:
            return part
    return None


def _returned(mail: Message) -> Message | None:
    """Return the headers of the mail that came back, whole or in short."""
    for part in mail.walk():
        kind = part.get_content_type()
        payload = part.get_payload()
        if kind == "message/rfc822" and isinstance(payload, list) and payload:
            first = payload[0]
            return first if isinstance(first, Message) else None
        if kind in {"text/rfc822-headers", "message/rfc822-headers"}:
            text = part.get_payload(decode=True)
            body = text if isinstance(text, bytes) else b""
            return BytesParser(policy=policy.compat32).parsebytes(body)
    return None


def _blocks(part: Message) -> list[Message]:
    """Return the blocks of fields of a status or feedback part."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [block for block in payload if isinstance(block, Message)]
    return []


def _field(block: Message, name: str) -> str:
    value = str(block.get(name, "")).replace("\r", " ").replace("\n", " ")
    return " ".join("".join(c for c in value if c.isprintable()).split())[
        :LONGEST_FIELD
    ]
