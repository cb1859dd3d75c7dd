"""The port to the web: the fake and the real one keep one contract."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from mailer.sources.fetch import Fetcher
from mailer.sources.web import Answer, Unreachable, Web
from tests.kit.feed_server import feed_server, reply
from tests.kit.sources import ScriptedWeb


@dataclass
class Staged:
    """A web and a way to put a page on it; put returns the page's address."""

    web: Web
    put: Callable[..., str]


@pytest.fixture(params=["scripted", "real"])
def staged(request) -> Iterator[Staged]:
    if request.param == "scripted":
        yield _scripted()
        return
    with feed_server() as server:
        yield _real(server)


def _scripted() -> Staged:
    web = ScriptedWeb()

    def put(path: str, status: int = 200, body: bytes = b"", etag: str = "") -> str:
        url = f"https://causeway.example{path}"
        body = body if 200 <= status < 300 else b""
        web.pages[url] = Answer(status=status, url=url, body=body, etag=etag)
        return url

    return Staged(web, put)


def _real(server) -> Staged:
    def put(path: str, status: int = 200, body: bytes = b"", etag: str = "") -> str:
        def page(connection, head):
            known = etag and f"If-None-Match: {etag}" in head
            said = reply(304 if known else status, b"" if known else body, ETag=etag)
            connection.sendall(said)

        server.pages[path] = page
        return f"{server.url}{path}"

    return Staged(Fetcher(private_hosts=["127.0.0.1"]), put)


def test_a_page_comes_with_its_body_and_address(staged):
    url = staged.put("/feed", body=b"<rss/>", etag='"7"')

    answer = staged.web.get(url)

    assert (answer.status, answer.body, answer.url) == (200, b"<rss/>", url)
    assert answer.etag == '"7"'
    assert answer.moved_to == ""


def test_who_knows_the_page_gets_304_and_no_body(staged):
    url = staged.put("/feed", body=b"<rss/>", etag='"7"')

    answer = staged.web.get(url, etag='"7"')

    assert (answer.status, answer.body) == (304, b"")


def test_who_knows_another_page_gets_this_one(staged):
    url = staged.put("/feed", body=b"<rss/>", etag='"8"')

    answer = staged.web.get(url, etag='"7"')

    assert (answer.status, answer.body) == (200, b"<rss/>")


@pytest.mark.parametrize("status", [404, 410, 429, 500, 503])
def test_a_refusal_is_an_answer_without_a_body(staged, status):
    url = staged.put("/feed", status=status, body=b"go away")

    answer = staged.web.get(url)

    assert (answer.status, answer.body) == (status, b"")


def test_a_host_nobody_knows_is_unreachable(staged):
    with pytest.raises(Unreachable, match="its host is not known"):
        staged.web.get("https://nobody.invalid/feed")
