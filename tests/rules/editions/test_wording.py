"""What an edition says of itself."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailer.editions import wording
from tests.kit.editions import NOW, ZONE, a_story, items_of


def test_the_subject_is_the_leads_headline():
    items = items_of(a_story("Oreme dam is full"), a_story("Bread drops"))

    assert wording.digest_subject(items) == "Oreme dam is full"


def test_the_preheader_completes_the_subject():
    items = items_of(
        a_story("Dam", standfirst="Engineers want it lower."),
        a_story("Press-card law falls"),
        a_story("Bread gets cheaper"),
        a_story("Fourth"),
    )

    assert wording.digest_preheader(items) == (
        "Engineers want it lower. Also: Press-card law falls; Bread gets cheaper."
    )


def test_a_preheader_names_only_what_fits():
    items = items_of(
        a_story("Dam", standfirst="x" * 140), a_story("A short one"), a_story("B" * 60)
    )

    assert wording.digest_preheader(items) == f"{'x' * 140} Also: A short one."


def test_a_title_with_line_breaks_becomes_one_line():
    items = items_of(a_story("Dam\r\nBcc: all@example.org\u2028\x00 is full"))

    assert wording.digest_subject(items) == "Dam Bcc: all@example.org is full"


def test_marks_that_turn_the_direction_of_text_are_left_out():
    assert wording.one_line("pay \u202etxt.exe\u202c now", 99) == "pay txt.exe now"


def test_a_long_title_is_cut_at_a_word():
    subject = wording.one_line("one two three, four", 15)

    assert subject == "one two three…"


def test_an_alert_says_what_it_is_in_one_word():
    assert wording.alert_subject("Dam leaks", is_update=False) == "Breaking: Dam leaks"
    assert wording.alert_subject("Dam holds", is_update=True) == "Update: Dam holds"


def test_a_correction_is_marked_once():
    assert wording.correction_subject("Correction: Tamba") == "Correction: Tamba"


def nothing_new(**changes):
    facts = {
        "new": 0,
        "least": 1,
        "undated": 0,
        "since": NOW - timedelta(days=1),
        "time_zone": ZONE,
        "slot_at": NOW,
    }
    return wording.nothing_new(**(facts | changes))


def test_the_reason_names_the_last_edition_on_the_newsletters_clock():
    assert nothing_new() == "No new stories since Mon 23 Nov 06:00"


def test_the_reason_names_the_year_if_it_is_another_on_the_newsletters_clock():
    before = datetime(2025, 12, 31, 21, 30, tzinfo=UTC)
    after = datetime(2025, 12, 31, 22, 30, tzinfo=UTC)

    assert nothing_new(since=before) == "No new stories since Wed 31 Dec 2025 23:30"
    assert nothing_new(since=after) == "No new stories since Thu 1 Jan 00:30"


def test_the_reason_says_how_many_were_too_few():
    assert nothing_new(new=2, least=3) == (
        "Only 2 new stories since Mon 23 Nov 06:00; the recipe asks for 3"
    )


def test_the_reason_names_stories_without_a_date():
    assert nothing_new(undated=1).endswith("1 story without a date can only fill up")


def test_a_missed_slot_says_for_which_others_it_stands():
    reason = wording.missed(timedelta(hours=2), also_from=NOW)

    assert reason == (
        "Missed: the scheduler was away until 2 hours after the slot and later. So "
        "were all slots before it, from Tuesday 24 November 2026"
    )


def test_a_stale_edition_says_what_was_wanting():
    assert wording.too_late(approved=False, deadline=timedelta(minutes=90)) == (
        "Not approved within 90 minutes of its slot, so it would be stale"
    )


@given(text=st.text(max_size=300), most=st.integers(2, 80))
def test_law_one_line_is_one_line_and_fits(text, most):
    line = wording.one_line(text, most)

    assert len(line) <= most
    assert line.splitlines() in ([], [line])
    assert not wording.CONTROLS.search(line)
