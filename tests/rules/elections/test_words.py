"""What is said of a council: never more than is known."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.elections import chart, figures, words
from mailer.elections.count import CountLine
from mailer.elections.result import Status, freeze, thaw
from tests.kit.elections import (
    LINES,
    NOW,
    a_council,
    a_count,
    a_line,
    a_plain_result,
    a_result,
    a_standing,
)

SETTLED = ("won", "lost", "majority", "keeps", "gains", "turnout", "record", "seats")


def every_word_of(result):
    table, bar = chart.table(result), chart.bar(result)
    said = [
        words.headline(result),
        words.sentence(result),
        words.subject(result),
        words.preheader(result),
        words.as_at_line(result),
        words.turnout(result),
        words.since_before(result),
        words.alt(result),
        table.caption,
        bar.mark,
        *(row.change for row in table.rows),
    ]
    return " ".join(said).casefold()


@pytest.mark.parametrize("stations_in", [1, 6, 11])
def test_while_votes_are_out_nothing_is_said_as_if_settled(stations_in):
    said = every_word_of(a_result(a_count(status="", stations_in=stations_in)))

    assert [word for word in SETTLED if word in said.split()] == []


def test_a_partial_count_says_how_much_is_counted_wherever_it_says_a_share():
    result = a_result(a_count(status="", stations_in=5))

    for said in (words.sentence(result), words.preheader(result), words.alt(result)):
        assert "5 of 12 voting districts" in said


def test_a_partial_count_shows_no_seats_and_no_quota():
    result = a_result(a_count(status="", stations_in=11))

    assert {s.seats for s in result.standings} == {None}
    assert {row.seats for row in chart.table(result).rows} == {"not yet"}
    assert result.quota is None


def test_shares_have_no_decimals_below_a_quarter_of_the_districts():
    early = words.sentence(a_result(a_count(status="", stations_in=2)))
    later = words.sentence(a_result(a_count(status="", stations_in=3)))

    assert "55%" in early
    assert "." not in early.split("%")[0]
    assert "54.7%" in later


def test_a_full_count_that_is_not_declared_says_so():
    result = a_result(a_count(status="complete"))

    assert words.headline(result) == (
        "Full count: no party has a majority in Tamba Valley"
    )
    assert words.sentence(result).endswith("The result is not declared yet.")


def test_half_of_the_seats_is_not_a_majority():
    result = a_plain_result(a_standing("Civic Front", 12), a_standing("Greens", 12))

    assert words.headline(result) == "No party has a majority in Tamba Valley"
    assert result.majority == 13


def test_a_majority_of_one_more_than_half_is_one():
    result = a_plain_result(a_standing("Civic Front", 13), a_standing("Greens", 11))

    assert words.headline(result) == "Civic Front has a majority in Tamba Valley"


@pytest.mark.parametrize(
    ("control_before", "headline"),
    [
        ("Civic Front", "Civic Front keeps its majority in Tamba Valley"),
        ("", "Civic Front gains a majority in Tamba Valley"),
        (
            "Greens",
            "Civic Front takes the majority from Greens in Tamba Valley",
        ),
    ],
)
def test_a_majority_is_compared_with_the_election_before(control_before, headline):
    result = a_plain_result(
        a_standing("Civic Front", 14),
        a_standing("Greens", 10),
        previous_election="2021",
        control_before=control_before,
    )

    assert words.headline(result) == headline


def test_a_council_without_a_past_is_not_compared():
    result = a_result(facts=a_council())

    assert "gains" not in words.headline(result)
    assert {row.change for row in chart.table(result).rows} == {"not compared"}


def test_an_open_seat_that_could_make_a_majority_leaves_the_headline_open():
    result = a_plain_result(
        a_standing("Civic Front", 11),
        a_standing("Greens", 11),
        seats_total=23,
        seats_undecided=1,
        tied=("Civic Front", "Greens"),
    )

    assert words.headline(result) == (
        "All votes are counted in Tamba Valley, but its seats are not settled"
    )
    assert "1 seat is not decided" in words.sentence(result).casefold()


def test_an_open_seat_that_can_make_none_does_not():
    result = a_plain_result(
        a_standing("Civic Front", 12),
        a_standing("Greens", 10),
        seats_total=24,
        seats_undecided=2,
        tied=("Greens",),
    )

    assert words.headline(result) == "No party has a majority in Tamba Valley"


def test_seats_are_not_worked_out_while_a_ward_has_no_winner():
    lines = (*LINES[:3], replace(LINES[3], wards_won=0))

    result = a_result(a_count(status="complete", lines=lines))

    assert {s.seats for s in result.standings} == {None}
    assert result.undecided == ("1 ward has no winner yet.",)


def test_parties_with_the_same_number_of_votes_lead_together():
    lines = (a_line("CF", 5, 5), a_line("HA", 5, 5), a_line("KG", 1, 1))

    said = words.sentence(a_result(a_count(status="", stations_in=6, lines=lines)))

    assert "Civic Front and Harbour Alliance have the same number of votes" in said


def test_the_subject_of_a_correction_begins_with_the_word():
    first = a_result(a_count())
    moved = replace(LINES[0], list_votes=1500)
    second = a_result(
        a_count(lines=(moved, *LINES[1:]), as_at=NOW), before=first, result_id=2
    )

    assert words.subject(second).startswith("Correction: Tamba Valley result:")
    assert second.what_changed == ("Civic Front: 3,000 votes, not 3,120.",)
    assert "as at 05:42" in words.correction(second, time_zone="UTC")


def test_turnout_is_of_people_not_of_papers_and_names_the_change():
    assert words.turnout(a_result()) == (
        "59.6%: 3,105 of 5,210 registered voters. "
        "In 2021 it was 61.9%, so 2.3 points lower."
    )


def test_turnout_that_is_not_known_is_not_guessed_from_the_papers():
    assert words.turnout(a_result(a_count(voters=None))) == ""


def test_the_as_at_line_is_in_the_papers_own_time():
    said = words.as_at_line(
        a_result(), time_zone="Africa/Johannesburg", zone_name="Karanda time"
    )

    assert said == (
        "Declared. All 12 of 12 voting districts counted, as at 07:42 on "
        "24 November 2026 (Karanda time, UTC+2)."
    )


def test_one_voting_district_of_one_is_written_in_the_singular():
    result = a_result(
        a_count(stations_in=1, stations_total=1), facts=a_council(stations_total=1)
    )

    assert "1 of 1 voting district counted" in words.as_at_line(result)


def test_whose_seats_they_are_is_always_said():
    ours = a_result()
    lines = tuple(
        replace(line, seats=seats)
        for line, seats in zip(LINES, (3, 2, 1, 1), strict=True)
    )
    theirs = a_result(a_count(lines=lines))
    wrong = tuple(
        replace(line, seats=seats)
        for line, seats in zip(LINES, (4, 1, 1, 1), strict=True)
    )
    other = a_result(a_count(lines=wrong))

    assert words.source_line(ours).endswith("Seats: our own calculation.")
    assert words.source_line(theirs).endswith("our own calculation gives the same.")
    assert words.source_line(other).endswith("our own calculation differs.")
    assert other.standings[0].seats == 4


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (4286, 10_000, "42.9%"),
        (49_970, 100_000, "49.97%"),
        (500, 1_000, "50.0%"),
        (499_999, 1_000_000, "49.9999%"),
        (4_999_999, 10_000_000, "just under 50%"),
        (5_000_001, 10_000_000, "just over 50%"),
        (1, 100_000, "less than 0.1%"),
        (0, 10, "none"),
        (0, 0, "not yet"),
        (10, 10, "100.0%"),
    ],
)
def test_a_share_is_never_rounded_across_a_half(part, whole, said):
    assert figures.share(part, whole) == said


@pytest.mark.parametrize(
    ("seats", "said"), [(0, "no seats"), (1, "1 seat"), (1204, "1,204 seats")]
)
def test_seats_are_counted_as_people_say_it(seats, said):
    assert figures.count(seats, "seat") == said


def test_no_cell_of_a_table_is_empty():
    lines = [a_line(p, 10, 10, at=n) for n, p in enumerate(("CF", "HA", "KG"), 2)]
    lines += [CountLine(n, "Independent", f"Ann {n}", str(n), 3) for n in range(10, 30)]

    table = chart.table(a_result(a_count(status="", stations_in=4, lines=tuple(lines))))

    cells = [c for r in table.rows for c in (r.name, r.seats, r.change, r.votes)]
    assert "" not in cells
    assert table.rows[-1].name == "20 independents"


def test_a_long_bar_merges_its_small_end_and_keeps_every_seat():
    standings = [a_standing(f"Party {n}", 30 - n) for n in range(24)]
    result = a_plain_result(*standings)

    bar = chart.bar(result)

    assert len(bar.segments) == chart.MOST_SEGMENTS
    assert bar.segments[-1].figure == str(sum(30 - n for n in range(6, 24)))


def test_a_bar_shows_seats_that_nobody_has_yet():
    result = a_plain_result(
        a_standing("A", 5), a_standing("B", 4), seats_total=10, seats_undecided=1
    )

    assert chart.bar(result).segments[-1].name == "Not decided"


def test_a_result_thaws_to_the_very_same():
    result = a_result()

    assert thaw(freeze(result), result_id=1) == result


def test_a_frozen_result_of_a_later_release_still_thaws():
    frozen = freeze(a_result()) | {"not_yet_invented": 1}

    assert thaw(frozen, result_id=1) == a_result()


def test_a_corrected_time_survives_freezing():
    result = replace(a_result(), corrects=4, corrects_as_at=NOW - timedelta(hours=1))

    assert thaw(freeze(result), result_id=1) == result


@given(st.lists(st.integers(0, 10**6), max_size=30))
def test_law_whole_percents_add_up_to_a_hundred(parts):
    assert sum(figures.percents(parts)) == (100 if any(parts) else 0)


@given(
    st.lists(
        st.tuples(st.integers(0, 9000), st.integers(0, 9000)), min_size=1, max_size=5
    ),
    st.sampled_from(["", "complete", "declared"]),
    st.integers(1, 12),
)
def test_law_bar_table_and_words_come_from_one_object(votes, status, stations_in):
    names = ("CF", "HA", "PC", "KG", "TR")
    lines = tuple(
        a_line(name, ward, lists, at=n, wards_won=4 if n == 0 else 0)
        for n, (name, (ward, lists)) in enumerate(zip(names, votes, strict=False))
    )
    whole = 12 if status else stations_in
    result = a_result(a_count(status=status, stations_in=whole, lines=lines))

    bar, table = chart.bar(result), chart.table(result)

    assert sum(s.percent for s in bar.segments) in {0, 100}
    assert {s.name for s in bar.segments} - {"Not decided"} <= {
        row.name for row in table.rows
    }
    assert words.subject(result)
    assert words.sentence(result).endswith(".")


def test_every_status_has_a_word():
    assert [
        words.status_word(replace(a_result(), status=status)) for status in Status
    ] == ["counting", "all counted, not declared", "declared", "corrected"]
