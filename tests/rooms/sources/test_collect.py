"""Collecting: what comes in, what is known, what is written down when it fails."""

import pytest

from mailer.sources import operations as sources
from mailer.sources import queries
from tests.kit.sources import FEED_URL, NOW, ScriptedWeb, a_feed, a_source, an_item

pytestmark = pytest.mark.django_db


def test_a_feed_collected_twice_changes_nothing():
    source_id = a_source()
    web = ScriptedWeb({FEED_URL: a_feed(an_item(1), an_item(2))})

    first = sources.collect(source_id=source_id, now=NOW, web=web)
    web.pages[FEED_URL] = a_feed(an_item(1), an_item(2), more="<ttl>5</ttl>")
    second = sources.collect(source_id=source_id, now=NOW, web=web)

    assert (first.new, first.unchanged) == (2, 0)
    assert (second.new, second.revised, second.unchanged) == (0, 0, 2)
    assert len(queries.recent(limit=10)) == 2
