"""Our results file: what is read, and what is refused with its line and its rule."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.elections import laws, setup_file, sheet
from tests.kit.elections import (
    LINES,
    NOW,
    a_council,
    a_count,
    a_file,
    a_line,
    a_roll,
)

HEAD = "election,place,as_at,stations_in,party,candidate,ward_votes,list_votes\n"
ROW = "KA-2026,TV,2026-11-24T05:42:00+02:00,12,Civic Front,,10,20\n"


def rules_of(data):
    _, faults = sheet.read(data.encode() if isinstance(data, str) else data, name="n")
    return [f.rule for f in faults]


def broken(count, **council):
    faults = laws.broken(
        [count], councils={"TV": a_council(**council)}, roll=a_roll(), file="night.csv"
    )
    return [f.rule for f in faults]


def test_a_count_written_down_is_read_back_as_it_was():
    written = a_count()

    [count], faults = sheet.read(a_file(written), name="night.csv")

    assert faults == []
    assert replace(count, lines=()) == replace(written, lines=())
    assert [replace(n, at=0) for n in count.lines] == [replace(n, at=0) for n in LINES]


def test_the_template_keeps_every_law():
    counts, faults = sheet.read(sheet.TEMPLATE.encode(), name="template.csv")

    assert faults == []
    assert broken(counts[0]) == []


@pytest.mark.parametrize(
    "data",
    [
        (HEAD + ROW).encode(),
        b"\xef\xbb\xbf" + (HEAD + ROW).encode(),
        (HEAD + ROW).encode("utf-16"),
        (HEAD + ROW).replace("\n", "\r").encode(),
        (HEAD + ROW).replace("\n", "\r\n").encode(),
        (HEAD + ROW).replace(",", ";").encode(),
        (HEAD + ROW).upper().replace("CIVIC FRONT", "Civic  Front").encode(),
    ],
    ids=["plain", "BOM", "UTF-16", "CR only", "CRLF", "semicolons", "capitals"],
)
def test_files_as_spreadsheets_write_them_are_read(data):
    [count], faults = sheet.read(data, name="night.csv")

    assert faults == []
    assert (count.lines[0].ward_votes, count.lines[0].list_votes) == (10, 20)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n\n",
        b"<!DOCTYPE html><title>404</title>",
        b"\x1f\x8b\x08\x00",
        b"PK\x03\x04",
        b"a\x00b",
        (HEAD + ROW).encode("cp850").replace(b"Civic", b"Civi\x87"),
        b"place,votes\nTV,3\n",
        (HEAD.strip() + ",Votes\n").encode(),
        (HEAD.strip() + ",party\n").encode(),
        HEAD.encode(),
        b'"' + b"x" * 200_000,
        b"x" * (sheet.LARGEST_BYTES + 1),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_is_no_results_file_is_refused_in_one_sentence(data):
    counts, faults = sheet.read(data, name="night.csv")

    assert counts == []
    assert [f.rule for f in faults] == ["a-csv-file"]
    assert str(faults[0]).startswith("night.csv: the file ")


@pytest.mark.parametrize("votes", ["-1", "-", "N/A", "1,204", "1 204", "12.0", "NaN"])
def test_what_is_no_whole_number_is_refused_and_never_read_as_nothing(votes):
    assert rules_of(HEAD + ROW.replace(",10,", f',"{votes}",')) == ["whole-numbers"]


def test_a_billion_and_one_votes_are_refused():
    assert rules_of(HEAD + ROW.replace(",10,", ",1000000001,")) == ["whole-numbers"]


@pytest.mark.parametrize(
    "moment", ["2026-11-24T05:42:00", "11/3/2026 4:37 PM", "24 November 2026", ""]
)
def test_a_time_without_its_zone_is_refused(moment):
    text = HEAD + ROW.replace("2026-11-24T05:42:00+02:00", moment)

    assert rules_of(text) == ["a-time-with-its-zone"]


def test_a_comma_in_a_name_without_quotes_is_refused_with_its_line():
    _, [fault] = sheet.read(
        (HEAD + ROW.replace("Civic Front", "Front, Civic")).encode(), name="night.csv"
    )

    assert (fault.line, fault.rule) == (2, "as-many-cells-as-names")


def test_a_council_that_says_two_things_is_refused_with_the_second_line():
    other = ROW.replace(",12,Civic", ",11,Harbour")

    _, [fault] = sheet.read((HEAD + ROW + other).encode(), name="night.csv")

    assert (fault.line, fault.rule) == (3, "a-council-says-one-thing")


def test_lines_are_counted_as_an_editor_counts_them():
    quoted = ROW.replace("Civic Front", '"Civic\n\nFront"')

    _, [fault] = sheet.read((HEAD + quoted + ROW + "KA-2026,\n").encode(), name="n")

    assert fault.line == 6


def test_two_elections_in_one_file_are_refused():
    other = ROW.replace("KA-2026,TV", "KA-2021,SE")

    assert rules_of(HEAD + ROW + other) == ["one-election-a-file"]


@pytest.mark.parametrize("name", ["Civic\u202eFront", "Civic\u200bFront"])
def test_names_with_characters_nobody_can_see_are_refused(name):
    assert rules_of(HEAD + ROW.replace("Civic Front", name)) == ["plain-names"]


def test_a_whole_count_keeps_every_law():
    assert broken(a_count()) == []


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("cast-is-valid-and-spoilt", {"ward_cast": 3081}),
        ("cast-is-valid-and-spoilt", {"list_spoilt": 31}),
        ("cast-is-valid-and-spoilt", {"ward_cast": 3000, "ward_spoilt": None}),
        ("every-paper-has-a-voter", {"voters": 3089}),
        ("every-voter-has-a-paper", {"voters": 7000}),
        ("no-more-stations-in-than-there-are", {"stations_in": 13}),
        ("complete-means-every-station", {"stations_in": 11}),
        ("no-votes-before-a-station-is-in", {"stations_in": 0, "status": ""}),
        ("as-the-election-was-set-up", {"stations_total": 13}),
        ("as-the-election-was-set-up", {"seats_total": 8}),
        ("as-the-election-was-set-up", {"wards_total": 5}),
        ("a-known-council", {"place_code": "XX"}),
        (
            "a-count-has-parties",
            {"lines": (), "ward_cast": None, "list_cast": None, "voters": None},
        ),
    ],
)
def test_a_count_that_breaks_a_law_is_refused_by_its_name(rule, changes):
    assert broken(a_count(**changes)) == [rule]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("a-known-party", a_line("Nobody", 0, 0, at=9)),
        ("one-row-for-each-party", a_line("CF", 0, 0, at=9)),
        ("one-row-for-each-party", a_line("civic  FRONT", 0, 0, at=9)),
        ("independents-stand-alone", a_line("INDEPENDENT", 0, None, at=9)),
        ("an-independent-has-no-list", replace(LINES[3], candidate="Ann", list_votes=0,
                                               ward_votes=0, wards_won=0)),
        ("one-person-one-ward", replace(LINES[3], candidate="Ann", ward_votes=0,
                                        wards_won=2)),
        ("a-row-says-something", a_line("PC", None, None, at=9)),
    ],
)  # fmt: skip
def test_a_line_that_breaks_a_law_is_refused_by_its_name(rule, line):
    rules = broken(a_count(lines=(*LINES, line)), wards=9)

    assert rules == [rule]


def test_an_unknown_party_is_answered_with_the_nearest_known_one():
    [fault] = laws.broken(
        [a_count(lines=(*LINES, a_line("Civic Frnt", 0, 0, at=9)))],
        councils={"TV": a_council()},
        roll=a_roll(),
        file="night.csv",
    )

    assert str(fault) == (
        "night.csv, line 9: Civic Frnt is no party of this election; "
        "did you mean Civic Front? [a-known-party]"
    )


def seated(*seats):
    return tuple(replace(line, seats=n) for line, n in zip(LINES, seats, strict=True))


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("seats-fill-the-council", {"lines": seated(3, 2, 2, 1)}),
        ("seats-for-all-or-for-none", {"lines": seated(3, 2, None, 1)}),
        ("a-ward-won-is-a-seat", {"lines": seated(1, 3, 2, 1)}),
        ("an-independent-has-the-ward-alone", {"lines": seated(3, 1, 1, 2)}),
        (
            "no-seats-on-a-partial-count",
            {"lines": seated(3, 2, 1, 1), "stations_in": 11, "status": ""},
        ),
    ],
)
def test_official_seats_that_cannot_be_are_refused(rule, changes):
    assert broken(a_count(**changes)) == [rule]


def test_more_wards_won_than_there_are_is_refused():
    assert broken(a_count(), wards=3) == ["no-more-wards-than-there-are"]


def test_more_voters_than_registered_is_a_warning_never_a_refusal():
    count = a_count(registered=3000)

    assert broken(count) == []
    assert laws.warnings(count) == ["TV: 3105 voted, of 3000 registered"]


@pytest.mark.parametrize(
    "changes",
    [
        {"ward_cast": 2000, "ward_spoilt": 40},
        {"ward_cast": 3080, "ward_spoilt": 700},
    ],
)
def test_what_is_unlikely_is_a_warning(changes):
    assert laws.warnings(a_count(**changes))


def test_a_count_from_before_the_polls_close_is_refused():
    close = NOW - timedelta(hours=10)

    def rules(as_at, now):
        faults = laws.out_of_time(
            [a_count(as_at=as_at)], now=now, polls_close_at=close, file="n"
        )
        return [f.rule for f in faults]

    assert rules(close - timedelta(minutes=1), NOW) == ["a-count-follows-the-polls"]
    assert rules(close, close - timedelta(seconds=1)) == ["a-count-follows-the-polls"]
    assert rules(NOW + timedelta(minutes=6), NOW) == ["not-from-the-future"]
    assert rules(close, close) == []


@given(st.binary(max_size=400))
def test_law_whatever_comes_is_counts_or_a_fault(data):
    counts, faults = sheet.read(data, name="n")

    assert counts or faults


@given(st.text(alphabet="KA,TV\n\"'; 0123456789-:TZ+ëx<\t\r", max_size=300))
def test_law_rows_of_any_text_are_counts_or_faults(text):
    counts, faults = sheet.read((HEAD + text).encode(), name="n")

    assert counts or faults


def test_the_examples_in_the_documentation_are_taken_as_they_stand():
    text = Path("docs/elections.md").read_text(encoding="utf-8")
    [toml] = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    [example] = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)

    setup = setup_file.read(toml.encode(), name="karanda.toml")
    [count], faults = sheet.read(example.encode(), name="night.csv")

    assert setup.councils[0].place_code == count.place_code
    assert (faults, example) == ([], sheet.TEMPLATE)
