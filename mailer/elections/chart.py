"""The bar and the table of a council's result, from the one object behind the words.

The bar's percents are whole and add up to 100; the table says every figure again, in
words where it is a change or an absence. No cell is empty.
"""

from dataclasses import dataclass

from mailer.elections import figures
from mailer.elections.figures import listing, number
from mailer.elections.result import CouncilResult, Standing
from mailer.elections.words import EARLY, alt, counted

MOST_ROWS = 12
MOST_SEGMENTS = 7
LABELLED_FROM = 7  # percent of the bar
OTHERS = ("#57606a", "#aab2bb")
OPEN_SEATS = ("#6f6a5f", "#8a8475")
NOT_COUNTED = "not yet"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table. No cell is ever empty."""

    name: str
    short: str
    seats: str  # "19", "none", "not yet"
    change: str  # "5 fewer", "no change", "not compared"
    votes: str  # "42.9%", "no list"
    colour: str
    colour_dark: str
    independent: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The table under the bar, with its caption and its last row."""

    caption: str
    rows: tuple[Row, ...]
    total: Row
    note: str
    has_change: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the bar. percent: whole; all of a bar add up to 100."""

    name: str
    short: str
    percent: int
    figure: str  # "19" seats, or "43%" of the votes counted so far
    colour: str
    colour_dark: str
    label: str  # what fits into it, "" where nothing does


@dataclass(frozen=True, slots=True)
class Bar:
    """The bar. mark_percent: where half the seats are; None in a bar of votes."""

    of_seats: bool
    segments: tuple[Segment, ...]
    mark_percent: int | None
    mark: str
    alt: str


def table(result: CouncilResult, *, most: int = MOST_ROWS) -> Table:
    """Return the rows: who has seats or had them, then by votes; the rest in one."""
    shown = [s for s in result.standings if s.seats or s.seats_before]
    others = [s for s in result.standings if s not in shown]
    space = max(0, most - len(shown))
    parties = [s for s in others if not s.independent]
    kept = parties[: space if len(others) <= space else max(0, space - 1)]
    order = [s for s in result.standings if s in shown or s in kept]
    rows = [_row(result, s) for s in order]
    rest = [s for s in others if s not in kept]
    if rest:
        rows.append(_rest(result, rest))
    compared = bool(result.previous_election) and not result.is_partial
    caption = (
        f"Votes by party so far, {result.council}, {counted(result)}"
        if result.is_partial
        else f"Seats by party, {result.council} council"
        + (f", against the election of {result.previous_election}" if compared else "")
    )
    return Table(caption, tuple(rows), _total(result), _note(result), compared)


def _row(result: CouncilResult, s: Standing) -> Row:
    return Row(
        name=_name(s),
        short=s.short,
        seats=_seats(s.seats),
        change=_change(result, s),
        votes="no list" if s.independent else _share(result, s.votes),
        colour=s.colour,
        colour_dark=s.colour_dark,
        independent=s.independent,
    )


def _name(s: Standing) -> str:
    if not s.independent or not s.name:
        return s.name
    ward = f", Ward {s.ward}" if s.ward else ""
    return f"Independent: {s.name}{ward}"


def _seats(seats: int | None) -> str:
    if seats is None:
        return NOT_COUNTED
    return number(seats) if seats else "none"


def _change(result: CouncilResult, s: Standing) -> str:
    if not result.previous_election or s.seats is None:
        return NOT_COUNTED if s.seats is None else "not compared"
    if s.seats_before is None:
        return "not compared"
    return figures.change(s.seats_before, s.seats)


def _share(result: CouncilResult, votes: int) -> str:
    early = result.is_partial and result.stations_in * EARLY < result.stations_total
    if not result.party_votes or not votes:
        return figures.share(votes, result.party_votes)
    write = figures.whole_share if early else figures.share
    return write(votes, result.party_votes)


def _rest(result: CouncilResult, rest: list[Standing]) -> Row:
    parties = [s for s in rest if not s.independent]
    alone = len(rest) - len(parties)
    names = [figures.count(len(parties), "other party", "other parties")]
    names = names if parties else []
    if alone:
        names.append(figures.count(alone, "independent"))
    seats = None if result.is_partial or not result.seats_known else 0
    votes = sum(s.votes for s in parties)
    return Row(
        name=listing(names),
        short="",
        seats=_seats(seats),
        change=NOT_COUNTED if seats is None else "no change",
        votes=_share(result, votes) if parties else "no list",
        colour=OTHERS[0],
        colour_dark=OTHERS[1],
    )


def _total(result: CouncilResult) -> Row:
    votes = figures.count(result.party_votes, "vote")
    return Row(
        name="All seats",
        short="",
        seats=number(result.seats_total),
        change="none",
        votes=votes,
        colour="",
        colour_dark="",
    )


def _note(result: CouncilResult) -> str:
    said = "Votes: share of ward and list votes for parties, added; shares are rounded."
    if result.quota is not None and not result.is_partial:
        said += f" Quota: {figures.count(result.quota, 'vote')} a seat."
    return said


def bar(result: CouncilResult) -> Bar:
    """Return the bar: seats where they may be said, else votes counted so far."""
    of_seats = result.seats_known and not result.is_partial
    sized = [
        (s, (s.seats or 0) if of_seats else (0 if s.independent else s.votes))
        for s in result.standings
    ]
    sized = sorted((p for p in sized if p[1]), key=lambda p: -p[1])
    room = MOST_SEGMENTS - (1 if result.seats_undecided and of_seats else 0)
    cut = len(sized) if len(sized) <= room else room - 1
    parts = [(_name(s), s.short, n, s.colour, s.colour_dark) for s, n in sized[:cut]]
    rest = sized[cut:]
    if rest:
        name = f"Others: {figures.count(len(rest), 'party or independent', 'more')}"
        parts.append((name, "", sum(n for _, n in rest), *OTHERS))
    if of_seats and (open_seats := result.seats_total - sum(n for _, n in sized)):
        parts.append(("Not decided", "", open_seats, *OPEN_SEATS))
    shares = figures.percents([n for _, _, n, _, _ in parts])
    segments = tuple(
        _segment(part, percent, of_seats=of_seats)
        for part, percent in zip(parts, shares, strict=True)
    )
    mark = f"{figures.count(result.majority, 'seat')} needed for a majority"
    return Bar(
        of_seats, segments, 50 if of_seats else None, mark if of_seats else "",
        alt(result),
    )  # fmt: skip


def _segment(
    part: tuple[str, str, int, str, str], percent: int, *, of_seats: bool
) -> Segment:
    name, short, n, colour, dark = part
    figure = number(n) if of_seats else f"{percent}%"
    wide = percent >= LABELLED_FROM + 5 and short
    label = f"{short} {figure}" if wide else figure
    if percent < LABELLED_FROM:
        label = ""
    return Segment(name, short, percent, figure, colour, dark, label)
