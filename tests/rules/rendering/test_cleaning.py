from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailer.kernel.personal import Personal
from mailer.rendering import cleaning
from tests.kit.rendering import a_digest, a_told_story


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("it\x92s", "it\u2019s"),
        ("a\x00b\x0bc", "abc"),
        ("cut \ud83d here", "cut  here"),
        ("turned \u202eround", "turned round"),
        ("one\r\ntwo\u2028three", "one\ntwo\nthree"),
        ("\ufeffstart", "start"),
        ("👨\u200d👩\u200d👧 and Tshivenḓa", "👨\u200d👩\u200d👧 and Tshivenḓa"),
    ],
)
def test_what_breaks_mails_is_taken_out_and_nothing_else(dirty, clean):
    assert cleaning.text(dirty) == clean


@pytest.mark.parametrize("mark", list(Personal))
def test_a_mark_in_a_headline_is_no_mark(mark):
    assert mark not in cleaning.text(f"Press {mark} now")


@given(st.text(alphabet="@UNSBRIE\ud800\x92\u202ex "))
@example("@@UNSU@@UNSUBSCRIBE@@BSCRIBE@@")
def test_law_cleaning_is_done_once(words):
    clean = cleaning.text(words)

    assert cleaning.text(clean) == clean
    assert not any(mark in clean for mark in Personal)
    clean.encode()


def test_every_string_of_a_content_is_cleaned_however_deep():
    @dataclass(frozen=True)
    class Deep:
        names: tuple[str, ...]
        more: dict[str, str]

    assert cleaning.whole(Deep(("a\x00",), {"k\x01": "v\x02"})) == Deep(
        ("a",), {"k": "v"}
    )


def test_a_whole_content_stays_the_same_content():
    assert cleaning.whole(a_digest()) == a_digest()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://a.example/x y?q=ä#z", "https://a.example/xy?q=%C3%A4#z"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://a.example/?a=1&b=%20'", "https://a.example/?a=1&b=%20%27"),
        ("http://a.example:8000/x", "http://a.example:8000/x"),
        ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x"),
        ("javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//a.example/", ""),
        ("/story", ""),
        ("https://user:secret@a.example/", ""),
        ("https://[broken/", ""),
        ("https://a.example:port/", ""),
        ("", ""),
    ],
)
def test_only_web_addresses_are_linked_and_as_plain_ascii(url, address):
    assert cleaning.address(url) == address


@given(st.text())
def test_law_an_address_is_ascii_without_quotes_and_stays_what_it_is(url):
    address = cleaning.address(f"https://a.example/{url}")

    assert address.isascii()
    assert not set(address) & set("\"'<> \n")
    assert cleaning.address(address) == address


@pytest.mark.parametrize("end", ["svg", "webp", "avif", "SVG", "heic"])
def test_a_picture_nobody_shows_has_no_address(end):
    assert cleaning.picture_address(f"https://a.example/p.{end}?w=3") == ""


def test_a_picture_without_an_ending_is_shown():
    url = "https://a.example/image/123"

    assert cleaning.picture_address(url) == url


def test_a_story_keeps_its_kind_and_times():
    story = a_told_story("It\x92s", kind="opinion")

    assert cleaning.whole(story).kind == "opinion"
    assert cleaning.whole(story).published_at == story.published_at
