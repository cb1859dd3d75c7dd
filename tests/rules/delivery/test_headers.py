"""Header fields: exact bytes, RFC 2047 within its limits, nothing injected."""

import datetime as dt
import email
import email.header
import email.policy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailer.delivery import encodedword
from mailer.delivery.headers import (
    Unprintable,
    date_field,
    field,
    list_id_field,
    mailbox_field,
    text_field,
)

printable = st.text(
    st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=200
)


def read_back(name: str, raw: bytes) -> str:
    message = email.message_from_bytes(raw + b"\r\n")
    return str(email.header.make_header(email.header.decode_header(message[name])))


def test_plain_text_stands_as_it_is():
    assert text_field("Subject", "The quay is open") == b"Subject: The quay is open\r\n"


def test_a_long_plain_subject_is_folded_at_its_spaces():
    raw = text_field("Subject", "word " * 40 + "end")

    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert raw.replace(b"\r\n ", b" ").count(b"word") == 40


def test_text_with_an_accent_becomes_one_encoded_word():
    assert text_field("Subject", "Würze") == b"Subject: =?utf-8?q?W=C3=BCrze?=\r\n"


def test_text_that_is_mostly_foreign_is_encoded_as_base64():
    assert b"=?utf-8?b?" in text_field("Subject", "የምርጫ ውጤት")


def test_text_that_looks_encoded_is_encoded_so_that_it_reads_the_same():
    raw = text_field("Subject", "=?utf-8?q?Win?= a prize")

    assert read_back("Subject", raw) == "=?utf-8?q?Win?= a prize"


@pytest.mark.parametrize("bad", ["a\r\nBcc: eve@e.example", "a\nb", "a\x00", "a\x7f"])
def test_a_line_break_in_a_subject_is_refused(bad):
    with pytest.raises(Unprintable, match="Subject"):
        text_field("Subject", bad)


@pytest.mark.parametrize("bad", ["<https://a/\r\nX: y>", "<https://ä.example/>"])
def test_a_structured_field_takes_plain_ascii_only(bad):
    with pytest.raises(Unprintable, match="List-Help"):
        field("List-Help", bad)


def test_a_part_of_a_structured_field_is_never_cut():
    url = f"<https://news.causeway.example/{'x' * 300}>"

    assert field("List-Help", url) == f"List-Help: {url}\r\n".encode()


def test_a_part_longer_than_a_line_may_be_is_refused():
    with pytest.raises(Unprintable, match="List-Help"):
        field("List-Help", f"<https://a/{'x' * 1000}>")


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("The Causeway", b"From: The Causeway <a@b.example>\r\n"),
        ("Causeway, The", b'From: "Causeway, The" <a@b.example>\r\n'),
        ('The "C"', b'From: "The \\"C\\"" <a@b.example>\r\n'),
        ("Brücke", b"From: =?utf-8?q?Br=C3=BCcke?= <a@b.example>\r\n"),
        ("", b"From: a@b.example\r\n"),
    ],
)
def test_a_name_before_an_address_is_a_phrase(name, raw):
    assert mailbox_field("From", name, "a@b.example") == raw


@pytest.mark.parametrize("address", ["a@b\r\nX: y", "a b@c", "a@b>", "ü@b.example", ""])
def test_an_address_that_could_end_the_field_is_refused(address):
    with pytest.raises(Unprintable, match="From"):
        mailbox_field("From", "x", address)


def test_the_id_of_a_list_is_exact_and_its_name_may_be_encoded():
    assert list_id_field("Mörning", "morning.list-id.news.example") == (
        b"List-Id: =?utf-8?q?M=C3=B6rning?= <morning.list-id.news.example>\r\n"
    )


@pytest.mark.parametrize("list_id", ["morning", "a b.c", "a..b", "<a.b>", "ä.b"])
def test_the_id_of_a_list_is_words_with_dots(list_id):
    with pytest.raises(Unprintable, match="List-Id"):
        list_id_field("Morning", list_id)


def test_a_date_is_written_in_utc_with_a_zone_in_figures():
    at = dt.datetime(2026, 3, 1, 8, 5, 9, tzinfo=dt.timezone(dt.timedelta(hours=2)))

    assert date_field(at) == b"Date: Sun, 01 Mar 2026 06:05:09 +0000\r\n"


def test_a_date_without_a_zone_is_a_mistake():
    with pytest.raises(ValueError, match="aware"):
        date_field(dt.datetime(2026, 3, 1))  # noqa: DTZ001


@given(text=printable)
@example(text="é" * 63)
@example(text="a" + "😀" * 40)
@example(text="x" * 1200)
@example(text=" leading and trailing ")
@example(text="two  spaces")
def test_law_a_subject_reads_back_as_it_was(text):
    raw = text_field("Subject", text)

    assert (
        read_back("Subject", raw) == text.strip() or read_back("Subject", raw) == text
    )


@given(text=printable, column=st.integers(2, 30))
def test_law_no_encoded_word_is_longer_than_75_and_no_line_than_76(text, column):
    lines = encodedword.encode(text, column=column).split("\r\n ")

    assert all(len(word) <= 75 for word in lines)
    assert column + len(lines[0]) <= 76
    assert all(1 + len(word) <= 76 for word in lines[1:])


@given(text=printable)
def test_law_each_encoded_word_holds_whole_characters(text):
    words = encodedword.encode(text, column=9).split("\r\n ")

    decoded = [email.header.decode_header(word)[0][0] for word in words]
    assert "".join(raw.decode("utf-8") for raw in decoded) == text


@given(name=printable)
@example(name='back\\slash "quote"')
def test_law_a_name_reads_back_and_the_address_stays_its_own(name):
    raw = mailbox_field("From", name, "a@b.example")

    parsed = email.message_from_bytes(raw + b"\r\n", policy=email.policy.default)
    [address] = parsed["From"].addresses
    assert address.addr_spec == "a@b.example"
    assert max(map(len, raw.split(b"\r\n"))) <= 78
