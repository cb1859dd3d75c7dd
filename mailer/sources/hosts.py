"""Which hosts may be asked: public ones, and private ones a person has named."""

from collections.abc import Collection
from ipaddress import IPv6Address, ip_address, ip_network

# Ports a web server may have; below 1024 the others speak to mail, files, names.
WEB_PORTS = {80, 443}
LOWEST_FREE_PORT = 1024
# Addresses that carry another one inside; what they lead to is not ours to guess.
_TUNNELS = tuple(
    ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


def is_public(address: str) -> bool:
    """Say whether an IP address is on the public internet, beyond doubt."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        elif any(ip in network for network in _TUNNELS):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def is_web_port(port: int) -> bool:
    """Say whether a port can be that of a web server of strangers."""
    return port in WEB_PORTS or port >= LOWEST_FREE_PORT


def is_named(host: str, port: int, private_hosts: Collection[str]) -> bool:
    """Say whether a person named this host, or this host and port, as allowed."""
    host = host.lower().strip("[]")
    bracketed = f"[{host}]" if ":" in host else host
    names = {name.lower() for name in private_hosts}
    return bool(names & {host, bracketed, f"{bracketed}:{port}"})
