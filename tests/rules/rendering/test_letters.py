import pytest

from mailer.rendering.letters import NoSuchLetter, letter_page
from mailer.rendering.mail import LETTER_BYTES
from tests.kit.mails import a_letter
from tests.kit.rendering import BASE_URL, THE_CAUSEWAY

KINDS = ["confirm", "link", "address_change", "welcome", "notice"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_is_clean_and_small(kind):
    letter = a_letter(kind)

    assert letter.findings == ()
    assert len(letter.html.encode()) < LETTER_BYTES


def test_a_letter_carries_its_address_in_both_parts():
    letter = a_letter("confirm", url=f"{BASE_URL}/c/token")

    assert f'href="{BASE_URL}/c/token"' in letter.html
    assert f"{BASE_URL}/c/token" in letter.text


def test_a_letter_has_no_marks_and_nothing_to_leave():
    letter = a_letter("link")

    assert "@@" not in letter.html + letter.text
    assert "Unsubscribe" not in letter.html


def test_who_already_gets_it_is_told_so():
    letter = a_letter("link", already_on=["Morning digest"])

    assert "You already get Morning digest" in letter.text.replace("\n", " ")


def test_the_old_address_is_told_where_its_mails_would_go_and_gets_no_button():
    letter = a_letter("address_change", to="n***@example.org")

    assert "n***@example.org" in letter.text
    assert 'class="button"' not in letter.html


def test_a_name_somebody_typed_is_only_shown():
    letter = a_letter("confirm", place="<script>x</script>{{ 7*7 }}")

    assert "<script>" not in letter.html
    assert "{{ 7*7 }}" in letter.html
    assert letter.findings == ()


def test_an_unknown_kind_is_refused_by_name():
    with pytest.raises(NoSuchLetter, match="'carrier_pigeon'"):
        letter_page("carrier_pigeon", {}, THE_CAUSEWAY)


def test_a_letter_without_its_address_is_refused_and_says_what_it_needs():
    with pytest.raises(NoSuchLetter, match="confirm needs 'url'"):
        letter_page("confirm", {}, THE_CAUSEWAY)
