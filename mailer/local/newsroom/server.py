"""Serves the newsroom over HTTP, and publishes more when told to.

    /  /SECTION/SLUG                              pages
    /feeds/news.rss  opinion.atom  press.json  events.json    feeds
    /pictures/KIND-SLUG-WIDTH.jpg                 pictures, drawn when first asked for
    /data/karanda.toml  results-1.csv  results-2.csv     results, once they are out
    POST /control/publish /morning /break /edit /withdraw /results    for the demo
    GET  /control/state

Every answer has an ETag, feeds a Last-Modified too; what has not changed is a 304. The
controls work from this machine only: they look at the address that asks.
"""

import argparse
import gzip
import hashlib
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from mailer.local.newsroom import feeds, pages, polls
from mailer.local.newsroom.gallery import Gallery
from mailer.local.newsroom.site import NothingLeft, Out, Site

LEAST_TO_PACK = 1_000  # bytes; less grows when packed
RESULTS = (1, 2)
PLAIN_PAGES = {
    "/corrections": "Write to corrections@causeway.example. We print what we got "
    "wrong, where it was wrong, as soon as we know.",
    "/subscribe": "The Causeway costs 90 marels a month.",
}


class Answer:
    """What is sent back: bytes with their type, or a status with a page."""

    def __init__(self, body: bytes | str, kind: str, status: int = 200) -> None:
        self.body = body.encode() if isinstance(body, str) else body
        self.kind = kind
        self.status = status
        self.modified: datetime | None = None
        self.lasts = "no-cache"


class Newsroom:
    """Finds the answer to an address. `base`: how the site calls itself."""

    def __init__(self, site: Site, gallery: Gallery, base: str) -> None:
        self.site, self.gallery, self.base = site, gallery, base

    def get(self, path: str) -> Answer:  # noqa: PLR0911  one a kind of address
        """Return the answer to a GET."""
        found = self.site.out()
        if path == "/":
            return Answer(pages.front(found, base=self.base), "text/html")
        if path.startswith("/feeds/"):
            return self._feed(path, found)
        if path.startswith("/pictures/"):
            picture = self.gallery.find(path.removeprefix("/pictures/"))
            if picture:
                answer = Answer(picture, "image/jpeg")
                answer.lasts = "public, max-age=31536000, immutable"
                return answer
        if path.startswith("/data/"):
            return self._election(path)
        if path == "/control/state":
            return Answer(json.dumps(self.site.state(), indent=1), "application/json")
        if path in PLAIN_PAGES:
            title = path.removeprefix("/").capitalize()
            said = pages.plain(title, PLAIN_PAGES[path], base=self.base)
            return Answer(said, "text/html")
        out = next((o for o in found if o.piece.path == path), None)
        if out is None:
            return Answer(pages.missing(base=self.base), "text/html", 404)
        if out.withdrawn_at:
            return Answer(pages.gone(out, base=self.base), "text/html", 410)
        return Answer(pages.story(out, found, base=self.base), "text/html")

    def _feed(self, path: str, found: list[Out]) -> Answer:
        named = {at: (kind, title) for at, kind, title in pages.FEEDS}
        if path not in named:
            return Answer(pages.missing(base=self.base), "text/html", 404)
        kind, title = named[path]
        wanted, write = {
            "/feeds/news.rss": ({"news", "puzzle"}, feeds.rss),
            "/feeds/opinion.atom": ({"opinion"}, feeds.atom),
            "/feeds/press.json": ({"press_release"}, feeds.json_feed),
            "/feeds/events.json": ({"event"}, feeds.json_feed),
        }[path]
        here = [o for o in found if o.piece.kind in wanted]
        text = write(here, title=title, url=f"{self.base}{path}", base=self.base)
        answer = Answer(text, kind)
        answer.modified = max(
            (o.withdrawn_at or o.updated_at or o.published_at for o in here),
            default=None,
        )
        return answer

    def _election(self, path: str) -> Answer:
        opened_at = self.site.opened_at
        if path == "/data/karanda.toml":
            return Answer(polls.election_toml(opened_at=opened_at), "application/toml")
        for number in RESULTS:
            as_at = self.site.results_at(number)
            if path == f"/data/results-{number}.csv" and as_at:
                return Answer(polls.results_csv(number, as_at=as_at), "text/csv")
        return Answer(pages.missing(base=self.base), "text/html", 404)

    def control(self, what: str, asked: dict[str, str], *, now: datetime) -> Answer:
        """Return what a control did, as JSON."""
        slug = asked.get("slug", "")
        acts: dict[str, Callable[[], object]] = {
            "publish": lambda: self.site.publish_next(now=now),
            "morning": lambda: self.site.publish_batch("morning"),
            "break": lambda: self.site.break_story(now=now),
            "edit": lambda: self.site.edit(now=now, slug=slug),
            "withdraw": lambda: self.site.withdraw(now=now, slug=slug),
            "results": lambda: self.site.publish_results(
                int(asked.get("n", "1")), now=now
            ).isoformat(),
        }
        if what not in acts or asked.get("n", "1") not in {"1", "2"}:
            return Answer('{"error": "no such control"}', "application/json", 404)
        try:
            done = acts[what]()
        except NothingLeft as nothing:
            said = json.dumps({"error": str(nothing)})
            return Answer(said, "application/json", 409)
        return Answer(json.dumps({what: done}), "application/json")


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the newsroom of its server."""

    protocol_version = "HTTP/1.1"
    timeout = 20
    newsroom: Newsroom

    def do_GET(self) -> None:
        """Answer a page, a feed or a picture."""
        self._send(self.newsroom.get(urlsplit(self.path).path))

    do_HEAD = do_GET  # noqa: N815  the library's name

    def do_POST(self) -> None:
        """Answer a control."""
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(min(length, 10_000))
        parts = urlsplit(self.path)
        here = self.client_address[0] in {"127.0.0.1", "::1"}
        # A page of another site may post to us from this machine's own browser.
        if not here or self.headers.get("Origin"):
            refusal = '{"error": "from this machine only"}'
            self._send(Answer(refusal, "application/json", 403))
            return
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        what = parts.path.removeprefix("/control/")
        self._send(self.newsroom.control(what, asked, now=datetime.now(tz=UTC)))

    def _send(self, answer: Answer) -> None:
        body = answer.body
        tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        fresh = answer.status == 200 and self._knows(tag, answer.modified)  # noqa: PLR2004
        self.send_response(304 if fresh else answer.status)
        self.send_header("ETag", tag)
        self.send_header("Cache-Control", answer.lasts)
        self.send_header("Vary", "Accept-Encoding")
        if answer.modified:
            stamp = format_datetime(answer.modified.astimezone(UTC), usegmt=True)
            self.send_header("Last-Modified", stamp)
        if fresh:
            self.end_headers()
            return
        charset = "" if answer.kind.startswith("image/") else "; charset=utf-8"
        self.send_header("Content-Type", f"{answer.kind}{charset}")
        accepts = "gzip" in self.headers.get("Accept-Encoding", "")
        if accepts and charset and len(body) > LEAST_TO_PACK:
            body = gzip.compress(body, 6, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _knows(self, tag: str, modified: datetime | None) -> bool:
        asked = self.headers.get("If-None-Match")
        if asked:  # RFC 9110 §13.1.3: If-Modified-Since is ignored then
            return tag in asked or asked.strip() == "*"
        since = self.headers.get("If-Modified-Since")
        if not since or not modified:
            return False
        return since == format_datetime(modified.astimezone(UTC), usegmt=True)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Write one line, without the library's date."""
        print(format % arguments, flush=True)


def make_server(
    folder: Path, *, port: int, opened_at: datetime, base: str = ""
) -> ThreadingHTTPServer:
    """Return a server of the newsroom on 127.0.0.1, not yet serving.

    folder: for state and pictures. port: 0 for any free one. base: how the site calls
    itself in feeds, where that is not http://localhost:PORT.
    """

    class OurHandler(Handler):
        """A handler of this newsroom: the library makes one for each connection."""

    server = ThreadingHTTPServer(("127.0.0.1", port), OurHandler)
    server.daemon_threads = True
    OurHandler.newsroom = Newsroom(
        Site(folder, opened_at=opened_at),
        Gallery(folder / "pictures"),
        base or f"http://localhost:{server.server_address[1]}",
    )
    return server


def main() -> int:
    """Serve the newsroom until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="0 for any free one")
    parser.add_argument("--state", type=Path, required=True, help="folder to keep")
    parser.add_argument("--started-at", default="", help="ISO time with its zone")
    parser.add_argument("--base", default="", help="how the site calls itself")
    asked = parser.parse_args()
    opened_at = datetime.now(tz=UTC)
    if asked.started_at:
        opened_at = datetime.fromisoformat(asked.started_at)
    server = make_server(
        asked.state, port=asked.port, opened_at=opened_at, base=asked.base
    )
    print(f"The Causeway is at http://localhost:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
