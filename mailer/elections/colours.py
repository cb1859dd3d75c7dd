"""Party colours that can be read: white ink on the light one, dark ink on the dark one.

A source's own colours fail as text (yellow on white 1.4 to 1), so a paper chooses; what
cannot be read is refused with the figure (WCAG 2.2, 1.4.3: 4.5 to 1).
"""

from mailer.kernel.brand import HEX, LEAST_CONTRAST, contrast

WHITE_INK = "#ffffff"
DARK_INK = "#14130f"
PALE_ENOUGH = 7.5  # the mock-ups' pale fills have 8.4 to 9.5 under dark ink
PALETTE = ("#1b5ea8", "#9a5600", "#6b4e9e", "#1b7a3d", "#0f6b66", "#a33a52", "#5d6b12")


def pale(colour: str) -> str:
    """Return the same hue, pale enough for dark ink."""
    channels = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    for step in range(0, 101, 4):
        mixed = [round(c + (255 - c) * step / 100) for c in channels]
        made = "#{:02x}{:02x}{:02x}".format(*mixed)
        if contrast(made, DARK_INK) >= PALE_ENOUGH:
            return made
    return WHITE_INK


def pick(position: int) -> str:
    """Return a colour for a party that has none, by its place in the list."""
    return PALETTE[position % len(PALETTE)]


def fault_of(colour: str, *, dark: bool) -> str:
    """Return what is wrong with a party's colour, or ""."""
    if not HEX.fullmatch(colour):
        return f"{colour!r} is not a colour like #1b5ea8"
    ink = DARK_INK if dark else WHITE_INK
    ratio = contrast(colour, ink)
    if ratio >= LEAST_CONTRAST:
        return ""
    name = "dark" if dark else "white"
    return (
        f"{name} ink on {colour} has a contrast of {ratio:.1f}; it needs "
        f"{LEAST_CONTRAST}"
    )
