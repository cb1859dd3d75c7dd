"""Tokens in links: numbers sealed by a key, short enough for a header line.

A token is base64url(version ‖ key id ‖ numbers ‖ first 16 bytes of HMAC-SHA256),
without padding: 34 to 46 characters of [A-Za-z0-9_-]. The purpose is part of what is
sealed, so that a token for one door opens no other. It holds no address and never
expires by itself: unsubscribe links must work for years (CASL asks for 60 days).
Old keys verify for ever, the first one seals.
"""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

VERSION = 1
MAC_BYTES = 16
LONGEST = 120  # characters; more than any token of ours, checked before decoding


@dataclass(frozen=True)
class Keys:
    """Key id (0 to 255) and secret (32 bytes or more), the sealing one first."""

    by_id: Sequence[tuple[int, bytes]]

    def find(self, key_id: int) -> bytes | None:
        """Return the secret of a key id, or None if we never had it."""
        return dict(self.by_id).get(key_id)


class BadToken(ValueError):
    """This is not a token of ours, or not one for this purpose."""


def seal(purpose: str, numbers: Sequence[int], keys: Keys) -> str:
    """Return the token that carries these non-negative numbers for one purpose."""
    key_id, secret = keys.by_id[0]
    body = bytes([VERSION, key_id]) + b"".join(_varint(n) for n in numbers)
    mac = _mac(secret, purpose, body)
    return _text(body + mac)


def unseal(purpose: str, token: str, keys: Keys) -> tuple[int, ...]:
    """Return the numbers of a token.

    Raises BadToken for whatever this purpose's `seal` did not make.
    """
    if len(token) > LONGEST:
        raise BadToken("too long")
    try:
        padding = "=" * (-len(token) % 4)
        raw = base64.b64decode(token + padding, altchars=b"-_", validate=True)
    except ValueError as error:
        raise BadToken("not base64url") from error
    if _text(raw) != token:  # the last character has spare bits: one spelling counts
        raise BadToken("not base64url")
    if len(raw) < 2 + MAC_BYTES or raw[0] != VERSION:
        raise BadToken("not a token")
    body, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    secret = keys.find(body[1])
    if secret is None or not hmac.compare_digest(mac, _mac(secret, purpose, body)):
        raise BadToken("not sealed by us")
    return _numbers(body[2:])


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _mac(secret: bytes, purpose: str, body: bytes) -> bytes:
    sealed = purpose.encode() + b"\x00" + body
    return hmac.digest(secret, sealed, "sha256")[:MAC_BYTES]


def _varint(number: int) -> bytes:
    """Seven bits a byte, lowest first; the top bit says that more follow."""
    if number < 0:
        raise ValueError(f"a token carries no negative number: {number}")
    out = bytearray()
    while number > 0x7F:  # noqa: PLR2004
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _numbers(body: bytes) -> tuple[int, ...]:
    numbers, current, shift = [], 0, 0
    for byte in body:
        current |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
            continue
        numbers.append(current)
        current, shift = 0, 0
    return tuple(numbers)
