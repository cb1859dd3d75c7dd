"""What a newsroom publishes in DNS, so that receivers believe its mails.

DKIM and DMARC belong to the domains in From, SPF and MX to the one that bounces return
to, PTR to the addresses from which mail leaves for the world.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address

from mailer.delivery.dkim import Key

LONGEST_STRING = 255  # octets in one string of a TXT record; RFC 1035 §3.3

TTL_SECONDS = 3600  # an hour: short enough to correct a slip

Address = IPv4Address | IPv6Address


class About(StrEnum):
    """What a record is for."""

    SPF = "SPF"
    DKIM = "DKIM"
    DMARC = "DMARC"
    BIMI = "BIMI"
    MX = "MX"
    PTR = "PTR"


@dataclass(frozen=True, slots=True)
class Record:
    """One record to publish. name and value: as a person writes them, no dot behind."""

    about: About
    name: str
    type: str
    value: str
    note: str = ""  # what to think of before it is published

    @property
    def line(self) -> str:
        """The record as a line of a zone file; a long text is cut into strings."""
        value = f"{self.value}."
        if self.type == "TXT":
            value = " ".join(f'"{part}"' for part in strings(self.value))
        return f"{self.name}. {TTL_SECONDS} IN {self.type} {value}"


@dataclass(frozen=True, slots=True)
class Presence:
    """What the records are made from.

    host: which takes bounces, and by which we greet. addresses: from which mail leaves
    for the world; empty where the relay is somebody else's. relay_hosts: those that are
    not this machine. logo, certificate: addresses for BIMI, empty for none.
    """

    from_domains: Sequence[str]
    bounce_domain: str
    host: str
    keys: Sequence[Key] = ()
    addresses: Sequence[Address] = ()
    relay_hosts: Sequence[str] = ()
    logo: str = ""
    certificate: str = ""


def records(presence: Presence) -> list[Record]:
    """Return what to publish."""
    return list(_records(presence))


def strings(text: str) -> list[str]:
    """Cut a text into strings of a TXT record, which readers join again."""
    return [
        text[at : at + LONGEST_STRING] for at in range(0, len(text), LONGEST_STRING)
    ]


def _records(presence: Presence) -> Iterator[Record]:
    yield _spf(presence)
    value = f"10 {presence.host}"
    yield Record(About.MX, presence.bounce_domain, "MX", value)
    for domain in presence.from_domains:
        for key in presence.keys:
            name = f"{key.selector}._domainkey.{domain}"
            yield Record(About.DKIM, name, "TXT", key.record)
        yield Record(
            About.DMARC,
            f"_dmarc.{domain}",
            "TXT",
            f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}",
            "reports go to rua; when they show only your own mail, p=quarantine",
        )
        if presence.logo:
            value = f"v=BIMI1; l={presence.logo}; a={presence.certificate}"
            note = "counts from DMARC with p=quarantine or p=reject on"
            yield Record(
                About.BIMI, f"default._bimi.{domain}", "TXT", value.rstrip(), note
            )
    for address in presence.addresses:
        note = "set by whoever gave you the address; the name must point back to it"
        name = address.reverse_pointer
        yield Record(About.PTR, name, "PTR", presence.host, note)


def _spf(presence: Presence) -> Record:
    """Return who may send with an envelope sender of ours (RFC 7208)."""
    words = [f"ip{address.version}:{address}" for address in presence.addresses]
    note = ""
    if not words:
        words = [f"a:{host}" for host in presence.relay_hosts]
        note = "what your relay's operator names, often an include:, in place of a:"
    value = " ".join(("v=spf1", *words, "-all"))
    return Record(About.SPF, presence.bounce_domain, "TXT", value, note)
