"""From a feed over HTTP to one edition a slot, with programs of their own."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from mailer.editions import queries
from mailer.editions.content import EditionState
from mailer.kernel.clock import utc_now
from mailer.sources import operations as sources
from tests.kit.audience import a_newsletter
from tests.kit.editions import Paper, a_recipe_for, titles_of

pytestmark = pytest.mark.django_db(transaction=True)
SCHEDULERS = 3


@pytest.fixture
def web() -> Iterator[Paper]:
    """Serve a paper's feed over HTTP; its url is the server's."""
    paper = Paper(now=utc_now())

    class Serve(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = paper.get(self.path)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Serve)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    paper.url = f"http://127.0.0.1:{server.server_port}/feed.json"
    yield paper
    server.shutdown()
    server.server_close()


def a_program(*words: str) -> "subprocess.Popen[str]":
    """Start `mailer …` on the tests' database."""
    return subprocess.Popen(
        [sys.executable, "-m", "mailer.management.cli", *words],
        env=os.environ | {"DATABASE_URL": _database_of_the_tests()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _database_of_the_tests() -> str:
    parts = conninfo_to_dict(os.environ["DATABASE_URL"])
    parts.pop("dbname", "")
    return f"postgresql:///{quote(connection.settings_dict['NAME'])}?{urlencode(parts)}"


def answer_of(program: "subprocess.Popen[str]") -> str:
    """Wait for a program and return what it printed."""
    out, err = program.communicate(timeout=60)
    assert program.returncode == 0, err
    return out


def test_three_schedulers_of_three_processes_make_one_edition_of_a_feed(web, settings):
    settings.FETCH_PRIVATE_HOSTS = (urlsplit(web.url).netloc,)
    now = utc_now()
    web.put("Dam is full", published_at=now)
    web.put("Bread drops", published_at=now)
    source = sources.add_source(url=web.url, name="Feed", now=now, take_existing=True)
    collected = sources.collect(source_id=source, now=utc_now())
    morning = a_recipe_for(
        a_newsletter(), cron="* * * * *", time_zone="UTC", lead=1, now=now
    )

    programs = [a_program("plan", "--json") for _ in range(SCHEDULERS)]
    planned = [json.loads(answer_of(program)) for program in programs]

    found = queries.editions(newsletter_id=morning.id)
    filled = [e for e in found if e.state is EditionState.READY]
    assert collected.new == 2, collected
    assert len(filled) == 1
    assert sorted(titles_of(filled[0].id)) == ["Bread drops", "Dam is full"]
    assert sum(len(p["filled"]) for p in planned) == 1
    assert len({e.slot for e in found}) == len(found)
