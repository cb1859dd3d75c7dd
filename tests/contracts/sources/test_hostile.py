"""Documents made to keep a reader busy: half a megabyte each, where 10 are allowed."""

import time

import pytest

from mailer.sources.filing import Rules
from mailer.sources.reader import NotAFeed, read
from tests.kit.sources import a_feed, an_item

HOSTILE = {
    "ampersands": b"<rss><channel><item><title>" + b"&" * 500_000,
    "amp": b"<rss>" + b"&amp" * 120_000,
    "CDATA": b"<rss>" + b"<![CDATA[" * 100_000,
    "comments": b"<rss>" + b"<!--" * 200_000,
    "name": b"<rss><" + b"a" * 800_000,
    "attribute": b"<rss><a " + b"b" * 800_000 + b">",
    "attributes": b"<rss><a " + b"b " * 400_000 + b">",
    "quotes": b"<rss>" + b'<a "' * 180_000,
    "depth": b"<rss>" + b"<a>" * 180_000,
    "ends": b"<rss>" + b"</a>" * 180_000,
    "brackets": b"[" * 800_000,
    "doctype": b"<!DOCTYPE rss [" + b"<!ENTITY a 'b'>" * 50_000,
    "page": b"<html><link " * 60_000,
    "html depth": a_feed(an_item(1, description="<div>" * 20_000)),
    "html brackets": a_feed(an_item(1, description="<" * 100_000)),
    "spaces": a_feed(an_item(1, title=" " * 500_000, description=" " * 100_000)),
    "author": a_feed(an_item(1, author="a@" * 30_000)),
    "boilerplate": a_feed(an_item(1, description="The post " * 10_000)),
    "categories": a_feed(an_item(1) + "<category>x</category>" * 20_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_document_keeps_a_worker_busy(name):
    started = time.process_time()

    try:
        read(HOSTILE[name], rules=Rules())
    except NotAFeed as why:
        assert str(why)  # noqa: PT017  both ends are good ones

    # 0.1 to 0.9 s here; a reader that takes the square of it needs minutes.
    assert time.process_time() - started < 5
