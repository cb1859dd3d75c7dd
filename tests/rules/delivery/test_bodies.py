"""Bodies: cut once at the marks, and after any join still whole, short and harmless."""

import base64
import quopri

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailer.delivery.base64body import Base64
from mailer.delivery.headers import Unprintable
from mailer.delivery.message import Body
from mailer.delivery.quotedprintable import QuotedPrintable, value
from mailer.delivery.session import doubled
from mailer.kernel.personal import Personal

tokens = st.text("abcXYZ019-_=./:?&~ ", max_size=200)
pieces = st.lists(
    st.text(
        st.one_of(
            st.sampled_from("abc .=\n\t\r-FromF"),
            st.characters(exclude_categories=["Cs"]),
        ),
        max_size=250,
    ).map(lambda text: text.replace("\r", "")),
    min_size=1,
    max_size=5,
)


def quoted(texts, url):
    body = QuotedPrintable(texts, ["M"] * (len(texts) - 1))
    return b"".join(body.fill({"M": value(url)}))


def in_base64(texts, url):
    body = Base64(texts, ["M"] * (len(texts) - 1))
    return b"".join(body.fill({"M": url.encode()}))


def test_a_value_stands_on_a_line_of_its_own_and_reads_as_one():
    raw = quoted(["Leave: ", ", please"], "https://a.example/u/x")

    assert raw == b"Leave: =\r\nhttps://a.example/u/x=\r\n, please"


def test_a_value_at_the_start_of_a_line_needs_no_soft_break():
    assert quoted(["a\n", "\nb"], "https://x/") == b"a\r\nhttps://x/\r\nb"


def test_white_space_at_the_end_of_a_line_survives_relays_that_cut_it():
    assert quoted(["a \nb\t\nc"], "") == b"a=20\r\nb=09\r\nc"


def test_no_line_begins_with_a_dot_or_with_from():
    assert quoted([".\n..\nFrom me"], "") == b"=2E\r\n=2E.\r\n=46rom me"


def test_a_dot_after_a_soft_break_is_written_out_too():
    raw = quoted(["x" * 75 + ".y"], "")

    assert raw == b"x" * 75 + b"=\r\n=2Ey"


@given(texts=pieces, url=tokens)
@example(texts=["x" * 76, "." * 80], url="." * 80)
@example(texts=["é" * 40, ""], url="")
@example(texts=["", "", ""], url="https://a/")
@example(texts=["a ", " b"], url=" ")
def test_law_quoted_printable_joined_at_the_marks_reads_back(texts, url):
    raw = quoted(texts, url)

    assert quopri.decodestring(raw).replace(b"\r\n", b"\n") == url.join(texts).encode()


@given(texts=pieces, url=tokens)
@example(texts=["x" * 75, ".y"], url="x" * 75)
@example(texts=["", "", ""], url="x" * 50)
def test_law_no_join_makes_a_line_too_long_or_one_that_needs_a_dot(texts, url):
    raw = quoted(texts, url)

    assert max(map(len, raw.split(b"\r\n"))) <= 76
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert all(32 <= byte < 127 or byte in b"\t\r\n" for byte in raw)
    assert doubled(raw + b"\r\n") == raw + b"\r\n"


@given(texts=pieces, url=st.text("abc", max_size=9))
@example(texts=["", "", "a", ""], url="")
@example(texts=["ab", "c", "d"], url="é")
def test_law_base64_joined_at_the_marks_reads_back(texts, url):
    raw = in_base64(texts, url)

    assert base64.b64decode(raw).decode().replace("\r\n", "\n") == url.join(texts)
    assert all(len(line) <= 76 for line in raw.split(b"\r\n"))
    assert b"=" not in raw.rstrip(b"=")


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_law_whatever_the_text_the_bytes_are_seven_bits_wide(text):
    body = Body(text=text.replace("@", ""), html="", boundary="=_b", same={})

    assert b"".join(body.fill({})).isascii()


def test_text_that_is_mostly_foreign_goes_as_base64():
    body = Body(text="የምርጫ ውጤት", html="", boundary="=_b", same={})

    assert b"base64" in body.fields


def test_a_value_that_is_equal_for_all_is_put_in_once():
    same = {Personal.BROWSER: "https://a.example/v/x"}
    body = Body(text="See @@BROWSER@@", html="", boundary="=_b", same=same)

    assert body.marks == frozenset()
    assert b"https://a.example/v/x" in b"".join(body.fill({}))


def test_a_mark_that_stands_for_nothing_is_refused():
    with pytest.raises(Unprintable, match="the html holds @@NAME@@"):
        Body(text="", html="Dear @@NAME@@", boundary="=_b", same={})
