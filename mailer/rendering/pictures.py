"""A picture in its slot: an address programs show, words, and whole pixels."""

import re
from dataclasses import dataclass

from mailer.rendering import cleaning
from mailer.rendering.wording import shortened
from mailer.sources.story import Image

LEAD_WIDTH = 576
CARD_WIDTH = 176
PAIR_WIDTH = 272
TALLEST = 432  # of a lead: a portrait is made narrower, never cropped
LONGEST_ALT = 125  # read aloud in one breath
_FILE_NAME = re.compile(
    r"[\w%+.-]+\.(jpe?g|png|gif|webp)|(IMG|DSC|image)[_-]?\d+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Picture:
    """What an img element says. height is None where the source names no size.

    Without one the width alone is given, and every program keeps the proportions.
    """

    url: str
    alt: str
    width: int
    height: int | None
    credit: str = ""
    is_narrow: bool = False  # a portrait that does not fill its slot


def in_slot(image: Image | None, *, width: int, instead: str) -> Picture | None:
    """Return the picture for a slot of a width, or None where there is none to show.

    instead: what it is called when its own words are missing or a file's name, for a
    linked picture without words is a link without a name.
    """
    url = cleaning.picture_address(image.url) if image else ""
    if image is None or not url:
        return None
    alt = cleaning.one_line(image.alt)
    if not alt or _FILE_NAME.fullmatch(alt):
        alt = instead
    fits, height = width, None
    if image.width and image.height and image.width > 0 and image.height > 0:
        height = max(1, round(width * image.height / image.width))
        if height > TALLEST and width == LEAD_WIDTH:
            fits = max(1, round(TALLEST * image.width / image.height))
            height = TALLEST
    return Picture(
        url=url,
        alt=shortened(alt, LONGEST_ALT),
        width=fits,
        height=height,
        credit=cleaning.one_line(image.credit),
        is_narrow=fits < width,
    )
