"""Addresses: to send to, to show, to compare."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from mailer.audience.address import (
    BadAddress,
    mark_of,
    masked,
    read_address,
    read_carefully,
)


@pytest.mark.parametrize(
    ("typed", "on_the_wire", "shown", "key"),
    [
        ("Ann@Example.ORG", "Ann@example.org", "Ann@example.org", "ann@example.org"),
        (" ann@a.example ", "ann@a.example", "ann@a.example", "ann@a.example"),
        ("<ann@a.example>", "ann@a.example", "ann@a.example", "ann@a.example"),
        # IDNA 2008 keeps the sharp s; Python's codec would send to fass.de.
        ("ann@faß.de", "ann@xn--fa-hia.de", "ann@faß.de", "ann@xn--fa-hia.de"),
        (
            "ann@MÜLLER.example",
            "ann@xn--mller-kva.example",
            "ann@müller.example",
            "ann@xn--mller-kva.example",
        ),
        (
            "ann@xn--mller-kva.example",
            "ann@xn--mller-kva.example",
            "ann@müller.example",
            "ann@xn--mller-kva.example",
        ),
        ("a+b=c@x.example", "a+b=c@x.example", "a+b=c@x.example", "a+b=c@x.example"),
    ],
)
def test_an_address_has_three_forms(typed, on_the_wire, shown, key):
    found = read_address(typed)

    assert (found.ascii, found.shown, found.key) == (on_the_wire, shown, key)


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "ann", "@", "ann@", "@a.example", "ann@localhost", "a b@c.example"),
        *("ann@a..example", ".ann@a.example", "ann.@a.example", "a..b@a.example"),
        *("ann@-a.example", "ann@a-.example", "ann@[192.0.2.1]", "ann@192.0.2.1"),
        *('"a b"@a.example', "ann@a.example,ben@a.example", "ann@a.example\r\nTo: b"),
        *("ann@a.example\x00", "ann@xn--.example", "ann@xn--a.example"),
        *("a" * 65 + "@a.example", "a@" + "b" * 64 + ".example"),
        *("Ann <ann@a.example>", "ann@a.example.", "ann@a_b.example", "mailto:a@b.c d"),
        "a@" + ".".join(["b" * 60] * 5) + ".example",
        "ann@a.1",
    ],
)
def test_what_cannot_be_sent_to_is_refused(typed):
    with pytest.raises(BadAddress):
        read_address(typed)


def test_letters_no_server_takes_are_refused_by_name_of_the_part():
    with pytest.raises(BadAddress, match="before the @ has letters that most"):
        read_address("jörg@a.example")


@given(st.emails().filter(lambda text: text.rpartition("@")[2].count("--") == 0))
@example("A@a.example")
@example("a@b.c-d.ef")
def test_law_the_quick_way_says_what_the_library_says(text):
    assert read_address(text) == read_carefully(text)


@given(st.text(alphabet="aB0.-+_@é\x7f ", max_size=30))
def test_law_whatever_is_let_through_is_an_address_for_the_library_too(text):
    try:
        found = read_address(text)
    except BadAddress:
        return

    assert found.ascii.isascii()
    assert "." in found.domain
    validate_email(found.ascii, check_deliverability=False, globally_deliverable=False)


@given(st.text(max_size=60))
def test_law_no_text_brings_the_reader_down_or_is_repeated(text):
    try:
        found = read_address(text)
    except BadAddress as refusal:
        said = str(refusal)
    else:
        said = ""
        assert read_address(found.ascii).key == found.key
        assert read_address(found.shown).key == found.key

    assert len(text) < 12 or text not in said


def test_a_mark_is_the_same_for_ever_and_another_under_another_key():
    assert mark_of("ann@a.example", b"k" * 32).hex() == (
        "7aa04cfb1f16df7a5817de2a82ee29021a433c0ba6c4597d7d81ea92a0589a39"
    )
    assert mark_of("ann@a.example", b"l" * 32) != mark_of("ann@a.example", b"k" * 32)


def test_pages_show_one_letter_of_an_address():
    assert masked("ann@a.example") == "a•••@a.example"


def test_the_library_still_knows_what_we_refuse():
    with pytest.raises(EmailNotValidError):
        validate_email("a..b@a.example", check_deliverability=False)
