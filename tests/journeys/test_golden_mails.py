"""The stored mails of the invented paper, compared byte for byte.

A change of a template or of the stylesheet shows here as a difference to be read. If it
is meant: `python -m tests.kit.mails --golden`, look at the mails, commit them.
"""

import pytest

from tests.kit.mails import GOLDEN, golden_mails

NAMES = ("digest", "alert", "results")


@pytest.fixture(scope="module")
def mails():
    return golden_mails()


def test_every_golden_mail_is_stored(mails):
    assert set(mails) == set(NAMES)
    assert {path.stem for path in GOLDEN.iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_html_is_what_was_last_agreed_on(mails, name):
    stored = (GOLDEN / f"{name}.html").read_text(encoding="utf-8")

    assert mails[name].html.splitlines() == stored.splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_what_was_last_agreed_on(mails, name):
    stored = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")

    assert mails[name].text.splitlines() == stored.splitlines()
