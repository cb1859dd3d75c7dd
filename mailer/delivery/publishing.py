"""What this installation publishes in DNS, from its settings and newsletters."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from mailer.audience import queries as audience
from mailer.delivery.dns_check import Finding, check
from mailer.delivery.dns_records import Presence, Record, records
from mailer.delivery.relays import read_relays
from mailer.delivery.spf import Lookup


def presence() -> Presence:
    """Return what the records are made from."""
    senders = [one.from_address for one in audience.newsletters()]
    domains = {_domain(address) for address in (*senders, settings.LETTERS_FROM)}
    relays = read_relays(settings.RELAYS, sessions=settings.RELAY_SESSIONS)
    logo, _, certificate = settings.BIMI_LOGO.partition(",")
    return Presence(
        from_domains=sorted(domains),
        bounce_domain=settings.BOUNCE_DOMAIN,
        host=urlsplit(settings.PUBLIC_URL).hostname or "",
        keys=settings.DKIM_KEYS,
        addresses=[ip_address(text) for text in settings.SENDING_ADDRESSES],
        relay_hosts=[
            relay.host for relay in relays if not relay.is_local and not relay.service
        ],
        logo=logo.strip(),
        certificate=certificate.strip(),
    )


def to_publish() -> list[Record]:
    """Return the records, for the domains of all newsletters and of letters."""
    return records(presence())


def published(lookup: Lookup) -> list[Finding]:
    """Return what is found of them."""
    here = presence()
    return check(records(here), here, lookup)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
