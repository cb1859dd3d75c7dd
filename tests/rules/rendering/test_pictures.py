import pytest

from mailer.rendering.pictures import CARD_WIDTH, LEAD_WIDTH, TALLEST, in_slot
from mailer.sources.story import Image

URL = "https://causeway.example/p.jpg"


def lead(*size: int | None, alt: str = "A dam"):
    return in_slot(Image(URL, alt, *size), width=LEAD_WIDTH, instead="The headline")


def test_a_picture_keeps_its_proportions():
    picture = lead(1200, 675)

    assert (picture.width, picture.height) == (576, 324)


def test_a_portrait_is_made_narrower_and_never_cropped():
    picture = lead(800, 1200)

    assert (picture.width, picture.height) == (288, TALLEST)
    assert picture.is_narrow


def test_a_picture_without_a_size_has_a_width_alone():
    assert lead(None, None).height is None


@pytest.mark.parametrize("size", [(0, 0), (-1, 5), (1, 100000), (100000, 1)])
def test_a_lying_size_gives_a_picture_of_at_least_a_pixel(size):
    picture = lead(*size)

    assert 1 <= picture.width <= LEAD_WIDTH
    assert picture.height is None or picture.height >= 1


@pytest.mark.parametrize("alt", ["", "  ", "IMG_2034.jpg", "DSC-99", "photo.JPEG"])
def test_a_picture_without_words_is_called_by_its_headline(alt):
    assert lead(1200, 675, alt=alt).alt == "The headline"


def test_long_words_of_a_picture_are_cut_to_one_breath():
    assert len(lead(1200, 675, alt="word " * 90).alt) <= 125


@pytest.mark.parametrize(
    "url", ["", "https://a.example/p.svg", "data:image/png;base64,"]
)
def test_what_cannot_be_shown_is_no_picture(url):
    assert in_slot(Image(url, "x", 3, 2), width=CARD_WIDTH, instead="y") is None


def test_no_picture_is_no_picture():
    assert in_slot(None, width=CARD_WIDTH, instead="y") is None
