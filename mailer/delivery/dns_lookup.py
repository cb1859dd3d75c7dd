"""Ask the domain name system: dnspython, with its errors in our words."""

import dns.exception
import dns.resolver
from dns.rdtypes.ANY.TXT import TXT

from mailer.delivery.dns_check import NoAnswer
from mailer.delivery.spf import Lookup

SECONDS = 8.0  # for one question, tries included


def lookup_at(server: str = "") -> Lookup:
    """Return how to ask: this machine's resolver, or `server`, an address[:port].

    Raises NoAnswer where this machine has no resolver.
    """
    try:
        resolver = dns.resolver.Resolver(configure=not server)
    except dns.resolver.NoResolverConfiguration as error:
        raise NoAnswer("this machine has no resolver: name one") from error
    if server:
        host, _, port = server.partition(":") if "." in server else (server, "", "")
        resolver.nameservers = [host]
        resolver.port = int(port or "53")
    resolver.lifetime = SECONDS
    # What a domain must not have is asked for, too: search lists would invent it.
    resolver.use_search_by_default = False

    def lookup(name: str, kind: str) -> list[str]:
        try:
            answer = resolver.resolve(name, kind, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return []
        except dns.exception.DNSException as error:
            words = type(error).__name__
            raise NoAnswer(f"nobody answers for {name} ({words})") from error
        return [_text(record) for record in answer]

    return lookup


def _text(record: object) -> str:
    if isinstance(record, TXT):
        return b"".join(record.strings).decode("utf-8", "replace")
    text = str(record)
    return text if text.endswith(" .") else text.rstrip(".")
