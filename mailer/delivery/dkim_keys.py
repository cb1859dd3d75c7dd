"""The keys that sign: files, never the database; where they lie and who may read them.

DKIM_KEYS lists `selector=file`. The first RSA key and the first Ed25519 key of the list
sign; the others are only published, before their turn and for a while after it.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mailer.delivery.dkim import Key
from mailer.delivery.dkim_check import faults_of_keys

RSA_BITS = (
    2048  # RFC 8301 §3.2: at least 1024, should be 2048; longer ones slow us down
)
# Secrets that Docker or Kubernetes mounts are in memory, and their modes are the
# platform's: everywhere else, only the owner may read.
MOUNTED = Path("/run/secrets")

_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class BadKey(ValueError):
    """A key cannot be used; str() says which and why, and nothing of its contents."""


def read_keys(text: str) -> tuple[Key, ...]:
    """Return the keys of `selector=file, …`, each tried once, in their order.

    Raises BadKey with every fault, a sentence each, "; " between them.
    """
    keys: list[Key] = []
    faults: list[str] = []
    for part in filter(None, map(str.strip, text.split(","))):
        selector, _, path = map(str.strip, part.partition("="))
        if selector in {key.selector for key in keys}:
            faults.append(f"names {selector} twice")
            continue
        try:
            keys.append(read_key(selector, Path(path)))
        except BadKey as fault:
            faults.append(str(fault))
    faults += faults_of_keys(keys)
    if faults:
        raise BadKey("; DKIM_KEYS ".join(faults))
    return tuple(keys)


def read_key(selector: str, path: Path) -> Key:
    """Return the key in a PEM file. Raises BadKey."""
    if _SELECTOR.fullmatch(selector) is None:
        raise BadKey("must be selector=file, with a selector such as r2026a")
    try:
        mode = path.stat().st_mode
        raw = path.read_bytes()
    except OSError as error:
        raise BadKey(f"{selector}: {path} {error.strerror or 'no file'}") from error
    if mode & 0o077 and not path.resolve().is_relative_to(MOUNTED):
        raise BadKey(
            f"{selector}: others may read {path}: `chmod 600` it, owned by the user "
            f"that the workers run as (only below {MOUNTED} its mode does not count)"
        )
    try:
        # Whether its primes are primes takes 0.1 s at each start. It is our own key,
        # and `read_keys` tries it.
        private = serialization.load_pem_private_key(
            raw, password=None, unsafe_skip_rsa_key_validation=True
        )
    except TypeError as error:
        raise BadKey(f"{selector}: {path} has a password") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey(f"{selector}: {path} holds no private key in PEM") from error
    if isinstance(private, rsa.RSAPrivateKey):
        if private.key_size < RSA_BITS:
            bits = private.key_size
            raise BadKey(f"{selector}: {bits} bits are too few, RSA needs {RSA_BITS}")
    elif not isinstance(private, Ed25519PrivateKey):
        raise BadKey(f"{selector}: {path} is neither RSA nor Ed25519")
    return Key(selector, private)


def signing(keys: Sequence[Key]) -> tuple[Key, ...]:
    """Return those that sign: the first RSA key, and the first Ed25519 key behind it.

    Empty without an RSA key: many receivers know no other, so it must stand alone.
    """
    rsa_keys = [key for key in keys if key.is_rsa]
    others = [key for key in keys if not key.is_rsa]
    return (*rsa_keys[:1], *others[:1]) if rsa_keys else ()


def make_key(selector: str, kind: str, path: Path) -> Key:
    """Make a key and write it to a new file that only its owner may read.

    kind: "rsa" or "ed25519". Raises BadKey; a file that is there is never written over.
    """
    if _SELECTOR.fullmatch(selector) is None:
        raise BadKey(f"'{selector}' is not a selector: letters, digits, hyphens")
    private: rsa.RSAPrivateKey | Ed25519PrivateKey
    if kind == "rsa":
        private = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    else:
        private = Ed25519PrivateKey.generate()
    raw = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.write(raw)
    except OSError as error:
        raise BadKey(f"{path} cannot be written: {error.strerror}") from error
    return read_key(selector, path)
