from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mailer.elections.result import CouncilResult, Status
from mailer.kernel.brand import contrast
from mailer.rendering.plain import COLUMNS, columns
from mailer.rendering.results import results_page
from tests.kit.mails import a_rendered
from tests.kit.odd_contents import UNBROKEN
from tests.kit.rendering import (
    BASE_URL,
    ZONE,
    a_council_result,
    a_partial_result,
    a_results_edition,
)


def page(result: CouncilResult):
    return results_page(
        result, time_zone=ZONE, zone_name="Karanda time", base_url=BASE_URL
    )


def test_the_bar_fills_its_width():
    assert sum(cell.percent for cell in page(a_council_result()).bar) == 100


def test_a_party_has_one_colour_in_bar_and_table():
    shown = page(a_council_result())

    assert [c.colour for c in shown.bar] == [line.colour for line in shown.lines]


def test_a_colour_that_is_none_falls_to_grey():
    first, *others = a_council_result().standings
    bad = replace(first, colour="red;background:url(x)", colour_dark="")

    colours = page(a_council_result(standings=(bad, *others))).colours

    assert colours[0].light == "#57606a"
    assert colours[0].dark == "#aab2bb"


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_law_every_label_can_be_read_on_its_fill(colour):
    first, *others = a_council_result().standings
    dressed = replace(first, colour=colour, colour_dark=colour)

    fill = page(a_council_result(standings=(dressed, *others))).colours[0]

    assert contrast(fill.light, fill.light_ink) >= 4.5
    assert contrast(fill.dark, fill.dark_ink) >= 4.5


def test_while_votes_are_out_no_seat_and_no_share_without_its_count():
    shown = page(a_partial_result())

    assert not shown.has_seats
    assert "24 of 61" in shown.as_at
    assert "24 of 61" in shown.headline
    assert not any("%" in cell.label for cell in shown.bar)
    assert shown.open_points[0].startswith("37 voting districts are still to come")


def test_a_complete_count_is_not_a_declaration():
    shown = page(a_council_result(status=Status.COMPLETE))

    assert "has not declared" in shown.open_points[0]


def test_a_tie_stands_under_what_could_still_change():
    tie = "One seat is drawn by lot between two parties."

    assert tie in page(a_council_result(undecided=(tie,))).open_points


def test_parties_with_awkward_names_stop_no_mail():
    names = ("Greens", "Greens United", "Greens", UNBROKEN, "1", "A (B) 19")
    standings = tuple(
        replace(s, name=name)
        for s, name in zip(a_council_result().standings, names, strict=True)
    )

    mail = a_rendered(a_results_edition(a_council_result(standings=standings)))

    assert mail.findings == ()


def test_a_declared_result_has_nothing_open():
    assert page(a_council_result()).open_title == ""


@given(
    names=st.lists(st.text(min_size=1, max_size=60), min_size=6, max_size=6),
    shorts=st.lists(st.text(max_size=12), min_size=6, max_size=6),
)
def test_law_the_table_in_plain_text_fits(names, shorts):
    standings = tuple(
        replace(s, name=" ".join(name.split()) or "X", short=" ".join(short.split()))
        for s, name, short in zip(
            a_council_result().standings, names, shorts, strict=True
        )
    )

    for row in page(a_council_result(standings=standings)).rows_of_text:
        assert all(columns(line) <= COLUMNS for line in row.split("\n"))
