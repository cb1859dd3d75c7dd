"""What stands in a results mail: one finding, the bar, the table, and what may change.

Every figure and every sentence is made by elections from one CouncilResult; here they
only get their places, and colours that can be read.
"""

from dataclasses import dataclass

from mailer.elections import chart, words
from mailer.elections.figures import number
from mailer.elections.result import CouncilResult, Status
from mailer.kernel.brand import HEX, Brand
from mailer.rendering import cleaning, look
from mailer.rendering.plain import COLUMNS, columns, fold

TEXT_BAR = 20  # columns of the bar in plain text, at most
NAMED_FROM = 10  # percent of a bar of votes, for its short name to fit
NAME = 26  # columns of the first column in plain text


@dataclass(frozen=True, slots=True)
class PartyColour:
    """A fill with the ink that can be read on it, for both schemes."""

    light: str
    light_ink: str
    dark: str
    dark_ink: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of the bar: its whole percent, label, and the number of its colour."""

    percent: int
    label: str
    colour: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table."""

    name: str
    short: str
    seats: str
    change: str
    votes: str
    colour: int
    size: int  # of the bar in plain text; 0 for none


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """A results mail as its templates see it; an empty part is "" or an empty tuple."""

    council: str
    kicker: str
    headline: str
    sentence: str
    correction: str
    as_at: str
    bar: tuple[Cell, ...]
    mark: str
    mark_percent: int
    caption: str
    has_change: bool
    has_seats: bool
    lines: tuple[Line, ...]
    total: chart.Row
    note: str
    turnout: str
    changed: str
    open_title: str
    open_points: tuple[str, ...]
    source: str
    url: str
    colours: tuple[PartyColour, ...]

    @property
    def rows_of_text(self) -> tuple[str, ...]:
        """Return the table as lines of plain text, 73 columns at most."""
        seats = max((columns(line.seats) for line in self.lines), default=0) + 2
        change = max((columns(line.change) for line in self.lines), default=0)
        votes = max((columns(line.votes) for line in self.lines), default=0) + 2
        room = COLUMNS - NAME - votes - 1
        room -= seats if self.has_seats else 0
        room -= change + 2 if self.has_change else 0
        most = max((line.size for line in self.lines), default=0)
        rows = []
        for line in self.lines:
            row = _name_of_text(line)
            row += line.seats.rjust(seats) if self.has_seats else ""
            row += f"  {line.change.ljust(change)}" if self.has_change else ""
            row += line.votes.rjust(votes)
            bar = min(room, TEXT_BAR, most)
            row += (
                f" {'#' * max(1, round(line.size * bar / most))}" if line.size else ""
            )
            rows.append(row)
        return tuple(rows)


def _name_of_text(line: Line) -> str:
    short = f" ({line.short})" if line.short else ""
    lines = fold(f"{line.name}{short}", NAME, indent="    ", first="  ").split("\n")
    lines[-1] += " " * max(0, NAME - columns(lines[-1]))
    return "\n".join(lines)


def results_page(
    result: CouncilResult, *, time_zone: str, zone_name: str, base_url: str
) -> ResultsPage:
    """Return what the mail about a result says."""
    bar, table = chart.bar(result), chart.table(result)
    palette = _Palette()
    title, points = _open_points(result)
    return ResultsPage(
        council=result.council,
        kicker=f"{result.council} council, {words.status_word(result)}",
        headline=words.headline(result),
        sentence=words.sentence(result),
        correction=words.correction(result, time_zone=time_zone, zone_name=zone_name),
        as_at=words.as_at_line(result, time_zone=time_zone, zone_name=zone_name),
        bar=tuple(
            Cell(s.percent, _label(s, bar), palette.number(s.colour, s.colour_dark))
            for s in bar.segments
            if s.percent
        ),
        mark=bar.mark,
        mark_percent=bar.mark_percent or 0,
        caption=table.caption,
        has_change=table.has_change,
        has_seats=not result.is_partial,
        lines=tuple(
            Line(
                name=row.name,
                short=row.short,
                seats=row.seats,
                change=row.change,
                votes=row.votes,
                colour=palette.number(row.colour, row.colour_dark),
                size=int(row.seats) if row.seats.isdigit() else 0,
            )
            for row in table.rows
        ),
        total=table.total,
        note=table.note,
        turnout=words.turnout(result),
        changed=words.since_before(result),
        open_title=title,
        open_points=points,
        source=words.source_line(result),
        url=cleaning.address(
            f"{base_url}/e/{result.election_code}/{result.place_code}"
        ),
        colours=tuple(palette.colours),
    )


def zone_of(content_zone: str, brand: Brand) -> str:
    """Return the paper's name for its zone, or "" where the offset must do."""
    return brand.time_zone_name if content_zone == brand.time_zone else ""


class _Palette:
    """Number each pair of fills once: a party keeps its colour in bar and table."""

    def __init__(self) -> None:
        self.colours: list[PartyColour] = []
        self._numbers: dict[tuple[str, str], int] = {}

    def number(self, light: str, dark: str) -> int:
        pair = (
            light if HEX.fullmatch(light) else chart.OTHERS[0],
            dark if HEX.fullmatch(dark) else chart.OTHERS[1],
        )
        if pair not in self._numbers:
            self._numbers[pair] = len(self.colours)
            inks = [look.ink_on(fill) for fill in pair]
            self.colours.append(PartyColour(pair[0], inks[0], pair[1], inks[1]))
        return self._numbers[pair]


def _label(segment: chart.Segment, bar: chart.Bar) -> str:
    """Return what stands in a piece of the bar: of votes no figure, only the name.

    Its whole percents are made to add up to 100 and would differ from the table's.
    """
    if bar.of_seats:
        return segment.label
    return segment.short if segment.percent >= NAMED_FROM else ""


def _open_points(result: CouncilResult) -> tuple[str, tuple[str, ...]]:
    """Return what could still change, in sentences that are true of any count."""
    points = list(result.undecided)
    if result.is_partial:
        out = result.stations_total - result.stations_in
        noun = words.STATION if out == 1 else words.STATIONS
        verb = "is" if out == 1 else "are"
        points.append(
            f"{number(out)} {noun} {verb} still to come. Seats are worked out when "
            "the last one is in."
        )
    elif result.status is Status.COMPLETE:
        points.append(
            f"{result.source or 'The electoral office'} has not declared this result. "
            "Figures can change until then."
        )
    return ("What could still change" if points else ""), tuple(points)
