"""Whether a signature of ours holds: for the test at the start, by another way.

The signer works in pieces and keeps most of them; this reads a finished message as a
receiver does (RFC 6376 §6.1), so that one finds the other's faults. relaxed/relaxed
only, which is all that we write.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from mailer.delivery.canonical import BodyHash
from mailer.delivery.dkim import Key, Signer

Public = RSAPublicKey | Ed25519PublicKey

_SHARED = b"From: News <news@news.example>\r\nSubject: The quay  is open\r\n"
_OWN = b"To: ann@a.example\r\nMessage-ID: <1@news.example>\r\n"
_BODY = (b"Read \t on. \r\n\r\n", b"https://news.example/u/1", b"=\r\n\r\n", b"\r\n")
_BODY_OF_ANOTHER = (_BODY[0], b"b", *_BODY[2:])
_AT = datetime(2026, 1, 1, tzinfo=UTC)


def faults_of_keys(keys: Sequence[Key]) -> Iterator[str]:
    """Yield a sentence for each key whose signature its own public half refuses."""
    for key in keys:
        signer = Signer([key], domain="news.example", at=_AT)
        signer.begin(equal=_SHARED, sample=_OWN)
        body = BodyHash(_BODY, _BODY_OF_ANOTHER)
        field = signer.fields(_OWN, body.digest(_BODY))
        message = b"".join((field, _SHARED, _OWN, b"\r\n", *_BODY))
        if not holds(message, key.selector, key.private.public_key()):
            yield f"{key.selector} makes signatures that do not hold"


def holds(message: bytes, selector: str, public: Public) -> bool:
    """Tell whether the signature with this selector is valid."""
    head, _, body = message.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", head)
    for field in fields:
        if field.lower().startswith(b"dkim-signature:"):
            tags = _tags(field.partition(b":")[2])
            if tags["s"] == selector:
                return _holds(field, tags, fields, body, public)
    return False


def _holds(
    signature: bytes,
    tags: dict[str, str],
    fields: list[bytes],
    body: bytes,
    public: Public,
) -> bool:
    digest = hashlib.sha256(_relaxed_body(body)).digest()
    if base64.b64decode(tags["bh"]) != digest:
        return False
    left = [field for field in fields if field is not signature]
    signed = b""
    for name in tags["h"].lower().split(":"):
        for at in range(len(left) - 1, -1, -1):  # the lowest first: RFC 6376 §5.4.2
            if left[at].partition(b":")[0].lower().decode() == name:
                signed += _relaxed_field(left.pop(at)) + b"\r\n"
                break
    signed += _relaxed_field(re.sub(rb"([;\s]b=)[^;]*", rb"\1", signature))
    digest, value = hashlib.sha256(signed).digest(), base64.b64decode(tags["b"])
    try:
        if isinstance(public, Ed25519PublicKey):
            public.verify(value, digest)
        else:
            scheme = Prehashed(hashes.SHA256())
            public.verify(value, digest, padding.PKCS1v15(), scheme)
    except InvalidSignature:
        return False
    return True


def _tags(value: bytes) -> dict[str, str]:
    pairs = (part.partition("=") for part in value.decode().split(";"))
    return {name.strip(): re.sub(r"\s", "", text) for name, _, text in pairs}


def _relaxed_field(field: bytes) -> bytes:
    name, _, value = field.partition(b":")
    value = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b""))
    return name.strip(b" \t").lower() + b":" + value.strip(b" ")


def _relaxed_body(body: bytes) -> bytes:
    lines = [re.sub(rb"[ \t]+", b" ", line) for line in body.split(b"\r\n")]
    lines = [line.rstrip(b" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)
