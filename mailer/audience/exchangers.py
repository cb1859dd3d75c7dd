"""Ask the DNS who takes mail for a domain (MX records, RFC 5321 §5.1), many at once.

The answer of a server that does not know, or does not come, is None: not an answer.
"""

import asyncio
from collections.abc import Iterable

import dns.asyncresolver
import dns.exception
import dns.resolver

SECONDS = 3.0  # for one domain
AT_ONCE = 20
NOWHERE = {"example", "test", "invalid", "localhost"}  # RFC 2606 §2: not in any DNS


def exchangers_of(
    domains: Iterable[str], *, server: tuple[str, int] | None = None
) -> dict[str, tuple[str, ...] | None]:
    """Return the mail exchangers of each domain, the preferred first, lower case.

    Empty: it has none, or does not exist. None: nobody could say. server: address and
    port of a name server, None for the system's.
    """
    return asyncio.run(_all(list(domains), server))


async def _all(
    domains: list[str], server: tuple[str, int] | None
) -> dict[str, tuple[str, ...] | None]:
    try:
        resolver = dns.asyncresolver.Resolver(configure=server is None)
    except dns.resolver.NoResolverConfiguration:
        return dict.fromkeys(domains)
    resolver.lifetime = SECONDS
    if server is not None:
        resolver.nameservers, resolver.port = [server[0]], server[1]
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(domain: str) -> tuple[str, ...] | None:
        async with turn:
            return await _one(resolver, domain)

    found = await asyncio.gather(*(one(domain) for domain in domains))
    return dict(zip(domains, found, strict=True))


async def _one(
    resolver: dns.asyncresolver.Resolver, domain: str
) -> tuple[str, ...] | None:
    if domain.rpartition(".")[2] in NOWHERE:
        return ()
    try:
        answer = await resolver.resolve(domain, "MX")
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except (dns.exception.DNSException, OSError, UnicodeError):
        return None
    hosts = sorted((one.preference, one.exchange.to_text()) for one in answer)
    return tuple(host.rstrip(".").lower() for _, host in hosts)
