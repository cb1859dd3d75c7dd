"""The colours and type of a mail: ours where structure, the paper's where brand."""

from dataclasses import dataclass

from mailer.kernel.brand import HEX, LEAST_CONTRAST, PAPER, Brand, contrast
from mailer.kernel.errors import Permanent

SERIF = "Georgia,'Times New Roman',Times,serif"
SANS = "'Helvetica Neue',Helvetica,Arial,sans-serif"
INKS = ("#ffffff", "#14130f", "#000000")


class NoColour(Permanent):
    """A setting of the brand is not a colour; str() says which."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """Colours of one scheme. Hair is decoration only; no text stands in it."""

    paper: str
    sunk: str
    tint: str
    ink: str
    second: str
    accent: str
    on_accent: str
    hair: str
    rule: str
    alarm: str
    on_alarm: str


@dataclass(frozen=True, slots=True)
class Look:
    """What the stylesheet is filled with."""

    light: Scheme
    dark: Scheme
    start: str  # left, or right where the paper runs the other way
    end: str
    direction: str
    serif: str = SERIF
    sans: str = SANS


def look(brand: Brand, direction: str) -> Look:
    """Return the look of a paper.

    Raises NoColour for one that is none: it would stand in a stylesheet.
    """
    for colour in (brand.accent, brand.tint, brand.accent_dark, brand.tint_dark):
        if not HEX.fullmatch(colour):
            raise NoColour(f"{colour} is not a colour like #0b5563")
    return Look(
        light=Scheme(
            paper=PAPER["light"],
            sunk="#f0eee8",
            tint=brand.tint,
            ink="#1b1a17",
            second="#57534a",
            accent=brand.accent,
            on_accent=ink_on(brand.accent),
            hair="#d5cebf",
            rule="#1b1a17",
            alarm="#a3161c",
            on_alarm="#ffffff",
        ),
        dark=Scheme(
            paper=PAPER["dark"],
            sunk="#1f1d18",
            tint=brand.tint_dark,
            ink="#f1eee6",
            second="#b8b1a2",
            accent=brand.accent_dark,
            on_accent=ink_on(brand.accent_dark),
            hair="#3d392f",
            rule="#d9d3c4",
            alarm="#ff9b94",
            on_alarm="#2a0f0e",
        ),
        start="right" if direction == "rtl" else "left",
        end="left" if direction == "rtl" else "right",
        direction=direction,
    )


def ink_on(ground: str) -> str:
    """Return white, near-black or black, the first that can be read on a ground.

    One of white and black always can: their contrasts multiply to 21, and 4.5² is less.
    """
    return next(ink for ink in INKS if contrast(ink, ground) >= LEAST_CONTRAST)
