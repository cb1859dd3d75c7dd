"""Our reader beside feedparser: the same stories of every feed that is well-formed.

feedparser has read feeds since 2002, and what it makes of a good one is what people
expect. docs/sources.md says why we read them ourselves all the same.
"""

import calendar
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest

from mailer.sources.addresses import without_tracking
from mailer.sources.filing import Rules
from mailer.sources.reader import read

FEEDS = Path(__file__).parents[2] / "kit" / "feeds"
WELL_FORMED = (
    "rss-0.91.xml",
    "rss-0.92.xml",
    "rss-1.0.rdf",
    "rss-2.0-full.xml",
    "rss-2.0-namespace.xml",
    "rss-comments.xml",
    "rss-duplicate-guids.xml",
    "rss-guid-only.xml",
    "rss-kinds.xml",
    "rss-same-link.xml",
    "rss-shift-jis.xml",
    "rss-utf16.xml",
    "rss-withdrawn.xml",
    "atom-0.3.xml",
    "atom-1.0.xml",
)


@pytest.mark.parametrize("name", WELL_FORMED)
def test_a_well_formed_feed_is_read_as_feedparser_reads_it(name):
    body = (FEEDS / name).read_bytes()

    ours = read(body, rules=Rules()).drafts
    theirs = feedparser.parse(body, sanitize_html=True).entries

    assert [_ours(draft) for draft in ours] == [_theirs(entry) for entry in theirs]


def _ours(draft):
    return draft.url, draft.guid, draft.published_at


def _theirs(entry):
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    at = datetime.fromtimestamp(calendar.timegm(parsed), tz=UTC) if parsed else None
    return without_tracking(entry.link), entry.get("id", ""), at
