"""What the checks found stands beside what an editor can mend."""

from datetime import UTC, datetime

from mailer.audience.newsletter import Newsletter
from mailer.desk.findings import by_place
from mailer.editions.content import Content, EditionKind
from mailer.rendering.variant import Finding
from tests.kit.editions import PICTURE, a_story, items_of

LIST = Newsletter(1, "m", "Morning", "", "", "m.example", "Paper", "a@m.example", "")


def a_content(*stories):
    return Content(
        edition_id=1,
        kind=EditionKind.DIGEST,
        newsletter=LIST,
        number=1,
        slot_at=datetime(2026, 11, 24, 4, tzinfo=UTC),
        time_zone="UTC",
        subject="Dam is full",
        preheader="And more",
        items=items_of(*stories),
    )


def places_of(finding, *stories):
    return list(by_place([finding], a_content(*stories)))


def test_a_picture_without_words_stands_at_its_story():
    dam, ferry = a_story(id=7, image=PICTURE), a_story(id=8)
    where = 'line 12: <img src="https://causeway.example/p.jpg" wid…>'
    finding = Finding("I01", blocks=True, text="An image has no alt.", where=where)

    assert places_of(finding, ferry, dam) == ["story-7"]


def test_an_address_cut_short_still_finds_its_story():
    ferry = a_story(id=8, url="https://causeway.example/a-very-long-way-to-say-it")
    where = 'line 3: <a href="https://causeway.example/a-very-long…>'
    finding = Finding("L01", blocks=False, text="A link is not https.", where=where)

    assert places_of(finding, ferry) == ["story-8"]


def test_a_finding_of_the_preheader_stands_at_its_field():
    finding = Finding("P01", blocks=False, text="The preheader says the subject again.")

    assert places_of(finding, a_story()) == ["preheader"]


def test_a_finding_of_the_subject_stands_at_its_field():
    finding = Finding("S09", blocks=False, text="The subject has 149 characters.")

    assert places_of(finding, a_story()) == ["subject"]


def test_what_belongs_to_the_whole_mail_stands_at_no_story():
    finding = Finding("L08", blocks=True, text="The brand has no postal address.")

    assert places_of(finding, a_story()) == [""]


def test_the_same_finding_in_two_variants_is_one():
    finding = Finding("L08", blocks=True, text="The brand has no postal address.")

    found = by_place([finding, finding], a_content(a_story()))

    assert found == {"": [finding]}
