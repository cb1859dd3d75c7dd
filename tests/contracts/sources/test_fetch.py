"""Fetching from servers that mislead, drip, flood, loop and point inwards."""

import gzip
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial

import brotli
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mailer.sources.fetch import Fetcher
from mailer.sources.web import Forbidden, Unreachable
from tests.kit.feed_server import FeedServer, feed_server, reply

OURS = ["127.0.0.1"]
PUBLIC = "93.184.215.14"  # any address of the public internet


@pytest.fixture
def server():
    with feed_server() as running:
        yield running


def fetcher(**settings) -> Fetcher:
    return Fetcher(**({"private_hosts": OURS, "longest_seconds": 5.0} | settings))


def redirect(to: str, status: int = 301) -> bytes:
    return reply(status, Location=to)


def test_a_permanent_redirect_gives_the_address_to_keep(server):
    server.pages |= {"/old": redirect("/new"), "/new": reply(200, b"<rss/>")}

    answer = fetcher().get(f"{server.url}/old")

    assert answer.body == b"<rss/>"
    assert answer.moved_to == answer.url == f"{server.url}/new"


def test_only_the_permanent_steps_before_the_first_other_one_are_kept(server):
    server.pages |= {
        "/a": redirect("/b", 308),
        "/b": redirect("/c", 302),
        "/c": redirect("/d", 301),
        "/d": reply(200, b"<rss/>"),
    }

    answer = fetcher().get(f"{server.url}/a")

    assert (answer.url, answer.moved_to) == (f"{server.url}/d", f"{server.url}/b")


def test_a_temporary_redirect_keeps_the_address(server):
    server.pages |= {"/a": redirect("/b", 307), "/b": reply(200, b"<rss/>")}

    assert fetcher().get(f"{server.url}/a").moved_to == ""


def test_redirects_without_end_are_given_up(server):
    server.pages["/loop"] = redirect("/loop", 302)

    with pytest.raises(Unreachable, match="redirects more than 5 times"):
        fetcher().get(f"{server.url}/loop")

    assert len(server.heads) == 6


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.2:8000/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:10.0.0.1]/",
        "http://2130706433/",
    ],
)
def test_a_redirect_into_a_private_network_is_refused(server, to):
    server.pages["/in"] = redirect(to)

    with pytest.raises(Forbidden, match="private network"):
        fetcher().get(f"{server.url}/in")


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "gopher://x/", "http://user:pass@x.example/"]
)
def test_a_redirect_to_no_web_page_is_refused(server, to):
    server.pages["/out"] = redirect(to)

    with pytest.raises(Forbidden, match="redirects to an address that"):
        fetcher().get(f"{server.url}/out")


def test_a_private_host_is_refused_unless_it_is_named_with_its_port(server):
    server.pages["/"] = reply(200, b"x")

    with pytest.raises(Forbidden, match="FETCH_PRIVATE_HOSTS"):
        fetcher(private_hosts=["127.0.0.1:1"]).get(f"{server.url}/")

    named = fetcher(private_hosts=[f"127.0.0.1:{server.port}"])
    assert named.get(f"{server.url}/").body == b"x"


def test_a_name_that_leads_inside_is_refused_and_nobody_is_connected_to(server):
    inside = fetcher(private_hosts=[], resolver=lambda _host, _port: ["127.0.0.1"])

    with pytest.raises(Forbidden, match="private network"):
        inside.get(f"http://paper.example:{server.port}/")

    assert server.heads == []


def test_a_name_that_changes_its_mind_gains_nothing(monkeypatch):
    """DNS rebinding: public when checked, private when connected to."""
    looked_up, connected = [], []

    def resolver(host, _port):
        looked_up.append(host)
        return [PUBLIC] if len(looked_up) == 1 else ["127.0.0.1"]

    def create_connection(address, _timeout):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", create_connection)

    with pytest.raises(Unreachable, match="refuses connections"):
        fetcher(private_hosts=[], resolver=resolver).get("http://paper.example/")

    assert looked_up == ["paper.example"]
    assert connected == [(PUBLIC, 80)]


@pytest.mark.parametrize("port", [22, 25, 110, 465, 587])
def test_ports_of_other_services_are_refused(port):
    public = fetcher(resolver=lambda _host, _port: [PUBLIC])

    with pytest.raises(Forbidden, match="a port that is not a web server's"):
        public.get(f"http://paper.example:{port}/")


def test_a_large_body_is_given_up_before_it_is_read(server):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n"
    server.pages["/"] = lambda connection, _head: connection.sendall(head)

    with pytest.raises(Unreachable, match="is larger than 10 MB"):
        fetcher().get(f"{server.url}/")


def test_a_large_body_that_does_not_say_so_is_given_up_on_the_way(server):
    def flood(connection, _head):
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in range(5_000):
            connection.sendall(b"x" * 10_000)

    server.pages["/"] = flood

    with pytest.raises(Unreachable, match="is larger than 1 MB"):
        fetcher(largest=1_000_000).get(f"{server.url}/")


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("br", partial(brotli.compress, quality=4))],
)
def test_a_small_body_that_unpacks_to_a_large_one_is_given_up(server, coding, pack):
    packed = pack(b"\x00" * 50_000_000)
    server.pages["/"] = reply(200, packed, Content_Encoding=coding)

    with pytest.raises(Unreachable, match="is larger than 10 MB"):
        fetcher().get(f"{server.url}/")

    assert len(packed) < 100_000


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("br", partial(brotli.compress, quality=4))],
)
def test_a_packed_body_is_unpacked(server, coding, pack):
    server.pages["/"] = reply(200, pack(b"<rss/>"), Content_Encoding=coding)

    assert fetcher().get(f"{server.url}/").body == b"<rss/>"
    assert "gzip, br" in server.heads[0]


def test_a_body_that_only_says_it_is_packed_is_refused(server):
    server.pages["/"] = reply(200, b"<rss/>", Content_Encoding="gzip")

    with pytest.raises(Unreachable, match="compressed in a way"):
        fetcher().get(f"{server.url}/")


def drips(start: bytes, drop: bytes):
    """Return a page that says start, then a drop each tenth of a second."""

    def page(connection, _head):
        connection.sendall(start)
        pause = threading.Event()
        for _ in range(300):
            pause.wait(0.1)
            connection.sendall(drop)

    return page


@pytest.mark.parametrize(
    "page",
    [
        drips(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        drips(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", b"x"),
        drips(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        drips(b"", b""),
    ],
    ids=["body", "body of a length", "head", "silence"],
)
def test_a_server_that_drips_is_given_up_in_time(server, page):
    server.pages["/"] = page

    started = time.monotonic()
    with pytest.raises(Unreachable, match=r"took longer than 0.8 s"):
        fetcher(longest_seconds=0.8).get(f"{server.url}/")

    assert time.monotonic() - started < 3


def test_a_server_that_drips_its_side_of_tls_is_given_up_in_time():
    with feed_server() as server:  # it speaks no TLS, but says it is about to
        server.before = drips(b"\x16\x03\x03\x40\x00", b"\x00")

        with pytest.raises(Unreachable, match=r"took longer than 0.8 s"):
            fetcher(longest_seconds=0.8).get(f"https://127.0.0.1:{server.port}/")


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (b"", "the connection broke|not HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", "broke|not HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5_000 + b"\r\n", "not HTTP|broke"),
    ],
    ids=["nothing", "another protocol", "half a body", "too many headers"],
)
def test_a_server_that_breaks_off_is_unreachable(server, page, why):
    server.pages["/"] = page

    with pytest.raises(Unreachable, match=why):
        fetcher().get(f"{server.url}/")


def test_a_closed_port_refuses_connections():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # and never listens

        with pytest.raises(Unreachable, match="refuses connections"):
            fetcher().get(f"http://127.0.0.1:{silent.getsockname()[1]}/")


def test_the_host_header_and_the_user_agent_are_honest(server):
    server.pages["/"] = reply(200, b"x")
    settings = {
        "private_hosts": ["paper.example"],
        "agent": "StopPress (+https://a.example)",
    }

    fetcher(**settings, resolver=lambda _h, _p: ["127.0.0.1"]).get(
        f"http://paper.example:{server.port}/?a=1"
    )

    assert server.heads[0].startswith("GET /?a=1 HTTP/1.1\r\n")
    assert f"Host: paper.example:{server.port}\r\n" in server.heads[0]
    assert "User-Agent: StopPress (+https://a.example)\r\n" in server.heads[0]


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """Return the server's and the client's side of TLS for paper.example."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "paper.example")])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("paper.example")]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path_factory.mktemp("tls") / "paper.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(pem)
    return theirs, ssl.create_default_context(cafile=str(pem))


def over_tls(server: FeedServer, tls: ssl.SSLContext | None, host: str) -> bytes:
    settings = {"tls": tls} if tls else {}
    client = fetcher(
        private_hosts=[host], resolver=lambda _h, _p: ["127.0.0.1"], **settings
    )
    return client.get(f"https://{host}:{server.port}/").body


def test_over_tls_the_name_is_checked_although_the_address_is_connected_to(certified):
    theirs, ours = certified
    names = []
    theirs.sni_callback = lambda _socket, name, _context: names.append(name)

    with feed_server(theirs) as server:
        server.pages["/"] = reply(200, b"safe")
        body = over_tls(server, ours, "paper.example")

    assert (body, names) == (b"safe", ["paper.example"])


@pytest.mark.parametrize("host", ["other.example", "paper.example"])
def test_a_certificate_of_another_name_or_of_nobody_is_refused(certified, host):
    theirs, ours = certified

    with (
        feed_server(theirs) as server,
        pytest.raises(Unreachable, match="its TLS certificate does not hold"),
    ):
        over_tls(server, ours if host == "other.example" else None, host)
