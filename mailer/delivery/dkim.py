"""DKIM signatures for the mails of one press (RFC 6376, 8301, 8463).

One field for each key: rsa-sha256 and ed25519-sha256 stand side by side, with a
selector each and the same d=, so that whoever knows only RSA needs nothing else.
relaxed/relaxed. No l=, which would let text be appended (RFC 6376 §8.2); no x=, since a
mail may lie in a queue for days; t= is the release of the run, so that a message is the
same on each try.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from mailer.delivery.canonical import relaxed_fields

# Named once more than it stands in the mail: another one added on the way, even a Cc
# where there was none, breaks the signature (RFC 6376 §5.4.2, §8.15).
ONCE_MORE = (
    *("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID"),
    *("MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
    *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
)
# Changed on the way, or not about this mail (RFC 6376 §5.4.1).
NEVER = frozenset({"return-path", "received", "comments", "keywords", "dkim-signature"})
# What a relay writes anew and so must not be signed, by the profile in its address.
# ses: docs.aws.amazon.com/ses, "Manual DKIM signing" and "Amazon SES header fields".
UNSIGNED = {
    "": NEVER,
    "ses": NEVER | {"message-id", "date", "bounces-to"},
}

_PADDING = padding.PKCS1v15()
_SHA256 = Prehashed(hashes.SHA256())
_LINE = 72  # of base64 in a field


@dataclass(frozen=True, slots=True)
class Key:
    """A private key and the selector under which its public half is found in DNS."""

    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    @property
    def is_rsa(self) -> bool:
        """Tell RSA from Ed25519; there is no third."""
        return isinstance(self.private, RSAPrivateKey)

    @property
    def algorithm(self) -> str:
        """What stands in a=."""
        return "rsa-sha256" if self.is_rsa else "ed25519-sha256"

    @property
    def record(self) -> str:
        """What is published in DNS (RFC 6376 §3.6.1; RFC 8463 §4.2: 32 raw bytes)."""
        coding, shape = (
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
        if not self.is_rsa:
            coding, shape = (
                serialization.Encoding.Raw,
                serialization.PublicFormat.Raw,
            )
        public = self.private.public_key().public_bytes(coding, shape)
        kind = "h=sha256; k=rsa" if self.is_rsa else "k=ed25519"
        return f"v=DKIM1; {kind}; p={base64.b64encode(public).decode()}"

    def sign(self, digest: bytes) -> bytes:
        """Return the signature of a SHA-256 digest: the same each time.

        Ed25519 signs the digest as if it were the text (RFC 8463 §3). Both let other
        threads run meanwhile.
        """
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(digest, _PADDING, _SHA256)
        return self.private.sign(digest)


class Signer:
    """Signs the mails that share all header fields but a few."""

    def __init__(
        self, keys: Sequence[Key], *, domain: str, at: datetime, profile: str = ""
    ) -> None:
        """Set up; `begin` comes next.

        domain: the one in From, for strict alignment. at: aware; for t=, in whole
        seconds.
        """
        self._keys = keys
        self._tags = f"d={domain.lower()}; t={int(at.timestamp())};"
        self._unsigned = UNSIGNED[profile]

    def begin(self, *, equal: bytes, sample: bytes) -> None:
        """Take the fields that all mails share, and as a sample those of one mail."""
        shared = self._signed(equal)
        own = self._signed(sample)
        self._begun = hashlib.sha256(b"".join(shared.values()))
        more = [name for name in ONCE_MORE if name.lower() not in self._unsigned]
        names = _folded([*shared, *own, *more])
        self._heads = [
            (
                f"DKIM-Signature: v=1; a={key.algorithm}; c=relaxed/relaxed;"
                f" s={key.selector};\r\n {self._tags}\r\n h={names};\r\n bh="
            ).encode()
            for key in self._keys
        ]
        self._relaxed_heads = [
            next(iter(relaxed_fields(head).values())).removesuffix(b"\r\n")
            for head in self._heads
        ]
        self.size = len(self.fields(sample, bytes(32)))

    def fields(self, own: bytes, body_digest: bytes) -> bytes:
        """Return one DKIM-Signature field a key, to stand before all others.

        own: the fields of this mail alone, with the names of the sample. The length is
        always `size`.
        """
        state = self._begun.copy()
        state.update(b"".join(self._signed(own).values()))
        body_hash = base64.b64encode(body_digest)
        made: list[bytes] = []
        for key, head, relaxed in zip(
            self._keys, self._heads, self._relaxed_heads, strict=True
        ):
            one = state.copy()
            one.update(b"%b%b; b=" % (relaxed, body_hash))
            signature = base64.b64encode(key.sign(one.digest()))
            lines = [
                signature[at : at + _LINE] for at in range(0, len(signature), _LINE)
            ]
            made += (head, body_hash, b";\r\n b=", b"\r\n ".join(lines), b"\r\n")
        return b"".join(made)

    def _signed(self, raw: bytes) -> dict[str, bytes]:
        return {
            name: relaxed
            for name, relaxed in relaxed_fields(raw).items()
            if name.lower() not in self._unsigned
        }


def _folded(names: Sequence[str]) -> str:
    """Return a list for h=, in lines of a readable length."""
    lines = [""]
    for name in names:
        if len(lines[-1]) + len(name) > _LINE:
            lines.append("")
        lines[-1] += f"{name}:"
    return "\r\n ".join(lines).removesuffix(":")
