"""A folder of feeds, good and hostile, and what each of them brings."""

import json
import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mailer.management.commands.preview_source import as_json
from mailer.sources.filing import Rules
from mailer.sources.preview import NothingToPreview, Preview, preview
from mailer.sources.reader import NotAFeed, read
from tests.kit.sources import NOW, ScriptedWeb

FEEDS = Path(__file__).parents[2] / "kit" / "feeds"
LATER = NOW + timedelta(days=1)
EXPECTED = tomllib.loads((FEEDS / "expected.toml").read_text(encoding="utf-8"))
GOOD = [name for name, expected in EXPECTED.items() if "titles" in expected]
BAD = [name for name, expected in EXPECTED.items() if "error" in expected]


@cache
def previewed(name: str) -> Preview:
    return preview(str(FEEDS / name), rules=Rules(), web=ScriptedWeb(), now=LATER)


def test_every_document_of_the_corpus_is_expected_to_bring_something_or_to_fail():
    files = {path.name for path in FEEDS.iterdir()} - {"expected.toml"}

    assert files == {*GOOD, *BAD}
    assert len(files) >= 40


@pytest.mark.parametrize("name", GOOD)
def test_a_document_brings_its_stories(name):
    drafts = previewed(name).drafts

    assert [draft.title for draft in drafts] == EXPECTED[name]["titles"]


@pytest.mark.parametrize(
    "name", [name for name in GOOD if "problems" in EXPECTED[name]]
)
def test_a_document_s_faults_are_named(name):
    problems = [str(problem) for problem in previewed(name).problems]

    expected = EXPECTED[name]["problems"]
    assert [
        said[: len(wanted)] for said, wanted in zip(problems, expected, strict=True)
    ] == expected


LISTS = {
    "published": lambda draft: _moment(draft.published_at),
    "starts": lambda draft: _moment(draft.starts_at),
    "kinds": lambda draft: str(draft.kind),
    "paid": lambda draft: draft.subscriber_only,
    "credits": lambda draft: draft.credit,
    "languages": lambda draft: draft.language,
}


@pytest.mark.parametrize(
    ("name", "what"),
    [(name, what) for name in GOOD for what in LISTS if what in EXPECTED[name]],
)
def test_a_document_s_stories_have_what_it_says(name, what):
    drafts = previewed(name).drafts

    assert [LISTS[what](draft) for draft in drafts] == EXPECTED[name][what]


@pytest.mark.parametrize(
    ("name", "field"),
    [(n, field) for n in GOOD for field in EXPECTED[n].get("first", {})],
)
def test_the_first_story_of_a_document_is_as_it_says(name, field):
    draft = previewed(name).drafts[0]

    assert _shown(draft, field) == EXPECTED[name]["first"][field]


@pytest.mark.parametrize("name", [name for name in GOOD if "gone" in EXPECTED[name]])
def test_a_document_says_who_is_gone(name):
    feed = read((FEEDS / name).read_bytes(), rules=Rules())

    assert [gone.guid for gone in feed.gone] == EXPECTED[name]["gone"]


@pytest.mark.parametrize("name", BAD)
def test_a_document_that_is_no_feed_says_why_in_a_sentence(name):
    with pytest.raises(NothingToPreview) as refusal:
        previewed(name)

    assert str(refusal.value) == EXPECTED[name]["error"]


@pytest.mark.parametrize("name", [n for n in GOOD if not n.endswith(".html")])
def test_whatever_is_cut_off_a_document_never_breaks_its_reader(name):
    body = (FEEDS / name).read_bytes()

    for length in range(0, len(body), max(1, len(body) // 12)):
        try:
            read(body[:length], rules=Rules())
        except NotAFeed as why:
            assert str(why)  # noqa: PT017  both ends are good ones


def _moment(at: Any) -> str:
    return at.isoformat() if at else ""


def _shown(draft: Any, field: str) -> Any:
    shown = json.loads(json.dumps(as_json(draft)))
    image = shown["image"] or {}
    more = {
        "image": {k: v for k, v in image.items() if v is not None} or False,
        "body_html": draft.body_html,
        "summary_longest": max(600, len(draft.standfirst)),
        "body_words": len(draft.body_text.split()),
    }
    return (shown | more)[field]
