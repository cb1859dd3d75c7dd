"""The report as a picture: each ratio beside its aim, with its least and largest."""

from collections.abc import Sequence
from html import escape

from tests.benchmarks.rows import Row

ROW = 44
LEFT, WIDTH, RIGHT = 170, 360, 250
INK, SOFT, GOOD, BAD = "#1b1a17", "#57534a", "#0b5563", "#a3161c"


def svg(rows: Sequence[Row]) -> str:
    """Return an SVG of all rows; the aim is the line in the middle of each.

    A bar that ends left of the line is below the aim. Where less is better that is
    good, and the colour says so. Rows without an aim are not drawn.
    """
    rows = [row for row in rows if row.is_met is not None]
    height, middle = ROW * len(rows) + 30, LEFT + WIDTH / 2
    shapes = [_element("rect", width="100%", height="100%", fill="#fbfaf7")]
    for number, row in enumerate(rows):
        shapes += _row(row, 20 + ROW * number)
    ends = {"x1": middle, "y1": 10, "x2": middle, "y2": height - 10}
    shapes.append(_element("line", **ends, stroke=INK))
    return _element(
        "svg",
        "".join(shapes),
        xmlns="http://www.w3.org/2000/svg",
        width=LEFT + WIDTH + RIGHT,
        height=height,
        **{"font-family": "Helvetica, Arial, sans-serif", "font-size": 14},
    )


def _row(row: Row, top: int) -> list[str]:
    aim = float(row.aim.split()[1])

    def x(value: float) -> float:
        return round(LEFT + min(1.0, value / (2 * aim)) * WIDTH, 1)

    found, values = row.measured, row.measured.values
    verdict = "met" if row.is_met else "missed"
    words = escape(f"{found.median:.2f} of {row.aim}: {verdict}")
    colour = GOOD if row.is_met else BAD
    wide = x(found.median) - LEFT
    ends = {"x1": x(min(values)), "x2": x(max(values)), "y1": top + 9, "y2": top + 9}
    return [
        _element("text", row.name, x=10, y=top + 14, fill=INK),
        _element("rect", x=LEFT, y=top, width=wide, height=18, fill=colour),
        _element("line", **ends, stroke=INK),
        _element("text", words, x=LEFT + WIDTH + 12, y=top + 14, fill=SOFT),
    ]


def _element(name: str, inside: str = "", /, **attributes: float | str) -> str:
    said = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{said}>{inside}</{name}>"
