from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.editions.content import Block, EditionKind
from mailer.kernel.personal import Personal
from mailer.rendering.environment import TemplateFault
from mailer.rendering.mail import BUDGET_BYTES, TEMPLATES, NothingToSay, render_content
from mailer.rendering.plain import COLUMNS, columns
from mailer.rendering.variant import Tier, VariantKey
from mailer.sources.story import Image
from tests.kit import odd_contents
from tests.kit.mails import a_rendered
from tests.kit.rendering import (
    BASE_URL,
    THE_CAUSEWAY,
    a_digest,
    a_results_edition,
    an_alert,
    an_item,
)

ODD = odd_contents.all_of_them()
CONTENTS = ODD | {
    "digest": a_digest(),
    "alert": an_alert(),
    "results": a_results_edition(),
}


@pytest.fixture(scope="module")
def mails():
    return {name: a_rendered(content) for name, content in CONTENTS.items()}


@pytest.mark.parametrize("name", CONTENTS)
def test_every_mail_passes_the_lint(mails, name):
    assert mails[name].findings == ()


@pytest.mark.parametrize("name", CONTENTS)
def test_every_mail_is_within_its_budget(mails, name):
    assert len(mails[name].html.encode()) < BUDGET_BYTES[CONTENTS[name].kind]


@pytest.mark.parametrize("name", CONTENTS)
def test_every_mail_carries_its_marks_in_both_parts(mails, name):
    for mark in Personal:
        assert f'href="{mark}"' in mails[name].html
        assert mark in mails[name].text


@pytest.mark.parametrize("name", CONTENTS)
def test_every_line_of_text_fits_or_is_an_address(mails, name):
    lines = mails[name].text.split("\n")

    assert [
        line for line in lines if columns(line) > COLUMNS and "://" not in line
    ] == []


def test_locked_text_is_not_in_the_bytes_of_the_free_variant():
    content = odd_contents.with_locked_stories()
    secrets = [i.standfirst for i in content.items if i.story.subscriber_only]

    free, paid = a_rendered(content, Tier.FREE), a_rendered(content, Tier.SUBSCRIBER)

    for secret in filter(None, secrets):
        assert secret not in unescape(free.html)
        assert secret[:30] not in free.text
        assert secret in unescape(paid.html)
    assert free.html.count("For subscribers") == 4
    assert "For subscribers" not in paid.html


def test_markup_in_a_title_is_shown_and_does_nothing():
    mail = a_rendered(
        a_digest(an_item(Block.LEAD, '<img src=x onerror="a()"> & {{ 1 }}'))
    )

    assert "onerror=" in mail.html
    assert "<img" not in mail.html
    assert "&lt;img" in mail.html
    assert mail.findings == ()


@pytest.mark.parametrize(
    "title",
    [
        "AT&amp;T and &nbsp; again",
        "None",
        "It&#146;s <br> broken " + "<p class=x>" * 9,
        "Booking.com",
        "if a < b and c > d {{ then }}",
    ],
)
def test_words_that_look_like_faults_stop_no_edition(title):
    item = an_item(Block.LEAD, title, section=title, standfirst=title * 3)

    mail = a_rendered(a_digest(item, replace(item, block=Block.SECTION)))

    assert [finding for finding in mail.findings if finding.blocks] == []


def test_a_story_with_a_hostile_address_keeps_its_headline_and_loses_its_link():
    mail = a_rendered(a_digest(an_item(Block.LEAD, "Hello", url="javascript:alert(1)")))

    assert "Hello" in mail.html
    assert "javascript" not in mail.html + mail.text
    assert mail.findings == ()


@pytest.mark.parametrize("title", ["", " ", "\u200b", "\x00\n"])
def test_a_story_without_a_headline_is_named_by_its_source(title):
    mail = a_rendered(a_digest(an_item(Block.LEAD, title, source_name="Harbour Radio")))

    assert "From Harbour Radio" in mail.html
    assert mail.findings == ()


def test_a_mark_in_a_story_is_never_filled_in():
    mail = a_rendered(
        a_digest(an_item(Block.LEAD, f"Press {Personal.UNSUBSCRIBE} now"))
    )

    assert mail.html.count(Personal.UNSUBSCRIBE) == 1
    assert mail.text.count(Personal.UNSUBSCRIBE) == 1


def test_a_picture_has_words_and_size():
    image = Image("https://causeway.example/p.jpg", "A dam at dawn", 1200, 675)

    mail = a_rendered(a_digest(an_item(Block.LEAD, "A", image=image)))

    assert 'alt="A dam at dawn" width="576" height="324"' in mail.html


def test_a_test_says_so_first():
    mail = a_rendered(replace(a_digest(), is_test=True))

    assert mail.subject.startswith("TEST: ")
    assert mail.text.startswith("*** TEST.")


def test_a_correction_says_what_was_wrong():
    mail = a_rendered(ODD["correction"])

    assert "Civic Front has 19 seats, not 20." in mail.html
    assert "CORRECTION" in mail.text


def test_a_partial_count_says_how_much_and_when_in_both_parts():
    mail = a_rendered(ODD["partial"])

    for part in (unescape(mail.html), mail.text.replace("\n", " ")):
        assert "24 of 61 voting districts" in part
        assert "as at 05:42 on 24 November 2026" in part


def test_an_arabic_paper_runs_from_right_to_left():
    content = a_digest(an_item(Block.LEAD, odd_contents.ARABIC, language="ar"))
    arabic = replace(content, newsletter=replace(content.newsletter, language="ar"))

    mail = a_rendered(arabic)

    assert '<html lang="ar" dir="rtl"' in mail.html
    assert mail.findings == ()


def test_a_long_name_gets_the_smaller_masthead():
    brand = replace(THE_CAUSEWAY, name="The Karanda Evening Messenger", deck=False)

    mail = render_content(a_digest(), VariantKey(), brand, BASE_URL)

    assert 'class="name-long"' in mail.html
    assert mail.findings == ()


def test_an_edition_with_nothing_in_it_is_refused():
    with pytest.raises(NothingToSay, match="digest of edition 1 is empty"):
        a_rendered(replace(a_digest(), items=()))
    with pytest.raises(NothingToSay, match="alert of edition 1 is empty"):
        a_rendered(replace(a_digest(), kind=EditionKind.ALERT))


def test_a_broken_template_names_itself(tmp_path):
    for part in TEMPLATES.rglob("*.*"):
        copy = tmp_path / part.relative_to(TEMPLATES)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(part.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "components" / "lead.html").write_text("\n\n{{ digest.laed }}")

    with pytest.raises(TemplateFault, match=r"components/lead\.html, line 3"):
        render_content(
            a_digest(), VariantKey(), THE_CAUSEWAY, BASE_URL, templates=tmp_path
        )


SAID = st.fixed_dictionaries(
    {
        "title": st.text(min_size=1, max_size=200),
        "standfirst": st.text(max_size=300),
        "authors": st.tuples(st.text(max_size=40)),
        "section": st.text(max_size=40),
        "url": st.text(max_size=60).map("https://causeway.example/{}".format),
        "subscriber_only": st.booleans(),
    }
)


@settings(max_examples=20, deadline=None)
@given(block=st.sampled_from(list(Block)), said=SAID)
def test_law_whatever_a_story_says_the_mail_may_be_sent(block, said):
    item = an_item(block, **said)

    mail = a_rendered(a_digest(item, an_item(Block.LEAD, "The ferry is back")))

    assert [finding for finding in mail.findings if finding.blocks] == []
