"""Clean addresses and usable links."""

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailer.sources.addresses import (
    NotALink,
    clean,
    host_of,
    resolve,
    without_tracking,
)

hosts = st.from_regex(r"(www\.)?[a-z]{1,8}(\.[a-z]{2,5}){1,2}", fullmatch=True)
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
segments = st.lists(words, max_size=4).map(lambda s: "/".join(quote(w, "") for w in s))
queries = st.lists(st.tuples(words, words), max_size=4)
tracking = st.sampled_from(
    ["utm_source=x", "fbclid=1", "gclid=2", "mc_cid=3", "UTM_Medium=feed", "xtor=9"]
)


def query_of(pairs) -> str:
    return "&".join(f"{quote(name, '')}={quote(value, '')}" for name, value in pairs)


@st.composite
def addresses(draw) -> str:
    query = query_of(draw(queries))
    mark = "?" if query else ""
    return f"https://{draw(hosts)}/{draw(segments)}{mark}{query}"


@given(address=addresses())
@example(address="https://a.example/x%2Fy/%E4%BD%A0?b=%zz&a=+")
@example(address="https://a.example//?=&=")
def test_law_cleaning_what_is_clean_changes_nothing(address):
    once = clean(address)

    assert clean(f"https://{once}") == once


@given(address=addresses(), more=st.lists(tracking, min_size=1, max_size=3))
def test_law_how_a_reader_came_never_makes_another_address(address, more):
    followed = address + ("&" if "?" in address else "?") + "&".join(more)

    assert clean(followed) == clean(address)
    assert without_tracking(followed) == address


@given(address=addresses())
def test_law_scheme_www_port_slash_and_fragment_never_make_another_address(address):
    head, mark, query = address.partition("?")
    path = head.removeprefix("https://").removeprefix("www.")
    host, slash, rest = path.partition("/")
    other = f"HTTP://www.{host.upper()}:80{slash}{rest.rstrip('/')}/{mark}{query}#top"

    assert clean(other) == clean(address)


@given(host=hosts, one=st.tuples(segments, queries), other=st.tuples(segments, queries))
def test_law_addresses_are_one_when_their_paths_and_parameters_are(host, one, other):
    said, meant = [], []
    for path, pairs in (one, other):
        own = [(f"q{name}", value) for name, value in pairs]  # none of these tracks
        said.append(clean(f"https://{host}/{path}?{query_of(own)}"))
        meant.append(([part for part in path.split("/") if part], sorted(own)))

    assert (said[0] == said[1]) == (meant[0] == meant[1])


@given(link=st.text(max_size=60), base=st.sampled_from(["", "https://a.example/b/"]))
@example(link="https://[::1", base="")
@example(link="//", base="https://a.example/")
@example(link="http://a.example:99999/", base="")
def test_law_a_link_is_an_address_a_browser_opens_or_refused(link, base):
    try:
        address = resolve(link, base)
    except NotALink as why:
        assert str(why)  # noqa: PT017  both ends are good ones
        return

    assert address.startswith(("http://", "https://")) or address[:5].lower() == "http:"
    assert not set(address) & set(" \t\r\n\0")
    assert resolve(address, "") == address


def test_an_escaped_slash_is_no_slash():
    assert clean("https://a.example/b%2Fc") != clean("https://a.example/b/c")


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://a.example/?id=1&utm_source=x#c", "https://a.example/?id=1#c"),
        ("https://a.example/?utm_source=x", "https://a.example/"),
        ("https://a.example/?B=%zz&&a=1", "https://a.example/?B=%zz&&a=1"),
        ("https://a.example/?", "https://a.example/?"),
    ],
)
def test_a_link_loses_what_follows_readers_and_nothing_else(address, kept):
    assert without_tracking(address) == kept


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://www.Causeway.example:8443/x", "causeway.example"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("nothing", ""),
        ("https://[bad", ""),
    ],
)
def test_a_host_is_named_in_one_way(address, host):
    assert host_of(address) == host
