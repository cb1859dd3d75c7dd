"""What an e-mail address is: to send to, to show, to compare.

Domains become A-labels by IDNA 2008 with UTS 46 (the `idna` package inside
email-validator): Python's own codec turns faß.de into fass.de, another domain.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

import idna
from email_validator import EmailNotValidError, validate_email

LONGEST = 254  # octets of an address in a path, RFC 5321 §4.5.3.1.3 and erratum 1690
LONGEST_LOCAL_PART = 64  # RFC 5321 §4.5.3.1.1

# Most addresses are plain: dot-atom @ letters, digits, hyphens. They need no library;
# a law keeps this to what email-validator says.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@((?:{_LABEL}\.)+([A-Za-z]{{2,63}}))")
_LAST_LABEL = re.compile(r"\.[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$")  # RFC 3696 §2
_BRACKETS = re.compile(r"^<(.*)>$", re.DOTALL)


class BadAddress(ValueError):
    """This is no address we can send to; str() says why, in words for the reader."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address. ascii goes on the wire, shown to people, key into comparisons."""

    ascii: str
    shown: str
    key: str

    @property
    def domain(self) -> str:
        """Return the domain, lower case, in A-labels."""
        return self.key.rpartition("@")[2]


def read_address(text: str) -> Address:
    """Return the address in a text; white space around it does not count.

    Letters of the local part are compared without case: no provider of weight tells
    Ann from ann, and two rows for one person would be two mails.

    Raises BadAddress with a sentence that never repeats the address.
    """
    text = _BRACKETS.sub(r"\1", text.strip())
    plain = _PLAIN.fullmatch(text)
    if plain and _is_certainly_fine(plain):
        local, domain = plain[1], plain[2].lower()
        return Address(
            f"{local}@{domain}", f"{local}@{domain}", f"{local}@{domain}".lower()
        )
    return read_carefully(text)


def _is_certainly_fine(plain: re.Match[str]) -> bool:
    return (
        len(plain[0]) <= LONGEST
        and len(plain[1]) <= LONGEST_LOCAL_PART
        and "--" not in plain[2]  # A-labels, and what only looks like one
    )


def read_carefully(text: str) -> Address:
    """Return the address by the library's rules, plain or not. Raises BadAddress."""
    if not text:
        raise BadAddress("Enter an address like name@example.org")
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain or "," in text or ";" in text:
        raise BadAddress("Enter one address like name@example.org")
    if not local.isascii():
        raise BadAddress(
            "The part before the @ has letters that most mail servers cannot take. "
            "Enter an address with plain letters there"
        )
    try:
        found = validate_email(
            text,
            check_deliverability=False,
            allow_smtputf8=False,
            strict=True,  # the local part's 64 octets too
            # Off: names such as .example and .internal are refused no better here
            # than by the first mail, and newsrooms do test with them.
            globally_deliverable=False,
        )
    except EmailNotValidError as error:
        raise BadAddress(_in_our_words(str(error))) from error
    plain = found.ascii_email
    if plain is None or not _LAST_LABEL.search(plain):
        raise BadAddress("The part after the @ needs a dot, like name@example.org")
    shown = f"{found.local_part}@{found.domain}"
    return Address(plain, shown, plain.lower())


def _in_our_words(said: str) -> str:
    """Return the library's reason without anything the reader typed."""
    if "too long" in said:
        return "This address is too long"
    if "after the @-sign" in said or "domain" in said:
        return "The part after the @ is not the name of a mail domain"
    if "before the @-sign" in said:
        return "The part before the @ has a character or a dot where none may be"
    return "Enter an address like name@example.org"


def masked(shown: str) -> str:
    """Return an address as pages show it: first letter, three dots, domain."""
    local, _, domain = shown.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def domain_shown(domain: str) -> str:
    """Return a domain as people read it; the A-labels where it has no such form."""
    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain


def mark_of(key: str, secret: bytes) -> bytes:
    """Return the scrambled mark of a normalised address, 32 bytes (HMAC-SHA256).

    It outlives the address: who was erased or complained is known by it alone. Never
    change the secret under which marks were made.
    """
    return hmac.new(secret, b"address:" + key.encode(), hashlib.sha256).digest()
