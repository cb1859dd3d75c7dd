"""The brand: what a paper may change about its look, and what must hold.

Structure, order, sizes and tap targets are ours; names, addresses and a few colours
are the paper's. A colour that cannot be read is refused with the figure
(WCAG 2.2, 1.4.3: 4.5 to 1).
"""

import re
from dataclasses import dataclass, field, fields
from typing import Any

LEAST_CONTRAST = 4.5
PAPER = {"light": "#fbfaf7", "dark": "#14130f"}
HEX = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class Brand:
    """One paper. Colours are lower-case #rrggbb; addresses of pages are https."""

    name: str = "Your Paper"
    site_url: str = "https://example.org/"
    postal_address: str = ""  # shown in every mail; sending is refused without one
    editor: str = ""
    corrections_url: str = ""
    accent: str = "#0b5563"
    tint: str = "#e6eeed"
    accent_dark: str = "#8ccbd6"
    tint_dark: str = "#10272c"
    deck: bool = True  # the ink line with piers under the name
    centred: bool = True
    language: str = "en"
    direction: str = "ltr"
    time_zone: str = "UTC"  # IANA name; the paper's own clock
    time_zone_name: str = ""  # as readers say it: "Karanda time"
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def has_long_name(self) -> bool:
        """Tell whether the name needs the smaller masthead."""
        return len(self.name) > 16  # noqa: PLR2004


def read_brand(values: dict[str, Any]) -> tuple[Brand, list[str]]:
    """Return the brand, and every fault in the values by its field."""
    known = {f.name for f in fields(Brand)}
    faults = [
        f"{key} is not a setting of a brand" for key in values if key not in known
    ]
    brand = Brand(**{key: value for key, value in values.items() if key in known})
    return brand, faults + faults_of(brand)


def faults_of(brand: Brand) -> list[str]:
    """Return what is wrong with a brand, one sentence a fault."""
    faults = []
    for scheme, suffix in (("light", ""), ("dark", "_dark")):
        accent = getattr(brand, f"accent{suffix}")
        tint = getattr(brand, f"tint{suffix}")
        bad = [c for c in (accent, tint) if not HEX.fullmatch(c)]
        faults += [f"{c} is not a colour like #0b5563" for c in bad]
        if bad:
            continue
        for name, ground in (("paper", PAPER[scheme]), (f"tint{suffix}", tint)):
            ratio = contrast(accent, ground)
            if ratio < LEAST_CONTRAST:
                faults.append(
                    f"accent{suffix} {accent} on {name} {ground} has a contrast of "
                    f"{ratio:.1f}; it needs {LEAST_CONTRAST}"
                )
    return faults


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition)."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        c = channel / 255
        return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4  # noqa: PLR2004

    red, green, blue = (linear(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
