"""A grey sheet that flat shapes are laid on, dark to light; the inks come last."""

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1200, 675
SCALE = 2  # drawn larger, then made smaller: smooth edges

Point = tuple[float, float]


class Sheet:
    """A grey sheet that shapes are laid on, dark to light; the inks come last."""

    def __init__(self, seed: str, top: int, bottom: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311  a picture, not a secret
        self.image = _ramp(top, bottom, HEIGHT * SCALE)

    def fill(self, points: Sequence[Point], grey: int) -> None:
        """Lay a polygon."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        ImageDraw.Draw(self.image).polygon(scaled, fill=grey)

    def box(self, x: float, y: float, wide: float, high: float, grey: int) -> None:
        """Lay a rectangle from its upper left corner."""
        self.fill([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)], grey)

    def disc(self, x: float, y: float, r: float, grey: int, *, flat: float = 1) -> None:
        """Lay an ellipse; flat: its height by its width."""
        edges = [v * SCALE for v in (x - r, y - r * flat, x + r, y + r * flat)]
        ImageDraw.Draw(self.image).ellipse(edges, fill=grey)

    def glow(self, x: float, y: float, r: float, grey: int) -> None:
        """Lay light that fades to nothing."""
        small = Image.new("L", (WIDTH // 4, HEIGHT // 4))
        edges = [v / 4 for v in (x - r, y - r, x + r, y + r)]
        ImageDraw.Draw(small).ellipse(edges, fill=255)
        mask = small.filter(ImageFilter.GaussianBlur(r / 8)).resize(self.image.size)
        self.image.paste(Image.new("L", self.image.size, grey), (0, 0), mask)

    def hills(self, y: float, high: float, grey: int, *, rough: int = 4) -> None:
        """Lay a skyline of hills down to the lower edge."""
        waves = [
            (self.dice.uniform(0.6, 1.5) * k, self.dice.uniform(0, math.tau), high / k)
            for k in range(1, rough + 1)
        ]
        edge = [
            (
                x,
                y
                + sum(a * math.sin(w * x / WIDTH * math.tau + p) for w, p, a in waves),
            )
            for x in range(-10, WIDTH + 20, 10)
        ]
        self.fill([*edge, (WIDTH + 10, HEIGHT), (-10, HEIGHT)], grey)

    def ripples(self, y: float, x: float, count: int, grey: int) -> None:
        """Lay light on water, below a light at x."""
        for i in range(count):
            wide = self.dice.uniform(30, 120) * (1 + i / count)
            middle = self.dice.gauss(x, 30 + 9 * i)
            self.box(middle - wide / 2, y + i * (HEIGHT - y) / count, wide, 2.5, grey)

    def person(self, x: float, y: float, high: float, grey: int) -> None:
        """Lay a standing person with the feet at y."""
        self.disc(x, y - high * 0.91, high * 0.09, grey)
        self.disc(x, y - high * 0.64, high * 0.15, grey, flat=1.15)
        self.box(x - high * 0.15, y - high * 0.64, high * 0.3, high * 0.3, grey)
        for side in (-1, 1):
            hip, foot = x + side * high * 0.075, x + side * high * 0.1
            w = high * 0.055
            self.fill(
                [
                    (hip - w, y - high * 0.4),
                    (hip + w, y - high * 0.4),
                    (foot + w * 0.8, y),
                    (foot - w * 0.8, y),
                ],
                grey,
            )


def _ramp(top: int, bottom: int, high: int) -> Image.Image:
    column = Image.linear_gradient("L").resize((1, high))
    grey = column.point([round(top + (bottom - top) * i / 255) for i in range(256)])
    return grey.resize((WIDTH * SCALE, high))
