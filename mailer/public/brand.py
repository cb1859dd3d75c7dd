"""The brand as files: the stylesheet with its four colours, the icon with its letter.

A strict policy allows no style in a page, so that a paper's colours come as a file.
"""

from xml.sax.saxutils import escape

from mailer.kernel.brand import Brand

ARTICLES = {"the", "die", "der", "das", "le", "la", "les", "de", "het", "el", "il"}


def stylesheet(brand: Brand) -> str:
    """Return the rules that exchange the look's own colours for the brand's."""
    return (
        f":root{{--brand:{brand.accent};--tint:{brand.tint}}}\n"
        "@media(prefers-color-scheme:dark){"
        f":root{{--brand:{brand.accent_dark};--tint:{brand.tint_dark}}}}}\n"
    )


def icon(brand: Brand) -> str:
    """Return an SVG: the first letter of the paper's name under an ink rule."""
    words = [w for w in brand.name.split() if w.lower() not in ARTICLES]
    letter = escape((words or [brand.name or "•"])[0][0].upper())
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        "<style>.p{fill:#fbfaf7}.i{fill:#1b1a17}"
        "@media(prefers-color-scheme:dark){.p{fill:#14130f}.i{fill:#f1eee6}}</style>"
        '<rect class="p" width="32" height="32" rx="4"/>'
        '<rect class="i" x="3" y="3" width="26" height="3"/>'
        '<text class="i" x="16" y="27" text-anchor="middle" font-size="24" '
        f'font-weight="bold" font-family="Georgia,serif">{letter}</text></svg>'
    )
