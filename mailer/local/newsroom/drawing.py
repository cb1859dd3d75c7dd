"""Draws a picture for a story: a kind, a seed, flat shapes, three colours and grain.

The same kind and seed give the same picture. 1200 by 675 pixels, never more than
58,000 bytes, so that a digest with four of them loads on a slow telephone.
"""

import io

from PIL import Image, ImageChops, ImageOps

from mailer.local.newsroom.motifs import KINDS
from mailer.local.newsroom.plate import HEIGHT, SCALE, WIDTH, Sheet

SMALL_WIDTH = 360
LARGEST_BYTES = 58_000
QUALITIES = range(12, 88, 5)


def draw(kind: str, seed: str, *, width: int = WIDTH) -> bytes:
    """Return a JPEG. Raises KeyError for a kind that nobody can draw."""
    paint, top, bottom, (dark, middle, light) = KINDS[kind]
    sheet = Sheet(f"{kind} {seed}", top, bottom)
    paint(sheet)
    grey = sheet.image.reduce(SCALE)
    grain = Image.frombytes("L", (600, 338), sheet.dice.randbytes(600 * 338))
    soft = grain.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    faint = soft.point([round(128 + (i - 128) * 0.3) for i in range(256)])
    grey = ImageChops.soft_light(grey, faint)
    coloured = ImageOps.colorize(grey, dark, light, mid=middle, midpoint=118)
    size = (width, round(width * HEIGHT / WIDTH))
    return _jpeg(coloured.resize(size, Image.Resampling.LANCZOS))


def _jpeg(picture: Image.Image) -> bytes:
    """Return the best JPEG that is small enough, found by halving."""
    best, low, high = b"", 0, len(QUALITIES) - 1
    while low <= high:
        middle = (low + high) // 2
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=QUALITIES[middle], progressive=True)
        if len(out.getvalue()) <= LARGEST_BYTES:
            best, low = out.getvalue(), middle + 1
        else:
            high = middle - 1
    return best
