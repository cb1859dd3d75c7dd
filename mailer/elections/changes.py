"""What differs between two results of one council, in words, and what it makes of it.

More stations and more votes are a later count. A whole count that says something else,
or any count in which somebody has fewer votes than before, corrects what was said: a
complete count is not a final one (81 of 126 changed station results of 2024 had been
marked complete, and in 67 of them a party lost votes).
"""

from mailer.elections import figures
from mailer.elections.result import CouncilResult, Standing

MOST_LINES = 8


def is_correction(before: CouncilResult, after: CouncilResult) -> bool:
    """Tell whether the later result says that the earlier one was wrong."""
    old, new = _by_name(before), _by_name(after)
    fewer = any(
        (new[name].votes if name in new else 0) < s.votes for name, s in old.items()
    )
    if before.is_partial:
        return fewer or (
            before.stations_in == after.stations_in and _votes(old) != _votes(new)
        )
    same_seats = not (before.seats_known and after.seats_known) or (
        _seats(before) == _seats(after)
    )
    return _votes(old) != _votes(new) or not same_seats or _size_differs(before, after)


def _size_differs(before: CouncilResult, after: CouncilResult) -> bool:
    """Tell whether a figure of turnout that was said before is another one now."""
    return any(
        was is not None and was != now
        for was, now in (
            (before.cast, after.cast),
            (before.registered, after.registered),
        )
    )


def differences(before: CouncilResult, after: CouncilResult) -> tuple[str, ...]:
    """Return what differs, seats first, each with the old and the new figure."""
    old, new = _by_name(before), _by_name(after)
    names = [s.name for s in after.standings]
    names += [s.name for s in before.standings if s.name not in new]
    seats, votes = [], []
    for name in names:
        was, now = old.get(name), new.get(name)
        held = was.seats if was else 0
        holds = now.seats if now else 0
        if None not in (held, holds) and held != holds:
            seats.append(
                f"{name} has {figures.count(holds or 0, 'seat')}, not {held or 'none'}."
            )
        a, b = was.votes if was else 0, now.votes if now else 0
        same_stations = before.stations_in == after.stations_in
        if a != b and (same_stations or b < a):
            votes.append(
                f"{name}: {figures.count(b, 'vote')}, not {figures.number(a)}."
            )
    size = [
        f"{label}: {_said(b)}, not {_said(a)}."
        for label, a, b in (
            ("People who voted", before.cast, after.cast),
            ("Registered voters", before.registered, after.registered),
        )
        if a != b and before.stations_in == after.stations_in
    ]
    said = [*seats, *votes, *size]
    if len(said) > MOST_LINES:
        rest = figures.count(len(said) - MOST_LINES + 1, "more figure")
        said = [*said[: MOST_LINES - 1], f"And {rest}."]
    return tuple(said)


def _said(value: int | None) -> str:
    return "not known" if value is None else figures.number(value)


def _by_name(result: CouncilResult) -> dict[str, Standing]:
    return {s.name: s for s in result.standings}


def _votes(standings: dict[str, Standing]) -> dict[str, int]:
    return {name: s.votes for name, s in standings.items() if s.votes}


def _seats(result: CouncilResult) -> dict[str, int | None]:
    return {s.name: s.seats for s in result.standings if s.seats}
