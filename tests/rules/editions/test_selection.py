"""Which stories an edition takes, and where they stand."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.editions.content import Block
from mailer.editions.recipe import Order, Selection
from mailer.editions.selection import Placed, choose, mend
from mailer.sources.story import Kind
from tests.kit.editions import NOW, PICTURE, a_story, an_event, an_opinion

HOUR = timedelta(hours=1)


def chosen(stories, selection=None, *, slot_at=NOW, now=NOW):
    return choose(stories, selection or Selection(), slot_at=slot_at, now=now)


def titles(choice, block=None):
    return [p.story.title for p in choice.placed if block in {None, p.block}]


def pictured(title, **fields):
    return a_story(title, image=PICTURE, **fields)


def test_the_newest_story_leads_and_the_rest_follow_by_section():
    old = a_story("Old", published_at=NOW - 5 * HOUR, section="Sport")
    new = a_story("New", published_at=NOW - HOUR)
    middle = a_story("Middle", published_at=NOW - 2 * HOUR, section="Business")

    choice = chosen([old, new, middle])

    assert titles(choice, Block.LEAD) == ["New"]
    assert titles(choice, Block.SECTION) == ["Middle", "Old"]


def test_a_story_with_a_picture_near_the_top_leads():
    plain = a_story("Plain", published_at=NOW - HOUR)
    shown = pictured("Shown", published_at=NOW - 2 * HOUR)

    assert titles(chosen([plain, shown]), Block.LEAD) == ["Shown"]


def test_three_cards_have_pictures_and_come_from_different_sections():
    lead = pictured("Lead", published_at=NOW - HOUR)
    sport = [
        pictured(f"Sport {i}", section="Sport", published_at=NOW - (2 + i) * HOUR)
        for i in range(3)
    ]
    water = pictured("Water", section="Water", published_at=NOW - 8 * HOUR)
    courts = pictured("Courts", section="Courts", published_at=NOW - 9 * HOUR)

    choice = chosen([lead, *sport, water, courts])

    assert titles(choice, Block.LATEST) == ["Sport 0", "Water", "Courts"]
    assert titles(choice, Block.SECTION) == ["Sport 1", "Sport 2"]


def test_two_pictures_make_no_cards_but_headlines():
    stories = [pictured(f"P{i}", published_at=NOW - i * HOUR) for i in range(3)]

    choice = chosen(stories)

    assert titles(choice, Block.LATEST) == []
    assert titles(choice, Block.SECTION) == ["P1", "P2"]


def test_a_section_has_three_headlines_and_there_are_four_sections():
    stories = [
        a_story(f"{section} {i}", section=section, published_at=NOW - i * HOUR)
        for section in ("A", "B", "C", "D", "E")
        for i in range(1, 6)
    ]

    choice = chosen(stories)

    found = [p.story.section for p in choice.placed if p.block is Block.SECTION]
    assert len(found) == 12
    assert len(set(found)) == 4
    assert found == sorted(found, key=found.index)


def test_sections_stand_as_the_recipe_names_them():
    stories = [a_story(s, section=s) for s in ("Sport", "Culture", "Business")]
    selection = Selection(section_order=("business", "culture"))
    lead = a_story("Lead", published_at=NOW, section="Karanda")

    choice = chosen([lead, *stories], selection)

    assert titles(choice, Block.SECTION) == ["Business", "Culture", "Sport"]


def test_stories_without_a_section_come_last():
    lead = a_story("Lead", published_at=NOW)
    nowhere = a_story("Nowhere", section="", published_at=NOW - HOUR)
    sport = a_story("Sport", section="Sport", published_at=NOW - 2 * HOUR)

    assert titles(chosen([nowhere, sport, lead]), Block.SECTION) == ["Sport", "Nowhere"]


def test_a_must_have_leads_even_without_a_picture():
    new = pictured("New", published_at=NOW)
    must = a_story("Must", tags=("Front Page",), published_at=NOW - 40 * HOUR)

    choice = chosen([new, must], Selection(must_tags=("front page",)))

    assert titles(choice, Block.LEAD) == ["Must"]


def test_no_must_have_is_cut_for_room():
    musts = [
        a_story(f"M{i}", tags=("must",), section=f"S{i % 6}", published_at=NOW)
        for i in range(18)
    ]
    others = [a_story(f"O{i}", published_at=NOW) for i in range(10)]
    selection = Selection(must_tags=("must",), per_section=1, sections_shown=2)

    choice = chosen([*others, *musts], selection)

    assert {f"M{i}" for i in range(18)} <= set(titles(choice))


@pytest.mark.parametrize(
    "never",
    [
        {"published_at": NOW + timedelta(seconds=1)},
        {"withdrawn_at": NOW},
        {"seen": True},
    ],
)
def test_not_even_a_must_have_comes_before_its_time_or_after_its_withdrawal(never):
    must = a_story("Must", tags=("must",), **never)
    other = a_story("Other")

    choice = chosen([must, other], Selection(must_tags=("must",)))

    assert titles(choice) == ["Other"]


def test_a_story_of_the_second_before_the_cut_is_taken():
    story = a_story("Just", published_at=NOW - timedelta(microseconds=1))

    assert titles(chosen([story])) == ["Just"]


def test_a_story_as_old_as_the_recipe_looks_back_is_new_and_an_older_one_is_not():
    just = a_story("Just", published_at=NOW - 24 * HOUR)
    older = a_story("Older", published_at=NOW - 24 * HOUR - timedelta(seconds=1))
    selection = Selection(max_age_hours=24, backfill_to=0)

    assert titles(chosen([just, older], selection)) == ["Just"]


def test_older_and_undated_stories_only_fill_up():
    new = a_story("New")
    older = a_story("Older", published_at=NOW - 120 * HOUR)
    undated = a_story("Undated", published_at=None)

    choice = chosen([undated, older, new], Selection(max_age_hours=24, backfill_to=3))

    assert titles(choice) == ["New", "Older", "Undated"]
    assert choice.new == 1


def test_backfill_stops_where_the_mail_is_full():
    new = [a_story(f"N{i}") for i in range(3)]
    older = [a_story(f"O{i}", published_at=NOW - 120 * HOUR) for i in range(3)]

    choice = chosen([*new, *older], Selection(backfill_to=4))

    assert len(choice.placed) == 4


def test_backfill_alone_makes_no_edition():
    undated = a_story("Undated", published_at=None)

    choice = chosen([undated])

    assert choice.placed == ()
    assert (choice.new, choice.undated) == (0, 1)


def test_a_recipe_may_count_stories_without_a_date():
    undated = a_story("Undated", published_at=None)

    assert titles(chosen([undated], Selection(undated_count=True))) == ["Undated"]


def test_fewer_new_stories_than_the_recipe_asks_for_make_no_edition():
    choice = chosen([a_story(), a_story()], Selection(least=3))

    assert choice.placed == ()
    assert choice.new == 2


def test_an_opinion_has_its_own_place_and_leads_only_without_news():
    opinion = an_opinion("Opinion", published_at=NOW)
    news = a_story("News")

    assert titles(chosen([opinion, news]), Block.OPINION) == ["Opinion"]
    assert titles(chosen([opinion]), Block.LEAD) == ["Opinion"]


def test_whats_next_is_to_come_soon_and_stands_by_its_beginning():
    news = a_story("News")
    late = an_event("Late", in_hours=30)
    soon = an_event("Soon", in_hours=2)
    begun = an_event("Begun", in_hours=0)
    far = an_event("Far", in_hours=24 * 7 + 1)

    choice = chosen([news, late, far, begun, soon])

    assert titles(choice, Block.EVENT) == ["Soon", "Late"]


def test_an_event_announced_long_ago_is_still_next():
    news = a_story("News")
    event = an_event("Event", published_at=NOW - 40 * 24 * HOUR)

    assert titles(chosen([news, event]), Block.EVENT) == ["Event"]


def test_events_alone_make_no_digest_but_an_events_newsletter():
    event = an_event("Event")

    assert chosen([event]).placed == ()
    assert titles(chosen([event], Selection(kinds=(Kind.EVENT,)))) == ["Event"]


def test_press_releases_and_a_puzzle_come_along_at_the_end():
    news = a_story("News")
    press = [a_story(f"P{i}", kind=Kind.PRESS_RELEASE) for i in range(5)]
    puzzles = [a_story(f"Z{i}", kind=Kind.PUZZLE) for i in range(2)]

    choice = chosen([*press, *puzzles, news])

    assert [p.block for p in choice.placed] == [
        Block.LEAD,
        Block.PUZZLE,
        *[Block.PRESS] * 3,
    ]


def test_sections_tags_kinds_and_languages_narrow_the_choice():
    good = a_story("Good", source_id=2, section="Sport", tags=("cup",), language="en")
    others = [
        a_story("Section", source_id=2, section="Culture", tags=("cup",)),
        a_story("Tag", source_id=2, section="Sport"),
        a_story("Sponsored", source_id=2, section="Sport", tags=("cup", "Ad")),
        a_story("Kind", source_id=2, section="Sport", tags=("cup",), kind=Kind.PUZZLE),
        a_story(
            "French", source_id=2, section="Sport", tags=("cup",), language="fr-CA"
        ),
    ]
    selection = Selection(
        sections=("SPORT",),
        tags=("Cup",),
        not_tags=("ad",),
        kinds=(Kind.NEWS,),
        languages=("en",),
    )

    assert titles(chosen([*others, good], selection)) == ["Good"]


def test_the_order_may_follow_the_sources():
    wire = a_story("Wire", source_id=2, published_at=NOW)
    own = a_story("Own", source_id=1, published_at=NOW - 3 * HOUR)
    selection = Selection(sources=(1, 2), order=Order.SOURCES)

    assert titles(chosen([wire, own], selection)) == ["Own", "Wire"]


def test_a_lead_comes_up_from_the_cards_and_a_card_from_the_headlines():
    lead, *cards = (pictured(n) for n in ("Lead", "A", "B", "C"))
    shown, plain = pictured("Shown"), a_story("Plain")
    placed = [
        *(Placed(Block.LATEST, s) for s in cards),
        Placed(Block.SECTION, plain),
        Placed(Block.SECTION, shown),
    ]

    mended = mend(placed, latest=3)

    assert [(p.block, p.story.title) for p in mended] == [
        (Block.LEAD, "A"),
        (Block.LATEST, "B"),
        (Block.LATEST, "C"),
        (Block.LATEST, "Shown"),
        (Block.SECTION, "Plain"),
    ]
    assert lead.title == "Lead"


def test_cards_that_stay_too_few_become_headlines():
    lead, a, b = pictured("Lead"), pictured("A"), pictured("B")
    placed = [Placed(Block.LEAD, lead), *(Placed(Block.LATEST, s) for s in (a, b))]

    assert [p.block for p in mend(placed, latest=3)] == [
        Block.LEAD,
        Block.SECTION,
        Block.SECTION,
    ]


moments = st.integers(-200, 50).map(lambda h: NOW + h * HOUR)
stories = st.lists(
    st.builds(
        a_story,
        section=st.sampled_from(["", "Karanda", "Sport", "Business", "Culture", "X"]),
        kind=st.sampled_from(list(Kind)),
        image=st.sampled_from([None, PICTURE]),
        published_at=st.none() | moments,
        starts_at=st.none() | moments,
        tags=st.sampled_from([(), ("must",), ("no",)]),
        seen=st.sampled_from([False, False, False, True]),
        withdrawn_at=st.sampled_from([None, None, None, NOW]),
    ),
    max_size=20,
)
selections = st.builds(
    Selection,
    must_tags=st.sampled_from([(), ("must",)]),
    not_tags=st.sampled_from([(), ("no",)]),
    latest=st.integers(0, 4),
    per_section=st.integers(0, 3),
    sections_shown=st.integers(0, 4),
    opinions=st.integers(0, 2),
    least=st.integers(1, 5),
    backfill_to=st.integers(0, 10),
    undated_count=st.booleans(),
    order=st.sampled_from(list(Order)),
)


@given(stories=stories, selection=selections)
def test_law_no_story_stands_twice_and_none_before_its_time(stories, selection):
    choice = chosen(stories, selection)

    ids = [p.story.id for p in choice.placed]
    assert len(ids) == len(set(ids))
    assert not any(p.story.seen or p.story.withdrawn_at for p in choice.placed)
    assert all(
        p.story.published_at is None or p.story.published_at <= NOW
        for p in choice.placed
    )


@given(stories=stories, selection=selections)
def test_law_cards_are_all_or_none_and_one_story_leads(stories, selection):
    choice = chosen(stories, selection)

    cards = titles(choice, Block.LATEST)
    assert len(cards) in {0, selection.latest}
    assert len(titles(choice, Block.LEAD)) <= 1
    assert [p.block for p in choice.placed] == sorted(
        (p.block for p in choice.placed), key=list(Block).index
    )


@given(stories=stories, selection=selections, data=st.data())
def test_law_the_order_of_arrival_changes_nothing(stories, selection, data):
    shuffled = data.draw(st.permutations(stories))

    assert chosen(shuffled, selection) == chosen(stories, selection)


@given(stories=stories, selection=selections)
def test_law_whatever_is_new_and_told_gives_an_edition(stories, selection):
    choice = chosen(stories, selection)

    assert bool(choice.placed) == (choice.new >= selection.least and choice.new > 0)
