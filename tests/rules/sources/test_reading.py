"""Laws of reading: whatever arrives, a feed or a sentence comes out; in time."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.sources.draft import Category
from mailer.sources.drafting import tidy_language
from mailer.sources.encoding import decode
from mailer.sources.filing import Paid, Rules, file
from mailer.sources.html import plain, sanitise
from mailer.sources.markup import read_markup
from mailer.sources.reader import IsAPage, NotAFeed, read
from mailer.sources.story import Kind
from tests.kit.sources import a_feed, an_item

PIECES = (
    "<rss>", "<channel>", "<item>", "</item>", "</rss>", "<title>", "</title>",
    "<link>https://a.example/", "</link>", "&", "&amp;", "&nbsp;", "<![CDATA[",
    "]]>", "<!--", "-->", "<b>", "<", ">", '"', "'", "=", "x", "\0", "é",
    "<feed xmlns='http://www.w3.org/2005/Atom'>", "<entry>", "</entry>", "<?xml",
    "?>", "<!DOCTYPE a [", "<!ENTITY a 'b'>", "]>", "&a;", "{", "}", "<a b=",
    "<x:y>", "</x:y>", "\ud800",
)  # fmt: skip
pieces = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@given(document=pieces)
def test_law_any_text_is_a_feed_or_a_sentence(document):
    body = document.encode("utf-8", errors="surrogatepass")

    try:
        feed = read(body, rules=Rules(), url="https://a.example/feed")
    except NotAFeed as why:
        assert str(why)  # noqa: PT017  both ends are good ones
    else:
        assert all(draft.title and draft.url for draft in feed.drafts)


@given(
    document=st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "items",
                        "id",
                        "url",
                        "title",
                        "tags",
                        "authors",
                        "image",
                        "_event",
                        "_stop_press",
                        "summary",
                        "date_published",
                        "_withdrawn",
                        "author",
                    ]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=30,
    )
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_law_any_json_is_a_feed_or_a_sentence(document):
    items = [document] if isinstance(document, dict) else document
    body = json.dumps({"version": "1", "items": items}).encode()

    try:
        feed = read(body, rules=Rules())
    except NotAFeed as why:
        assert str(why)  # noqa: PT017  both ends are good ones
    else:
        # What goes to the tables: PostgreSQL takes neither NUL nor half a character.
        assert all(_storable(repr(draft.title)) for draft in feed.drafts)


def _storable(text: str) -> bool:
    return "\0" not in text and bool(text.encode())


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_law_a_title_comes_through_a_feed_unchanged(text):
    title = " ".join(("T" + text).split())[:200]
    title = title.replace("&", "and").replace("<", "less")

    (draft,) = read(a_feed(an_item(1, title=title)), rules=Rules()).drafts

    assert draft.title == title.strip()


@given(html=pieces)
def test_law_sanitising_leaves_nothing_that_acts(html):
    html = html.replace("\ud800", "")  # drafting has cleaned the text by then
    cleaned = sanitise(html + "<img src=x onerror=y><script>z</script>", base="")

    assert "<script" not in cleaned
    assert "onerror" not in cleaned
    assert "<" not in plain("<p>&lt;</p>").replace("<", "", 1)


def test_a_reader_takes_a_thousand_items_and_says_so():
    body = a_feed(*(an_item(number) for number in range(1_200)))

    feed = read(body, rules=Rules())

    assert len(feed.drafts) == 1_000
    assert str(feed.problems[0]) == "it has 1200 items; the first 1000 are read"


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_law_utf_8_is_read_as_utf_8_whatever_its_label(text):
    body = f"<a>{text}é</a>".encode()

    read_as, _notes = decode(body, content_type="text/xml; charset=iso-8859-1")

    assert read_as == f"<a>{text}é</a>"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
def test_a_document_in_wide_characters_is_read(encoding):
    document = '<?xml version="1.0"?><rss><title>Señor</title></rss>'

    assert read_markup(document.encode(encoding)).root.text("title") == "Señor"


def test_a_page_names_its_feeds_the_ones_of_comments_last():
    page = b"""<!DOCTYPE html><html><head><base href="https://a.example/x/">
      <link rel="alternate" type="application/rss+xml" title="Comments" href="/c.xml">
      <link rel="alternate" hreflang="af" href="/af/">
      <link rel="alternate feed" type="application/atom+xml; x=y" href="n.xml">
    </head>"""

    with pytest.raises(IsAPage) as found:
        read(page, rules=Rules(), url="https://a.example/")

    assert [link.url for link in found.value.links] == [
        "https://a.example/x/n.xml",
        "https://a.example/c.xml",
    ]


# Filing


@pytest.mark.parametrize(
    ("terms", "rules", "kind", "section"),
    [
        (["Sport"], Rules(), Kind.NEWS, "Sport"),
        (["Sport"], Rules(section="News"), Kind.NEWS, "News"),
        (["Rugby"], Rules(sections={"rugby": "Sport"}), Kind.NEWS, "Sport"),
        (["EDITORIAL"], Rules(), Kind.OPINION, "EDITORIAL"),
        (["Views"], Rules(kinds={"views": Kind.OPINION}), Kind.OPINION, "Views"),
        (["Quiz"], Rules(kind=Kind.PRESS_RELEASE), Kind.PRESS_RELEASE, "Quiz"),
        ([], Rules(kind=Kind.PUZZLE, section="Puzzles"), Kind.PUZZLE, "Puzzles"),
        ([], Rules(), Kind.NEWS, ""),
        (["Premium", "Money"], Rules(), Kind.NEWS, "Money"),
    ],
)
def test_an_item_is_filed_by_its_words_and_its_source_s_rules(
    terms, rules, kind, section
):
    filed = file([Category(term) for term in terms], {}, rules)

    assert (filed.kind, filed.section) == (kind, section)


@pytest.mark.parametrize(
    ("paid", "marks", "subscriber_only"),
    [
        (Paid.MARKED, {}, False),
        (Paid.MARKED, {"subscriber_only": "true"}, True),
        (Paid.ALWAYS, {"subscriber_only": "false"}, True),
        (Paid.NEVER, {"subscriber_only": "true"}, False),
    ],
)
def test_a_source_s_rule_on_paying_readers_comes_first(paid, marks, subscriber_only):
    assert file([], marks, Rules(paid=paid)).subscriber_only == subscriber_only


LANGUAGES = {
    "en-za": "en-ZA",
    "EN_GB": "en-GB",
    "zh-hant-tw": "zh-Hant-TW",
    "af": "af",
    "English": "",
    "": "",
    "x" * 50: "",
}


@pytest.mark.parametrize("said", LANGUAGES)
def test_a_language_is_written_in_one_way(said):
    assert tidy_language(said) == LANGUAGES[said]
