"""Whether SPF lets an address send for a domain (RFC 7208), as far as we publish it.

Knows ip4, ip6, a, mx, include, all and redirect=. Macros, exists and ptr are beyond it:
it says so rather than guess.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network

from mailer.delivery.dns_records import Address

MOST_LOOKUPS = 10  # RFC 7208 §4.6.4: with more, receivers give up
RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}

Lookup = Callable[[str, str], list[str]]
"""Name and type to the values, texts joined; empty where there are none."""

_TERM = re.compile(r"([+?~-]?)([a-z0-9]+)(?:[:=]([^/]*))?((?:/\d+)?(?://\d+)?)")


class BadSpf(ValueError):
    """A record cannot be used by receivers, or not by us; str() says why."""


class Evaluation:
    """One look at one sender: counts its questions."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self.lookups = 0

    def result(self, address: Address | None, domain: str) -> str:
        """Return "pass", "fail", "softfail" or "neutral", "none" without a record.

        address: None matches nothing, so that all is read. Raises BadSpf.
        """
        record = record_of(self._lookup(domain, "TXT"))
        if record is None:
            return "none"
        redirect = ""
        for term in record.split()[1:]:
            match = _TERM.fullmatch(term.lower())
            if match is None:
                raise BadSpf(f"'{term}' is not understood")
            sign, name, value, length = match.groups()
            if name == "redirect":
                redirect = value
            elif self._matches(name, value or domain, length, address):
                return RESULTS[sign or "+"]
        if not redirect:
            return "neutral"
        self._count()
        return self.result(address, redirect)

    def _matches(
        self, name: str, value: str, length: str, address: Address | None
    ) -> bool:
        if name == "all":
            return True
        if name in {"ip4", "ip6"}:
            network = ip_network(value + length, strict=False)
            return address is not None and address in network
        if name == "include":
            self._count()
            found = self.result(address, value)
            if found == "none":
                raise BadSpf(f"include:{value} has no record")
            return found == "pass" and address is not None
        if name not in {"a", "mx"}:
            if name == "exp":
                return False
            raise BadSpf(f"'{name}' is not understood")
        self._count()
        hosts = [value]
        if name == "mx":
            hosts = [text.split()[-1] for text in self._lookup(value, "MX")]
        return any(self._points_to(host, length, address) for host in hosts)

    def _points_to(self, host: str, length: str, address: Address | None) -> bool:
        if address is None:
            return False
        kind = "A" if address.version == 4 else "AAAA"  # noqa: PLR2004
        short, _, long = length.removeprefix("/").partition("//")
        bits = (short if kind == "A" else long) or str(address.max_prefixlen)
        return any(
            address in ip_network(f"{ip_address(text)}/{bits}", strict=False)
            for text in self._lookup(host, kind)
        )

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise BadSpf(f"it takes more than {MOST_LOOKUPS} look-ups")


def record_of(texts: list[str]) -> str | None:
    """Return the SPF record among texts. Raises BadSpf if there are several."""
    found = [text for text in texts if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    if len(found) > 1:
        raise BadSpf("there are several records, and only one may stand")
    return found[0] if found else None
