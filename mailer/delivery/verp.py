"""The addresses one delivery answers to, and its Message-ID: functions of three things.

Of the run, the position and the key: nothing to store, and the same on each retry.

    b-aaaaaahaaaaaam-vlbkwtoffo@bounce.news.example.org    bounces return here
    u-aaaaaahaaaaaam-u3gr24sbum@bounce.news.example.org    leaves the list by mail

The name is run and position as one number in base 32; a seal is 50 bits of one
HMAC-SHA256 over the name, another stretch of it for each use, so that the Message-ID,
which all can see, forges neither address. Lower case and '-', because some servers fold
case and few have a recipient delimiter. 27 octets of the 64 that RFC 5321 §4.5.3.1.1
allows.
"""

import hashlib
import hmac
import re
import struct
from dataclasses import dataclass
from enum import StrEnum

from mailer.kernel.tokens import Keys

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648 §6, lower case
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_DIGITS = {letter: value for value, letter in enumerate(_ALPHABET)}
_PURPOSE = b"delivery\x00"
_FIFTEEN = struct.Struct(">15H")
_LOCAL_PART = re.compile(r"([bu])-([a-z2-7]{14})-([a-z2-7]{10})", re.ASCII)
_LARGEST = 0x7FFFFFFF  # what PostgreSQL's integer holds


class Use(StrEnum):
    """What a mail to such an address asks for."""

    BOUNCE = "b"
    LEAVE = "u"


@dataclass(frozen=True, slots=True)
class Names:
    """What one delivery is called: local parts of two addresses and a Message-ID."""

    bounce: str
    leave: str
    message_id: str  # what stands left of the @


@dataclass(frozen=True, slots=True)
class Returned:
    """What an address of ours says, once its seal held."""

    use: Use
    run_id: int
    position: int


class Namer:
    """Gives deliveries their names; keeps the key half hashed, to be quick."""

    def __init__(self, keys: Keys) -> None:
        self._half_hashed = _half_hashed(keys.by_id[0][1])

    def names(self, run_id: int, position: int) -> Names:
        """Return what a delivery is called."""
        name = _name(run_id, position)
        mac = self._half_hashed.copy()
        mac.update(name.encode())
        seals = _seals(mac.digest())
        return Names(
            f"b-{name}-{seals[:10]}",
            f"u-{name}-{seals[10:20]}",
            f"{name}.{seals[20:]}",
        )


def read(address: str, keys: Keys) -> Returned | None:
    """Return which delivery an address means; None if it is not one that we made.

    The domain is not looked at: mail is routed by then. Old keys hold for ever.
    """
    match = _LOCAL_PART.fullmatch(address.partition("@")[0].lower())
    if match is None:
        return None
    use, name, seal = Use(match[1]), match[2], match[3]
    start = 0 if use is Use.BOUNCE else 10
    for _, secret in keys.by_id:
        mac = _half_hashed(secret)
        mac.update(name.encode())
        if hmac.compare_digest(_seals(mac.digest())[start : start + 10], seal):
            return Returned(use, *_ids(name))
    return None


def _half_hashed(secret: bytes) -> hmac.HMAC:
    return hmac.new(secret, _PURPOSE, hashlib.sha256)


def _name(run_id: int, position: int) -> str:
    if not (0 <= run_id <= _LARGEST and 0 <= position <= _LARGEST):
        raise ValueError(f"no delivery is called {run_id}, {position}")
    ids = run_id << 35 | position  # 7 digits each
    return "".join([_PAIRS[ids >> shift & 1023] for shift in range(60, -1, -10)])


def _ids(name: str) -> tuple[int, int]:
    value = 0
    for letter in name:
        value = value << 5 | _DIGITS[letter]
    return value >> 35, value & (1 << 35) - 1


def _seals(mac: bytes) -> str:
    """Return 30 letters: ten of each sixteen bits of the first thirty bytes."""
    return "".join([_PAIRS[bits & 1023] for bits in _FIFTEEN.unpack_from(mac)])
