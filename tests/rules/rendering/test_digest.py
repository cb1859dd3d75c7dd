from dataclasses import replace

from mailer.editions.content import Block
from mailer.rendering.digest import digest, preheader
from mailer.rendering.facts import locked_passages
from mailer.rendering.pieces import Setting
from mailer.rendering.variant import Tier
from mailer.sources.story import Kind, Related
from tests.kit.rendering import SLOT_AT, a_digest, an_item

FREE = Setting(tier=Tier.FREE, language="en", direction="ltr")
PAID = Setting(tier=Tier.SUBSCRIBER, language="en", direction="ltr")
SECRET = "The minister signed it on Sunday night, in his kitchen, without a witness."


def a_locked_item(block: Block = Block.LEAD):
    return an_item(
        block,
        "What the minister signed",
        standfirst=SECRET,
        body_text=f"{SECRET} Nobody was told.",
        subscriber_only=True,
    )


def test_three_cards_and_the_rest_as_headlines():
    view = digest(a_digest(*(an_item(Block.LATEST, f"N{n}") for n in range(5))), FREE)

    assert [card.title for card in view.cards] == ["N0", "N1", "N2"]
    assert [p.title for p in view.section_rows[0][0].pieces] == ["N3", "N4"]


def test_sections_stand_in_pairs_and_an_odd_one_alone():
    sections = [an_item(Block.SECTION, f"S{n}", section=f"{n}") for n in range(3)]

    rows = digest(a_digest(*sections), FREE).section_rows

    assert [[s.name for s in row] for row in rows] == [["0", "1"], ["2"]]


def test_a_headline_without_a_section_still_has_a_place():
    view = digest(a_digest(an_item(Block.SECTION, "Alone")), FREE)

    assert view.section_rows[0][0].pieces[0].title == "Alone"


def test_no_story_of_a_content_is_left_out():
    whole = a_digest()
    view = digest(whole, FREE)

    shown = [*view.leads, *view.cards, *view.opinions, *view.puzzles, *view.releases]
    shown += [event.piece for event in view.events]
    shown += [p for row in view.section_rows for s in row for p in s.pieces]
    assert sorted(p.title for p in shown) == sorted(i.title for i in whole.items)


def test_events_come_by_their_time_and_one_without_a_time_last():
    view = digest(
        a_digest(
            an_item(Block.EVENT, "Some day"),
            an_item(Block.EVENT, "First", starts_at=SLOT_AT),
        ),
        FREE,
    )

    assert [(e.piece.title, e.time, e.day) for e in view.events] == [
        ("First", "06:00", "Today"),
        ("Some day", "", ""),
    ]


def test_a_reader_who_has_not_paid_gets_the_headline_alone():
    lead = digest(a_digest(a_locked_item()), FREE).leads[0]

    assert lead.is_locked
    assert lead.standfirst == ""


def test_a_subscriber_gets_it_whole():
    lead = digest(a_digest(a_locked_item()), PAID).leads[0]

    assert not lead.is_locked
    assert lead.standfirst == SECRET


def test_a_preheader_made_of_a_locked_standfirst_is_not_shown_to_all():
    cut = f"{SECRET[:40]}… Also: the ferry is back."
    content = a_digest(a_locked_item(), an_item(title="Ferry", block=Block.LATEST))

    shown = [
        preheader(replace(content, preheader=line), Tier.FREE)
        for line in (SECRET, f"{SECRET} Also: Ferry.", cut)
    ]

    assert shown == ["Ferry"] * 3
    assert preheader(replace(content, preheader=SECRET), Tier.SUBSCRIBER) == SECRET


def test_what_an_open_story_says_too_is_no_secret():
    content = a_digest(a_locked_item(), an_item(Block.LATEST, "B", standfirst=SECRET))

    assert locked_passages(content, Tier.FREE) == ()
    assert locked_passages(a_digest(a_locked_item()), Tier.FREE) == (
        SECRET.rstrip("."),
    )
    assert locked_passages(a_digest(a_locked_item()), Tier.SUBSCRIBER) == ()


def test_a_standfirst_that_says_the_headline_again_is_left_out():
    item = an_item(Block.LEAD, "The ferry is back", standfirst="The ferry is back.")

    assert digest(a_digest(item), FREE).leads[0].standfirst == ""


def test_a_related_link_without_an_address_is_left_out():
    item = an_item(
        Block.LEAD,
        "A",
        related=(Related("X", "javascript:1"), Related(" ", "https://a.b/")),
    )

    assert digest(a_digest(item), FREE).leads[0].related == ()


def test_the_extent_counts_what_is_ours_to_read():
    content = a_digest(
        an_item(Block.LEAD, "A"),
        an_item(Block.EVENT, "B", kind=Kind.EVENT),
        an_item(Block.PRESS, "C", kind=Kind.PRESS_RELEASE),
    )

    assert digest(content, FREE).extent == "one story, about one minute"


def test_a_press_release_names_its_sender():
    item = an_item(Block.PRESS, "A", credit="", source_name="Harbour Authority")

    assert digest(a_digest(item), FREE).releases[0].sender == "Harbour Authority"
