"""What the newsroom's pictures show: ten motifs, each a little different every time."""

# Numbers here are places on a sheet of 1200 by 675.
# ruff: noqa: PLR2004, RUF005

import math
from collections.abc import Callable

from mailer.local.newsroom.plate import HEIGHT, WIDTH, Point, Sheet


def harbour(s: Sheet) -> None:
    """Draw a breakwater with its light, boats, and a low sun on the water."""
    sun = s.dice.uniform(300, 900)
    s.glow(sun, 330, 300, 225)
    s.disc(sun, 322, 66, 252)
    s.hills(372, 30, 140)
    s.box(0, 396, WIDTH, HEIGHT - 396, 118)
    s.ripples(402, sun, 26, 214)
    left = s.dice.random() < 0.5
    tower, side = (190, 1) if left else (1010, -1)
    s.fill([(tower - side * 320, 470), (tower + side * 130, 446)]
           + [(tower + side * 160, 486), (tower - side * 320, 540)], 44)  # fmt: skip
    s.fill(
        [(tower - 30, 450), (tower - 18, 240), (tower + 18, 240), (tower + 30, 450)], 30
    )
    s.box(tower - 19, 300, 38, 36, 210)
    s.box(tower - 24, 214, 48, 28, 16)
    s.glow(tower, 226, 70, 250)
    s.disc(tower, 226, 11, 255)
    for i in range(s.dice.randint(2, 4)):
        x, y = s.dice.uniform(380, 820), 452 + 52 * i
        size = 30 + 15 * i
        s.fill([(x - size, y), (x + size, y), (x + size * 0.7, y + size * 0.36)]
               + [(x - size * 0.8, y + size * 0.36)], 14)  # fmt: skip
        s.fill(
            [(x, y - size * 1.7), (x + size * 0.75, y - 6), (x, y - 6)],
            226 - 40 * (i % 2),
        )
        s.box(x - 2, y - size * 1.8, 3.5, size * 1.8, 14)


def valley(s: Sheet) -> None:
    """Draw ranges of hills, a road and a few trees."""
    sun = s.dice.uniform(250, 950)
    s.glow(sun, 210, 280, 232)
    s.disc(sun, 190, 58, 253)
    for i, grey in enumerate((172, 140, 106, 76)):
        s.hills(290 + 66 * i, 46 + 8 * i, grey, rough=5 - i // 2)
    bend = s.dice.uniform(420, 780)
    s.fill([(bend, 470), (bend + 20, 470), (bend + 210, 560), (bend + 60, HEIGHT)]
           + [(bend - 260, HEIGHT), (bend + 70, 560)], 220)  # fmt: skip
    s.hills(640, 18, 24)
    for _ in range(7):
        x, high = s.dice.uniform(0, WIDTH), s.dice.uniform(70, 190)
        s.box(x - 3, 650 - high, 6, high, 16)
        for k in range(3):
            s.disc(x + s.dice.uniform(-12, 12), 650 - high * (0.7 + 0.2 * k),
                   high * (0.26 - 0.05 * k), 20, flat=0.8)  # fmt: skip


def dam(s: Sheet) -> None:
    """Draw a wall between two slopes, with the water high behind it."""
    s.glow(s.dice.uniform(200, 1000), 120, 260, 230)
    s.hills(190, 60, 168)
    s.box(0, 262, WIDTH, 80, 222)
    for _ in range(30):
        s.box(s.dice.uniform(0, WIDTH), s.dice.uniform(268, 336),
              s.dice.uniform(40, 160), 2, 190)  # fmt: skip
    s.fill([(60, 330), (1140, 330), (960, HEIGHT), (240, HEIGHT)], 196)
    for i in range(13):
        x = 60 + 90 * i
        s.fill([(x, 330), (x + 8, 330), (600 + (x - 600) * 0.66 + 6, HEIGHT)]
               + [(600 + (x - 600) * 0.66, HEIGHT)], 158)  # fmt: skip
    s.box(40, 316, 1120, 18, 88)
    for i in range(16):
        s.box(66 + 70 * i, 288, 10, 30, 60)
    gate = s.dice.randint(4, 7)
    for i in range(2):
        x = 60 + 90 * gate + 120 * i
        s.fill([(x, 380), (x + 44, 380), (x + 70, HEIGHT), (x - 26, HEIGHT)], 246)
    s.fill([(0, 250), (130, 300), (300, HEIGHT), (0, HEIGHT)], 52)
    s.fill([(WIDTH, 240), (1060, 300), (890, HEIGHT), (WIDTH, HEIGHT)], 36)


def city(s: Sheet) -> None:
    """Draw streets of lit windows, and a tram on its wire."""
    moon = s.dice.uniform(200, 1000)
    s.glow(moon, 150, 190, 190)
    s.disc(moon, 140, 46, 250)
    for grey, least, most in ((116, 200, 330), (80, 120, 260), (40, 60, 190)):
        x = -30.0
        while x < WIDTH:
            wide, high = s.dice.uniform(60, 120), s.dice.uniform(least, most)
            s.box(x, 520 - high, wide, high + 10, grey)
            if s.dice.random() < 0.25:
                s.fill([(x, 520 - high), (x + wide, 520 - high)]
                       + [(x + wide / 2, 520 - high - 34)], grey)  # fmt: skip
            for j in range(int(wide // 22)):
                for k in range(int(high // 34)):
                    if s.dice.random() < 0.36:
                        s.box(x + 9 + 22 * j, 534 - high + 34 * k, 9, 14, 228)
            x += wide + s.dice.choice((0, 0, 10))
    s.box(0, 520, WIDTH, 155, 24)
    s.box(0, 436, WIDTH, 2, 14)
    x = s.dice.uniform(200, 640)
    s.box(x, 462, 380, 100, 200)
    s.box(x, 530, 380, 34, 120)
    for i in range(6):
        s.box(x + 16 + 60 * i, 478, 46, 40, 250 - 14 * (i % 2))
    s.fill([(x + 170, 462), (x + 200, 438), (x + 206, 438), (x + 190, 462)], 14)
    for wheel in (70, 130, 260, 320):
        s.disc(x + wheel, 566, 13, 8)
    s.ripples(576, x + 190, 9, 92)


def court(s: Sheet) -> None:
    """Draw the front of a courthouse and people on its steps."""
    s.glow(600, 60, 420, 226)
    s.fill([(130, 216), (600, 66), (1070, 216)], 208)
    s.fill([(240, 202), (600, 90), (960, 202)], 130)
    s.disc(600, 158, 25, 214)
    s.box(120, 216, 960, 40, 224)
    s.box(160, 256, 880, 300, 44)
    s.box(544, 330, 112, 226, 16)
    for i in range(6):
        x = 176 + 156 * i
        for k in range(9):
            s.box(x + 7.4 * k, 268, 7.6, 276, round(242 - 130 * abs(k / 8 - 0.3)))
        s.box(x - 9, 256, 86, 16, 216)
        s.box(x - 9, 540, 86, 18, 216)
    for k in range(6):
        s.box(110 - 32 * k, 556 + 20 * k, 980 + 64 * k, 21, 220 - 22 * k)
    for _ in range(s.dice.randint(2, 4)):
        place, high = s.dice.uniform(240, 960), s.dice.uniform(96, 128)
        s.person(place, 626 + s.dice.uniform(0, 24), high, 10)


def market(s: Sheet) -> None:
    """Draw stalls under striped awnings, fruit, and those who buy it."""
    s.glow(600, 300, 480, 214)
    s.hills(240, 20, 176)
    for x in range(-10, WIDTH, 150):
        s.box(x, 130 + s.dice.uniform(0, 60), 130, 400, s.dice.randint(120, 156))
    for i, x in enumerate((-60, 330, 730)):
        y = 176 + s.dice.uniform(-20, 20)
        s.box(x + 26, y, 10, 440, 24)
        s.box(x + 372, y, 10, 440, 24)
        s.box(x + 34, y + 60, 340, 290, 60)
        s.person(x + s.dice.uniform(110, 170), y + 400, 260, 12)
        s.person(x + s.dice.uniform(240, 300), y + 400, 236, 14)
        for k in range(9):
            grey = (236, 82)[(k + i) % 2]
            left = x + 6 + 44 * k
            s.fill([(x + 60 + 33 * k, y - 60), (x + 93 + 33 * k, y - 60)]
                   + [(left + 44, y + 70), (left, y + 70)], grey)  # fmt: skip
            s.disc(left + 22, y + 70, 22, grey)
        s.box(x + 6, y + 330, 396, 420, 40)
        for k in range(9):
            for row in range(3 - (k % 2)):
                s.disc(x + 42 + 40 * k + 20 * (row % 2), y + 326 - 25 * row, 19,
                       s.dice.choice((246, 204, 166, 122)))  # fmt: skip


def ballot(s: Sheet) -> None:
    """Draw a ballot box with a marked paper half way in."""
    for k in range(24):
        a = k * math.tau / 24 + s.dice.uniform(-0.02, 0.02)
        rim = [
            (600 + 1500 * math.cos(a + d), 220 + 1500 * math.sin(a + d))
            for d in (0, 0.12)
        ]
        s.fill([(600, 220), *rim], 204)
    s.disc(600, 646, 520, 60, flat=0.1)
    s.fill([(330, 330), (880, 330), (880, 660), (330, 660)], 76)
    s.fill([(880, 330), (960, 262), (960, 580), (880, 660)], 28)
    s.fill([(330, 330), (412, 262), (960, 262), (880, 330)], 166)
    s.fill([(470, 304), (484, 290), (812, 290), (798, 304)], 6)
    t = s.dice.uniform(-40, 40)
    s.fill([(506 + t, 60), (764 + t, 40), (784, 298), (498, 298)], 250)
    chosen = s.dice.randrange(4)
    for i in range(4):
        y = 92 + 46 * i
        s.fill(
            [(546 + t, y), (576 + t, y - 2), (577 + t, y + 27), (547 + t, y + 29)], 70
        )
        s.box(598 + t, y + 9, 118 - 20 * (i % 3), 9, 150)
        if i != chosen:
            s.fill(
                [
                    (552 + t, y + 5),
                    (571 + t, y + 4),
                    (572 + t, y + 22),
                    (553 + t, y + 24),
                ],
                250,
            )
    s.box(330, 330, 550, 10, 120)
    s.box(526, 440, 158, 110, 216)
    s.fill([(562, 494), (592, 524), (648, 456), (660, 466), (594, 544), (550, 504)], 40)


def pitch(s: Sheet) -> None:
    """Draw a football ground under lights, the ball near."""
    for x in (120, 1080):
        s.glow(x, 60, 180, 200)
    s.box(0, 150, WIDTH, 120, 66)
    for _ in range(700):
        s.disc(s.dice.uniform(0, WIDTH), 158 + s.dice.uniform(0, 92), 3.4, 140)
    s.box(0, 246, WIDTH, 24, 20)
    middle = s.dice.uniform(500, 700)

    def ground(u: float, v: float) -> Point:
        return middle + (u - 0.5) * (900 + 2300 * v), 270 + 405 * v

    for i in range(12):
        corners = [ground(i / 12, 0), ground((i + 1) / 12, 0)]
        corners += [ground((i + 1) / 12, 1), ground(i / 12, 1)]
        s.fill(corners, (112, 140)[i % 2])
    s.disc(middle, 470, 250, 244, flat=0.36)
    s.disc(middle, 470, 242, 124, flat=0.352)
    s.box(0, 466, WIDTH, 7, 244)
    for x in (104, 1050):
        s.box(x + 18, 60, 7, 190, 12)
        s.box(x - 16, 20, 78, 46, 12)
        for i in range(10):
            s.disc(x - 4 + 14 * (i % 5), 32 + 16 * (i // 5), 5, 255)
    for _ in range(5):
        u, v = s.dice.uniform(0.3, 0.7), s.dice.uniform(0.08, 0.5)
        s.person(*ground(u, v), 60 + 130 * v, s.dice.choice((18, 232)))
    x = round(middle) + s.dice.choice((-230, 210))
    s.disc(x + 50, 626, 70, 60, flat=0.2)
    s.disc(x, 584, 50, 250)
    spot = [
        (x + 17 * math.cos(a * 1.257), 580 + 17 * math.sin(a * 1.257)) for a in range(5)
    ]
    s.fill(spot, 24)
    for dx, dy in ((36, 22), (-35, 22), (-21, -36), (27, -35)):
        s.disc(x + dx, 584 + dy, 9, 24, flat=0.8)


def stage(s: Sheet) -> None:
    """Draw a stage between curtains, beams of light, and a few who play."""
    s.box(0, 0, WIDTH, HEIGHT, 30)
    for i in range(4):
        x = 240 + 240 * i + s.dice.uniform(-40, 40)
        foot = s.dice.uniform(300, 900)
        s.fill([(x - 10, 60), (x + 10, 60), (foot + 170, 560), (foot - 170, 560)],
               70 + 26 * i)  # fmt: skip
        s.disc(foot, 560, 170, 150 + 20 * i, flat=0.16)
    s.fill([(140, 540), (1060, 540), (1200, 640), (0, 640)], 108)
    s.box(0, 638, WIDTH, 40, 14)
    for i in range(s.dice.randint(2, 4)):
        x = 380 + 160 * i + s.dice.uniform(-30, 30)
        s.disc(x, 606, 60, 60, flat=0.2)
        s.person(x, 606, s.dice.uniform(210, 250), 8)
    for side in (0, 1):
        for k in range(6):
            x = 34.0 * k
            edge = [(x, 0), (x + 36, 0), (x + 30 - 3 * k, HEIGHT), (x - 3 * k, HEIGHT)]
            s.fill([(WIDTH - px if side else px, py) for px, py in edge],
                   (196, 132)[k % 2])  # fmt: skip
    s.box(0, 0, WIDTH, 46, 164)
    for k in range(25):
        s.disc(24 + 48 * k, 46, 26, (184, 140)[k % 2])


def stars(s: Sheet) -> None:
    """Draw a night sky, a dome with its slit open, and hills."""
    for _ in range(420):
        s.disc(s.dice.uniform(0, WIDTH), s.dice.uniform(0, 520),
               s.dice.choice((1, 1.4, 2.4)), s.dice.randint(150, 255))  # fmt: skip
    x, y = s.dice.uniform(250, 950), s.dice.uniform(90, 240)
    s.glow(x, y, 120, 170)
    s.disc(x, y, 40, 246)
    s.disc(x, y, 96, 220, flat=0.2)
    s.disc(x, y, 78, 70, flat=0.13)
    s.disc(x, y - 6, 39, 246, flat=0.8)
    s.hills(520, 40, 44)
    dome = s.dice.uniform(380, 820)
    s.disc(dome, 500, 128, 206)
    s.fill([(dome - 16, 372), (dome + 20, 376), (dome + 66, 500), (dome + 22, 500)], 24)
    s.fill(
        [(dome + 24, 452), (dome + 92, 330), (dome + 112, 342), (dome + 52, 470)], 232
    )
    s.box(dome - 132, 496, 264, 110, 150)
    s.box(dome - 26, 530, 52, 76, 16)
    s.hills(592, 12, 14)


KINDS: dict[str, tuple[Callable[[Sheet], None], int, int, tuple[str, str, str]]] = {
    "harbour": (harbour, 168, 232, ("#0b2733", "#3f7f8c", "#fbe9c8")),
    "valley": (valley, 160, 236, ("#11281c", "#6d8a4a", "#fbf0c9")),
    "dam": (dam, 176, 228, ("#13233a", "#5d87a8", "#f5efdf")),
    "city": (city, 52, 176, ("#191430", "#8a4a68", "#ffdca6")),
    "court": (court, 150, 212, ("#1d2231", "#80808e", "#f6ebd7")),
    "market": (market, 168, 236, ("#34141a", "#c65b31", "#fde5b8")),
    "ballot": (ballot, 172, 140, ("#2a1536", "#8f5f9c", "#f7ecdc")),
    "pitch": (pitch, 34, 118, ("#0d2a20", "#4f8a54", "#f3efca")),
    "stage": (stage, 30, 40, ("#2b0f14", "#b0413e", "#ffe2ae")),
    "stars": (stars, 40, 104, ("#0c1230", "#4b5fa5", "#f4ecd6")),
}
