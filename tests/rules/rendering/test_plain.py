from hypothesis import given
from hypothesis import strategies as st

from mailer.rendering.plain import COLUMNS, columns, fold, item, underlined

WORDS = st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")))


@given(words=WORDS, width=st.integers(10, 80))
def test_law_no_line_is_wider_than_asked_and_no_letter_is_lost(words, width):
    folded = fold(words, width)

    assert all(columns(line) <= width for line in folded.split("\n"))
    assert "".join(folded.split()) == "".join(words.split())


def test_a_web_address_is_never_broken():
    url = "https://causeway.example/" + "a" * 100

    assert url in fold(f"see {url} please").split("\n")


def test_wide_letters_take_two_columns():
    assert columns("市議会") == 6
    assert columns("e\u0301") == 1


def test_an_item_hangs_under_its_mark():
    folded = item("word " * 30)

    assert folded.startswith("* word")
    assert all(line.startswith("  word") for line in folded.split("\n")[1:])
    assert max(map(columns, folded.split("\n"))) <= COLUMNS


def test_paragraphs_are_kept():
    assert fold("one\n\ntwo") == "one\n\ntwo"


def test_nothing_folds_to_nothing():
    assert fold("  ") == ""


def test_a_heading_is_underlined_to_its_length():
    assert underlined("Results") == "Results\n-------"
