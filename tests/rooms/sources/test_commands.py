"""`mailer preview_source`, `add_source` and `collect`, as an operator runs them."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from mailer.sources import queries
from tests.kit.feed_server import feed_server, reply
from tests.kit.sources import a_feed, an_item

FEEDS = Path(__file__).parents[2] / "kit" / "feeds"
KEYS = [
    "title",
    "url",
    "guid",
    "published_at",
    "updated_at",
    "summary",
    "image",
    "authors",
    "section",
    "tags",
    "kind",
    "subscriber_only",
    "language",
]


def mailer(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line with no configuration but this."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "mailer.management.cli", *arguments],
        env=kept | environment,
        cwd=FEEDS.parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run(*arguments: str) -> tuple[int, str, str]:
    """Run a command inside this process; return status, output and errors."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_a_preview_needs_no_configuration_and_prints_an_object_a_line():
    done = mailer("preview_source", str(FEEDS / "rss-2.0-full.xml"), "--json")

    (line,) = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert list(json.loads(line))[: len(KEYS)] == KEYS


def test_a_preview_of_nothing_says_why_in_one_line_and_exits_with_2():
    done = mailer("preview_source", "no-such-file.xml", "--json")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "no-such-file.xml: No such file or directory\n"


def test_a_preview_goes_to_private_hosts_only_where_they_are_named():
    with feed_server() as server:
        server.pages["/feed"] = reply(200, a_feed(an_item(1)))
        url = f"{server.url}/feed"

        refused = mailer("preview_source", url)
        allowed = mailer("preview_source", url, FETCH_PRIVATE_HOSTS="127.0.0.1")

    assert refused.returncode == 2
    assert "FETCH_PRIVATE_HOSTS" in refused.stderr
    assert "Story 1" in allowed.stdout


def test_a_preview_for_people_counts_and_shows_each_story():
    status, out, err = run("preview_source", str(FEEDS / "rss-bad-links.xml"))

    assert status == 0
    assert "1 of 8 stories would come in." in out
    assert "  2026-03-02 06:00 UTC · news" in out
    assert err.count("\n") == 7


def test_a_preview_files_items_as_the_options_say():
    arguments = ["--rename-section", "Harbour=Sea", "--paid", "always", "--json"]
    _, out, _ = run("preview_source", str(FEEDS / "rss-2.0-full.xml"), *arguments)

    story = json.loads(out)
    assert (story["section"], story["subscriber_only"]) == ("Sea", True)


@pytest.mark.django_db
def test_a_source_is_added_after_a_look_and_then_collected(settings):
    settings.FETCH_PRIVATE_HOSTS = ("127.0.0.1",)
    with feed_server() as server:
        page = b'<html><link rel=alternate type="application/rss+xml" href="/f"></html>'
        server.pages |= {"/": reply(200, page)}
        server.pages |= {"/f": reply(200, a_feed(an_item(1)), ETag='"1"')}

        added = run("add_source", f"{server.url}/", "--take-existing", "--json")
        collected = run("collect", "--all", "--json")
        again = run("collect", "--all")

    (view,) = queries.sources()
    assert json.loads(added[1]) == {"source": view.id, "url": f"{server.url}/f"}
    assert (view.name, view.stories) == ("The Causeway", 1)
    assert json.loads(collected[1])["new"] == 1
    assert again[1] == f"source {view.id}: not modified\n"
    assert 'If-None-Match: "1"' in server.heads[-1]


@pytest.mark.django_db
def test_what_is_no_source_is_not_added():
    status, out, err = run("add_source", "https://nobody.invalid/feed")

    assert (status, out) == (2, "")
    assert err == "https://nobody.invalid/feed: its host is not known\n"
    assert queries.sources() == []


@pytest.mark.django_db
def test_collecting_a_source_that_fails_exits_with_2():
    run("add_source", "https://nobody.invalid/feed", "--unchecked")
    (view,) = queries.sources()

    status, out, _ = run("collect", str(view.id))

    assert (status, out) == (2, f"source {view.id}: its host is not known\n")
