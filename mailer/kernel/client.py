"""Who is asking: the address of a client, believed only as far as our own proxies say.

X-Forwarded-For is written by anybody. Each proxy appends the address it was asked from,
so the list is read from the right, and only while the one who wrote it is ours.
"""

from collections.abc import Mapping, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Networks = Sequence[IPv4Network | IPv6Network]


def client_address(meta: Mapping[str, object], trusted: Sequence[str]) -> str:
    """Return the client's address in its shortest spelling, or "" if not known.

    meta: the request's, with REMOTE_ADDR and HTTP_X_FORWARDED_FOR (WSGI).
    trusted: addresses and networks of our own proxies.
    """
    networks = [ip_network(text, strict=False) for text in trusted]
    peer = _read(str(meta.get("REMOTE_ADDR") or ""))
    if peer is None:
        return ""
    if not _ours(peer, networks):
        return str(peer)
    forwarded = str(meta.get("HTTP_X_FORWARDED_FOR") or "")
    for text in reversed(forwarded.split(",") if forwarded else []):
        hop = _read(text)
        if hop is None:  # a proxy of ours wrote what it could not read: stop there
            break
        peer = hop
        if not _ours(hop, networks):
            break
    return str(peer)


def network_of(address: str) -> str:
    """Return what limits count by: an IPv4 address, an IPv6 /64 (one household)."""
    read = _read(address)
    if isinstance(read, IPv6Address):
        return str(ip_network(f"{read}/64", strict=False))
    return str(read) if read is not None else ""


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        read = ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    mapped = read.ipv4_mapped if isinstance(read, IPv6Address) else None
    return mapped or read


def _ours(address: IPv4Address | IPv6Address, networks: Networks) -> bool:
    return any(address in network for network in networks)
