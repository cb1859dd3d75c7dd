"""Which parties could reach a majority together: sums, never forecasts.

A combination is winning with more than half of the seats, and minimal if it is not
without its smallest member. Each independent counts alone. eThekwini 2021 had 208,638
minimal combinations of 24 parties: they are counted, and only small ones are listed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailer.elections import figures, words
from mailer.elections.result import CouncilResult

LARGEST = 4  # parties in a combination that is listed
MOST_LISTED = 200
MOST_SAID = 3


@dataclass(frozen=True, slots=True)
class Combination:
    """Parties that could reach a majority, by their seats."""

    names: tuple[str, ...]
    seats: int


def minimal(
    seats: Sequence[tuple[str, int]], *, line: int, largest: int = LARGEST
) -> list[Combination]:
    """Return minimal winning combinations, fewest parties first, then most seats."""
    held = sorted((p for p in seats if p[1]), key=lambda p: (-p[1], p[0]))
    found: list[Combination] = []
    for combination in _search(held, line, largest):
        found.append(combination)
        if len(found) == MOST_LISTED:
            break
    return sorted(found, key=lambda c: (len(c.names), -c.seats))


def _search(
    held: Sequence[tuple[str, int]], line: int, largest: int
) -> Iterator[Combination]:
    """Walk depth first, largest party first; the last taken is the smallest."""
    rest = [0] * (len(held) + 1)
    for i in range(len(held) - 1, -1, -1):
        rest[i] = rest[i + 1] + held[i][1]

    def walk(start: int, taken: tuple[str, ...], total: int) -> Iterator[Combination]:
        for i in range(start, len(held)):
            if total + rest[i] < line:
                return
            name, number = held[i]
            if total + number >= line:
                yield Combination((*taken, name), total + number)
            elif len(taken) + 1 < largest:
                yield from walk(i + 1, (*taken, name), total + number)

    yield from walk(0, (), 0)


def number_of_minimal(seats: Sequence[int], *, line: int) -> int:
    """Return how many minimal winning combinations there are, of any size.

    Taking parties from the largest down, a combination is counted at its smallest
    member: the others together are short of the line, and with it they are not.
    """
    ways = [1] + [0] * (line - 1)  # combinations of the larger ones, by their sum
    found = 0
    for number in sorted((n for n in seats if n), reverse=True):
        found += sum(ways[max(0, line - number) : line])
        for total in range(line - 1, number - 1, -1):
            ways[total] += ways[total - number]
    return found


def could_reach(result: CouncilResult) -> tuple[str, ...]:
    """Return a few sentences on who could, and none where that says too much.

    Only for a whole count without a majority and without open seats.
    """
    settled = result.is_final and result.seats_known and not result.seats_undecided
    if not settled or words.majority_holder(result) is not None:
        return ()
    held = [(s.name, s.seats or 0) for s in result.standings]
    listed = minimal(held, line=result.majority)
    total = number_of_minimal([n for _, n in held], line=result.majority)
    said = [
        f"{figures.listing(c.names)} could reach "
        + ("exactly " if c.seats == result.majority else "")
        + f"{c.seats} together."
        for c in listed[:MOST_SAID]
    ]
    if not said:
        return (f"No {LARGEST} parties could reach {result.majority} together.",)
    noun = figures.count(total, "combination")
    return (*said, f"{noun} could. These are sums, not forecasts.")
