"""Several collectors at once, on real connections, and what they ring."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from mailer.kernel.bells import Bell
from mailer.sources import operations as sources
from mailer.sources import queries
from tests.kit.sources import FEED_URL, NOW, ScriptedWeb, a_feed, a_source, an_item

RUNG: list[Bell] = []


def rings(bell: Bell, _ids: dict[str, int]) -> None:
    RUNG.append(bell)


@pytest.fixture(autouse=True)
def bells(settings):
    settings.BELL_RINGER = f"{__name__}.rings"
    RUNG.clear()


def in_its_own_thread(work) -> None:
    try:
        work()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_collectors_of_one_story_through_many_feeds_make_one_story():
    urls = [f"https://causeway.example/{n}.xml" for n in range(4)]
    ids = [a_source(url) for url in urls] * 2
    body = a_feed(*(an_item(number) for number in range(1, 21)))
    together = threading.Barrier(len(ids))
    web = ScriptedWeb(dict.fromkeys(urls, body))
    web.before_answer = lambda _url: together.wait(timeout=20)

    with ThreadPoolExecutor(len(ids)) as pool:
        list(
            pool.map(
                lambda source_id: in_its_own_thread(
                    lambda: sources.collect(source_id=source_id, now=NOW, web=web)
                ),
                ids,
            )
        )

    stories = queries.recent(limit=100)
    assert len(stories) == 20
    assert {story.revision for story in stories} == {1}


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_server_thinks():
    source_id = a_source()
    open_ones = []
    web = ScriptedWeb({FEED_URL: a_feed(an_item(1))})
    web.before_answer = lambda _url: open_ones.append(connection.in_atomic_block)

    sources.collect(source_id=source_id, now=NOW, web=web)

    assert open_ones == [False]


@pytest.mark.django_db(transaction=True)
def test_what_an_edition_may_care_about_rings_the_planners_bell_and_nothing_else_does():
    source_id = a_source()
    web = ScriptedWeb({FEED_URL: a_feed(an_item(1))})

    sources.collect(source_id=source_id, now=NOW, web=web)
    sources.collect(source_id=source_id, now=NOW, web=web)
    web.pages[FEED_URL] = a_feed(an_item(1), more="<ttl>5</ttl>")
    sources.collect(source_id=source_id, now=NOW, web=web)

    assert RUNG == [Bell.PLAN]
