"""The invented newsroom: what it has, and that a careful reader can read it."""

import gzip
import http.client
import json
import re
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from mailer.elections import laws, setup_file, sheet, tally
from mailer.elections.count import CouncilFacts, PartyFacts, Roll
from mailer.local.newsroom import drawing, polls, readers
from mailer.local.newsroom.gallery import Gallery
from mailer.local.newsroom.motifs import KINDS
from mailer.local.newsroom.piece import pieces
from mailer.local.newsroom.server import make_server
from mailer.local.newsroom.site import NothingLeft, Site

OPENED = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
LATER = OPENED + timedelta(minutes=20)
NEWS_SECTIONS = {"Karanda", "Elections", "Business", "Sport", "Culture", "Science"}


@pytest.fixture
def site(tmp_path):
    """Return a newsroom that has just opened."""
    return Site(tmp_path, opened_at=OPENED)


@pytest.fixture
def ask(tmp_path):
    """Return a function that asks a running newsroom."""
    server = make_server(tmp_path, port=0, opened_at=OPENED)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}
    )
    thread.start()

    def asked(path, method="GET", **headers):
        line = http.client.HTTPConnection("127.0.0.1", server.server_address[1])
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, path, headers=named)
        answer = line.getresponse()
        body = answer.read()
        line.close()
        return answer.status, dict(answer.headers), body

    yield asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_there_are_seventy_stories_in_six_sections_and_all_the_rest():
    kinds = Counter(piece.kind for piece in pieces())
    sections = {piece.section for piece in pieces() if piece.kind == "news"}

    assert kinds["news"] >= 70
    assert sections == NEWS_SECTIONS
    assert min(kinds["press_release"], kinds["event"], kinds["opinion"]) >= 8
    assert kinds["puzzle"] == 1


def test_there_is_enough_for_a_digest_and_more_is_held_back():
    batches = Counter(piece.batch for piece in pieces())

    assert batches["morning"] >= 60
    assert batches["later"] >= 10
    assert batches["archive"] >= 8
    assert batches["breaking"] == 1


def test_most_stories_are_as_long_as_stories_are():
    lengths = [len(p.body.split()) for p in pieces() if p.kind == "news"]

    assert sum(length >= 120 for length in lengths) > len(lengths) * 0.9
    assert min(lengths) >= 80


@pytest.mark.parametrize("piece", pieces(), ids=lambda piece: piece.slug)
def test_every_piece_is_whole(piece):
    assert re.fullmatch(r"[a-z0-9-]+", piece.slug)
    assert len(piece.title) <= 110
    assert piece.standfirst.strip()
    assert piece.paragraphs
    assert piece.by or piece.credit or piece.kind == "event"
    assert not piece.picture or (piece.picture in KINDS and piece.alt)
    assert not piece.alt.startswith("Illustration")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_picture_is_small_enough_for_a_telephone(kind):
    made = drawing.draw(kind, "a-story")

    assert 10_000 < len(made) <= 58_000
    assert Image.open(BytesIO(made)).size == (1200, 675)


def test_the_same_story_has_the_same_picture_and_another_has_another():
    made = drawing.draw("dam", "a-story", width=drawing.SMALL_WIDTH)

    assert made == drawing.draw("dam", "a-story", width=drawing.SMALL_WIDTH)
    assert made != drawing.draw("dam", "another-story", width=drawing.SMALL_WIDTH)
    assert Image.open(BytesIO(made)).width == 360


def test_a_picture_is_kept_once_drawn(tmp_path):
    gallery = Gallery(tmp_path)

    first = gallery.find("dam-oreme-fullest-360.jpg")
    (tmp_path / "dam-oreme-fullest-360.jpg").write_bytes(b"kept")

    assert first
    assert gallery.find("dam-oreme-fullest-360.jpg") == b"kept"


@pytest.mark.parametrize(
    "name", ["../state.json", "dam-x-999.jpg", "unicorn-x-360.jpg", "dam-X-360.jpg", ""]
)
def test_no_other_file_is_a_picture(tmp_path, name):
    assert Gallery(tmp_path).find(name) is None


def test_only_the_archive_is_out_when_the_newsroom_opens(site):
    assert {o.piece.batch for o in site.out()} == {"archive"}
    assert all(o.published_at < OPENED for o in site.out())


def test_the_morning_comes_out_at_once_with_times_of_its_own(site):
    slugs = site.publish_batch("morning")

    out = {o.piece.slug: o for o in site.out()}
    assert len(slugs) >= 60
    assert out["no-majority"].published_at == OPENED - timedelta(minutes=60)
    assert site.publish_batch("morning") == []


def test_what_is_held_back_comes_out_one_by_one_and_then_the_harbour_log(site):
    held = len(site.waiting())

    slugs = [site.publish_next(now=LATER) for _ in range(held + 2)]

    assert len(set(slugs)) == held + 2
    assert slugs[-2:] == ["harbour-log-1", "harbour-log-2"]
    assert {o.piece.title for o in site.out() if "harbour-log" in o.piece.slug}


def test_a_second_version_keeps_its_address_and_its_first_time(site):
    site.publish_batch("morning")
    [before] = [o for o in site.out() if o.piece.slug == "teachers-accept"]

    slug = site.edit(now=LATER)

    [after] = [o for o in site.out() if o.piece.slug == slug]
    assert slug == "teachers-accept"
    assert after.piece.path == before.piece.path
    assert after.published_at == before.published_at
    assert after.updated_at == LATER
    assert after.piece.title != before.piece.title


def test_a_newsroom_that_comes_back_knows_what_was_out(site, tmp_path):
    site.publish_batch("morning")
    site.break_story(now=LATER)
    site.withdraw(now=LATER)

    again = Site(tmp_path, opened_at=LATER + timedelta(days=1))

    assert again.out() == site.out()
    assert again.opened_at == OPENED
    with pytest.raises(NothingLeft):
        again.break_story(now=LATER)
    with pytest.raises(NothingLeft):
        again.withdraw(now=LATER)


def test_events_begin_after_the_newsroom_opened(site):
    site.publish_batch("morning")

    events = [o for o in site.out() if o.piece.kind == "event"]

    assert all(o.starts_at > OPENED for o in events)
    [appeal] = [o for o in events if o.piece.slug == "dunmere-quota-appeal"]
    assert appeal.starts_at == datetime(2026, 11, 25, 7, 30, tzinfo=UTC)


def test_the_feeds_are_what_they_say_they_are(ask):
    ask("/control/morning", "POST")

    _, kinds, rss = ask("/feeds/news.rss")
    _, _, atom = ask("/feeds/opinion.atom")
    _, _, press = ask("/feeds/press.json")
    _, _, events = ask("/feeds/events.json")

    items = ET.fromstring(rss).findall("channel/item")
    entries = ET.fromstring(atom).findall("{http://www.w3.org/2005/Atom}entry")
    assert kinds["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert len(items) >= 55
    assert len(entries) >= 8
    assert len(json.loads(press)["items"]) >= 8
    assert all("_event" in item for item in json.loads(events)["items"])


def test_odd_characters_come_through_the_feed_whole(ask):
    ask("/control/morning", "POST")

    _, _, rss = ask("/feeds/news.rss")

    titles = [i.findtext("title") for i in ET.fromstring(rss).iter("item")]
    [odd] = [p.title for p in pieces() if p.slug == "odd-names"]
    assert "<" in odd
    assert "&" in odd
    assert odd in titles


def test_a_feed_that_has_not_changed_is_not_sent_again(ask):
    _, first, _ = ask("/feeds/news.rss")

    by_tag = ask("/feeds/news.rss", If_None_Match=first["ETag"])
    by_time = ask("/feeds/news.rss", If_Modified_Since=first["Last-Modified"])
    ask("/control/publish", "POST")
    after = ask("/feeds/news.rss", If_None_Match=first["ETag"])

    assert (by_tag[0], by_tag[2], by_time[0]) == (304, b"", 304)
    assert after[0] == 200


def test_a_feed_is_packed_for_who_can_unpack_it(ask):
    _, headers, packed = ask("/feeds/news.rss", Accept_Encoding="gzip")
    _, _, plain = ask("/feeds/news.rss")

    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == plain


def test_a_withdrawn_piece_is_gone_from_the_site_and_said_to_be_in_the_feed(ask):
    ask("/control/morning", "POST")

    status, _, _ = ask("/control/withdraw", "POST")

    _, _, atom = ask("/feeds/opinion.atom")
    assert status == 200
    assert ask("/opinion/regretted-column")[0] == 410
    assert b"deleted-entry" in atom
    assert b"harbour wall was never" not in atom


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, _tag, attributes):
        self.found += [value for name, value in attributes if name in {"href", "src"}]


def test_every_link_of_a_story_leads_somewhere(ask):
    ask("/control/morning", "POST")
    links = _Links()
    status, _, page = ask("/elections/no-majority")

    links.feed(page.decode())

    places = {re.sub(r"^http://localhost:\d+", "", link) for link in links.found}
    assert status == 200
    assert {ask(place)[0] for place in places} == {200}


def test_the_front_page_names_its_feeds(ask):
    status, _, page = ask("/")

    assert status == 200
    assert page.count(b'rel="alternate"') == 4


def test_an_unknown_page_is_not_found(ask):
    assert ask("/sport/nothing")[0] == 404
    assert ask("/feeds/nothing.rss")[0] == 404
    assert ask("/control/nothing", "POST")[0] == 404
    assert ask("/data/results-1.csv")[0] == 404


def test_a_page_of_another_site_cannot_work_the_controls(ask):
    assert ask("/control/publish", "POST", Origin="https://evil.example")[0] == 403


def the_election():
    text = polls.election_toml(opened_at=OPENED).encode()
    setup = setup_file.read(text, name="karanda.toml")
    ids = {p.short: n for n, p in enumerate(setup.parties, start=1)}
    roll = Roll(
        PartyFacts(ids[p.short], p.name, p.short, p.colour, p.colour_dark, p.folded)
        for p in setup.parties
    )
    councils = {
        c.place_code: CouncilFacts(
            n, c.place_code, c.name, c.seats, c.wards, c.stations_total,
            {ids.get(short, 0): seats for short, seats in (c.before or {}).items()},
        )
        for n, c in enumerate(setup.councils)
    }  # fmt: skip
    return setup, roll, councils


@pytest.mark.parametrize("number", [1, 2])
def test_the_results_keep_every_law_and_need_no_excuse(number):
    setup, roll, councils = the_election()
    counts, faults = sheet.read(
        polls.results_csv(number, as_at=LATER).encode(), name="results.csv"
    )

    broken = laws.broken(counts, councils=councils, roll=roll, file="results.csv")
    early = laws.out_of_time(
        counts, now=LATER, polls_close_at=setup.polls_close_at, file="results.csv"
    )

    assert (faults, broken, early) == ([], [], [])
    assert [w for count in counts for w in laws.warnings(count)] == []
    assert len(counts) >= 10


def test_official_seats_are_those_of_the_formula():
    _, roll, councils = the_election()
    counts, _ = sheet.read(polls.results_csv(2, as_at=LATER).encode(), name="n")
    declared = [c for c in counts if c.status == "declared"]

    for count in declared:
        names = tally.names_of(count.lines, roll)
        official = {names[n.at]: n.seats for n in count.lines}
        worked = tally.allocation(count, councils[count.place_code], roll)
        assert worked.seats == official

    assert len(declared) >= 8


def test_the_readers_are_a_thousand_different_people_in_places_that_vote():
    found = readers.readers()
    rows = readers.readers_csv().splitlines()

    assert len({reader.address for reader in found}) == 1000
    assert {r.place for r in found} <= {p.code for p in polls.PLACES}
    assert all(r.address.endswith(".example") for r in found)
    assert 200 < sum(r.tier == "subscriber" for r in found) < 400
    assert len(rows) == 1001
    assert readers.readers() == found
