"""Reading a list of subscribers: forgiving where it is safe, exact where it is not."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.audience.subscriberfile import (
    FORMULA,
    LONGEST_LINE,
    BadRow,
    NotAList,
    Reading,
    Row,
    escaped,
)

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def read(text, *, encoding="utf-8", default=(1,)):
    data = text if isinstance(text, bytes) else text.encode()
    reading = Reading(
        newsletters={"morning": 1, "business": 2},
        places={"tamba": "TAMBA", "tamba valley": "TAMBA"},
        source="Form 4",
        now=NOW,
        default_ids=default,
        encoding=encoding,
    )
    return list(reading.rows(io.BytesIO(data)))


def only(rows):
    (row,) = rows
    return row


def test_a_file_of_addresses_is_enough():
    row = only(read("email\nann@a.example\n"))

    assert (row.line, row.address.ascii, row.newsletter_ids, row.source) == (
        2,
        "ann@a.example",
        (1,),
        "Form 4",
    )


def test_other_systems_names_of_columns_are_understood():
    row = only(
        read(
            "E-Mail Address;Lists;Municipality;Locale;Plan;Opt-in time;Name\r\n"
            "ann@a.example;business, morning;Tamba Valley;en_GB;paid;2025-03-04;Ann\r\n"
        )
    )

    assert row.newsletter_ids == (2, 1)
    assert (row.place_code, row.language, row.tier) == ("TAMBA", "en-gb", "subscriber")
    assert row.at == datetime(2025, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_file_saved_by_any_program_is_read(mark, end):
    text = f"email,place{end}ann@a.example,tamba{end}ben@a.example,"

    rows = read(mark + text.encode())

    assert [r.address.ascii for r in rows] == ["ann@a.example", "ben@a.example"]


@pytest.mark.parametrize(
    ("row", "column", "why"),
    [
        ("ann", "email", "Enter one address"),
        ("ann@a.example,nowhere", "place", "no place nowhere"),
        ("ann@a.example,,xx1", "language", "not a code"),
        ("ann@a.example,,,gold", "tier", "use free or subscriber"),
        ("ann@a.example,,,,24", "hour", "from 0 to 23"),
        ("ann@a.example,,,,\N{SUPERSCRIPT TWO}", "hour", "from 0 to 23"),
        ("ann@a.example,,,,,evening", "newsletters", "no newsletter evening"),
        ("ann@a.example,,,,,,04/03/2025", "subscribed_at", "2026-11-24"),
        ("ann@a.example,,,,,,2027-01-01", "subscribed_at", "has not come yet"),
        ("ann@a.example\x00", "", "control character"),
    ],
)
def test_a_bad_row_names_its_line_and_column_and_spoils_no_other(row, column, why):
    header = "email,place,language,tier,hour,newsletters,subscribed_at"

    first, bad, last = read(f"{header}\na@a.example\n{row}\nz@a.example\n")

    assert isinstance(first, Row)
    assert isinstance(last, Row)
    assert (bad.line, bad.column) == (3, column)
    assert why in bad.why


def test_a_row_in_an_old_encoding_is_named_and_the_others_are_read():
    data = "email,place\nann@a.example,\nj@a.example,Düren\n".encode("latin-1")

    good, bad = read(data)

    assert isinstance(good, Row)
    assert "--encoding latin-1" in bad.why


def test_a_column_in_an_old_encoding_can_still_be_named_to_people():
    reading = Reading(newsletters={}, places={}, source="", now=NOW)

    list(reading.rows(io.BytesIO("email,Straße\n".encode("latin-1"))))

    assert reading.unused == ["Stra\N{REPLACEMENT CHARACTER}e"]


def test_an_old_encoding_can_be_named():
    data = "email,consent\nann@a.example,Straße\n".encode("latin-1")

    assert only(read(data, encoding="latin-1")).source == "Straße"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"name,place\nAnn,x\n", "no column email"),
        (b"ann@a.example\n", "no column email"),
        (b"email,mail\n", "column email twice"),
        ("email\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04", "spreadsheet"),
    ],
)
def test_what_is_no_list_is_refused_as_a_whole(data, why):
    with pytest.raises(NotAList, match=why):
        read(data)


def test_an_unknown_encoding_is_named():
    with pytest.raises(NotAList, match="no encoding klingon"):
        read(b"email\n", encoding="klingon")


def test_a_quotation_mark_that_is_never_closed_is_named_by_its_line():
    rows = read('email\na@a.example\n"' + "b@a.example\n" * 5000)

    assert (rows[0].line, rows[1].line) == (2, 3)
    assert "never closed" in rows[1].why


def test_a_line_without_end_takes_no_memory_and_is_named():
    rows = read("email\n" + "x" * (3 * LONGEST_LINE) + "\nann@a.example\n")

    assert "longer than" in rows[0].why
    assert rows[1].address.ascii == "ann@a.example"


def test_line_numbers_count_lines_not_rows():
    rows = read('email,consent\nann@a.example,"two\nlines"\n\nbad,\n')

    assert [r.line for r in rows] == [2, 5]


def test_who_names_no_newsletter_needs_one_from_the_command():
    bad = only(read("email\nann@a.example\n", default=()))

    assert "--newsletter" in bad.why


def test_what_somebody_left_is_stronger_than_what_she_gets():
    row = only(read("email,newsletters,left\nann@a.example,morning business,morning\n"))

    assert (row.newsletter_ids, row.left_ids) == ((2,), (1,))


@given(st.text(max_size=20))
def test_law_no_cell_is_a_formula_and_every_cell_comes_back(cell):
    out = escaped(cell)

    assert not out.startswith(FORMULA)


@given(st.binary(max_size=300))
def test_law_no_file_brings_the_reader_down(data):
    try:
        rows = read(b"email,place\n" + data)
    except NotAList:
        rows = []

    assert all(isinstance(row, (Row, BadRow)) for row in rows)
