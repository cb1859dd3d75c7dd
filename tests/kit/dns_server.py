"""A DNS server on this machine that knows only what a test tells it.

`zone` is a text in the form of master files (RFC 1035 §5), names whole. What it does
not hold does not exist; what `failing` names is answered with SERVFAIL.
"""

import socketserver
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone


class DnsServer:
    """Answers over UDP and TCP on one port of 127.0.0.1."""

    def __init__(self, zone: str, failing: Iterable[str] = ()) -> None:
        self.asked: list[tuple[str, str]] = []
        self._zone = dns.zone.from_text(
            zone, origin=dns.name.root, relativize=False, check_origin=False
        )
        self._failing = {dns.name.from_text(name) for name in failing}
        self._udp, self._tcp = _on_one_port()
        self.port: int = self._udp.server_address[1]
        for server in (self._udp, self._tcp):
            server.answer = self.answer
            serve = partial(server.serve_forever, poll_interval=0.02)
            threading.Thread(target=serve, daemon=True).start()

    @property
    def address(self) -> str:
        """Where it listens, as `--server` takes it."""
        return f"127.0.0.1:{self.port}"

    def close(self) -> None:
        """Stop listening."""
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()

    def answer(self, wire: bytes, *, largest: int) -> bytes:
        """Return the reply to one question; too long for UDP, it says so."""
        query = dns.message.from_wire(wire)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA
        [question] = query.question
        name, kind = question.name, question.rdtype
        self.asked.append((name.to_text().rstrip("."), dns.rdatatype.to_text(kind)))
        if name in self._failing:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif self._zone.get_node(name) is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        else:
            reply.answer += self._found(name, kind)
        made = reply.to_wire(max_size=65_535)
        if len(made) > max(largest, 512, query.payload):
            reply.answer.clear()
            reply.flags |= dns.flags.TC
            made = reply.to_wire()
        return made

    def _found(
        self, name: dns.name.Name, kind: dns.rdatatype.RdataType
    ) -> list[dns.rrset.RRset]:
        """Return the records, behind the alias that leads to them if there is one."""
        found = self._zone.get_rdataset(name, kind)
        if found is not None:
            return [dns.rrset.from_rdata_list(name, 60, list(found))]
        alias = self._zone.get_rdataset(name, dns.rdatatype.CNAME)
        if alias is None:
            return []
        first = dns.rrset.from_rdata_list(name, 60, list(alias))
        return [first, *self._found(first[0].target, kind)]


class _Udp(socketserver.ThreadingUDPServer):
    answer: Any
    daemon_threads = True


class _Tcp(socketserver.ThreadingTCPServer):
    answer: Any
    daemon_threads = True
    allow_reuse_address = True


class _UdpHandler(socketserver.BaseRequestHandler):
    server: _Udp

    def handle(self) -> None:
        wire, line = self.request
        line.sendto(self.server.answer(wire, largest=0), self.client_address)


class _TcpHandler(socketserver.StreamRequestHandler):
    server: _Tcp

    def handle(self) -> None:
        size = self.rfile.read(2)
        while len(size) == 2:
            wire = self.rfile.read(int.from_bytes(size, "big"))
            made = self.server.answer(wire, largest=65_535)
            self.wfile.write(len(made).to_bytes(2, "big") + made)
            self.wfile.flush()
            size = self.rfile.read(2)


@contextmanager
def a_dns_server(zone: str, *, failing: Iterable[str] = ()) -> Iterator[DnsServer]:
    """Give a DNS server that knows these records, and stop it."""
    server = DnsServer(zone, failing)
    try:
        yield server
    finally:
        server.close()


def _on_one_port() -> tuple["_Udp", "_Tcp"]:
    """Return both on a port that is free for both: each kind has its own."""
    while True:
        udp = _Udp(("127.0.0.1", 0), _UdpHandler)
        try:
            return udp, _Tcp(udp.server_address, _TcpHandler)
        except OSError:
            udp.server_close()
