"""How votes become seats in a council: the South African formula, in whole numbers.

Local Government: Municipal Structures Act 117 of 1998, Schedule 1, as the Electoral
Commission applies it; tried on all 213 councils of 2021 and 212 of 2016. Both ballots
count: an entitlement follows ward and list votes added, and wards won only decide who
fills a seat.

    Q = A // (B - C - D) + 1
    A  votes of parties with a list    C  wards won by independents
    B  seats of the council            D  wards won by parties without a list

1. seats = votes // Q; what is left goes one each to the largest remainders.
2. A party with more wards than seats ("excessive", item 16) keeps its wards and gets no
   list seat. The others are worked out again without it, until nobody is excessive. The
   council never grows.

Two equal remainders for one seat are undecided: the text was not seen, so nothing is
guessed. Whole numbers throughout: a rounded quota moves seats.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

METHOD = "quota (floor + 1) and largest remainder"


@dataclass(frozen=True, slots=True)
class Contender:
    """A party or one independent: votes on both ballots added, wards won."""

    name: str
    votes: int
    wards: int = 0
    has_list: bool = True
    independent: bool = False

    @property
    def takes_part(self) -> bool:
        """Tell whether its votes count for list seats."""
        return self.has_list and not self.independent


@dataclass(frozen=True, slots=True)
class Tie:
    """Seats that none of these has yet: the law's way out is not ours to guess."""

    seats: int
    among: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who gets how many seats, and how it was worked out.

    seats: by name, undecided ones left out; empty where a tie decides everything.
    quotas: one a round. excessive: parties that keep wards beyond their entitlement.
    """

    seats: dict[str, int]
    quotas: tuple[int, ...] = ()
    excessive: tuple[str, ...] = ()
    ties: tuple[Tie, ...] = ()
    notes: tuple[str, ...] = ()
    method: str = METHOD

    @property
    def quota(self) -> int | None:
        """Return the quota of the last round; None where no list seat was to be had."""
        return self.quotas[-1] if self.quotas else None


@dataclass
class _Round:
    """One pass over the parties that are not excessive."""

    quota: int | None
    seats: dict[str, int]
    left: int = 0
    tied: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)


def allocate(contenders: Sequence[Contender], *, seats: int) -> Allocation:
    """Work out the seats of one council.

    Raises ValueError for figures that cannot be: a name twice, a negative number, more
    wards won than there are seats.
    """
    _refuse_nonsense(contenders, seats)
    fixed = {c.name: c.wards for c in contenders if not c.takes_part}
    playing = sorted(
        (c for c in contenders if c.takes_part), key=lambda c: (-c.votes, c.name)
    )
    quotas: list[int] = []
    excessive: list[str] = []
    while True:
        open_seats = seats - sum(fixed.values())
        done = _share_out(playing, open_seats)
        if done.quota is not None:
            quotas.append(done.quota)
        over = [c for c in playing if c.wards > done.seats[c.name]]
        hanging = [
            c.name
            for c in over
            if c.name in done.tied and c.wards == done.seats[c.name] + 1
        ]
        if hanging:
            note = f"Whether {_names(hanging)} has more wards than seats hangs on a tie"
            return Allocation(
                {},
                tuple(quotas),
                tuple(excessive),
                (Tie(done.left, done.tied),),
                (note,),
            )
        if not over:
            break
        for c in over:
            fixed[c.name] = c.wards
            excessive.append(c.name)
        playing = [c for c in playing if c not in over]
    ties = (Tie(done.left, done.tied),) if done.left else ()
    notes = [*done.notes]
    if excessive:
        notes.insert(
            0, f"{_names(excessive)}: more wards than seats, keeps the wards (item 16)"
        )
    return Allocation(
        {c.name: (fixed | done.seats)[c.name] for c in contenders},
        tuple(quotas),
        tuple(excessive),
        ties,
        tuple(notes),
    )


def _share_out(playing: Sequence[Contender], seats: int) -> _Round:
    if seats == 0:
        none_left = dict.fromkeys((c.name for c in playing), 0)
        return _Round(None, none_left, notes=["No seat is left for the lists"])
    quota = sum(c.votes for c in playing) // seats + 1
    given = {c.name: c.votes // quota for c in playing}
    left = seats - sum(given.values())
    # A party without a vote takes no part, or one more name would change the rest.
    order = sorted((c for c in playing if c.votes), key=lambda c: -(c.votes % quota))
    if left > len(order):
        for c in order:
            given[c.name] += 1
        note = "There are more seats than the formula can give away"
        names = tuple(c.name for c in order)
        return _Round(quota, given, left - len(order), names, [note])
    if not left:
        return _Round(quota, given)
    last = order[left - 1].votes % quota
    sure = [c for c in order if c.votes % quota > last]
    level = [c for c in order if c.votes % quota == last]
    for c in sure:
        given[c.name] += 1
    left -= len(sure)
    if left == len(level):
        for c in level:
            given[c.name] += 1
        return _Round(quota, given)
    return _Round(quota, given, left, tuple(c.name for c in level))


def _refuse_nonsense(contenders: Sequence[Contender], seats: int) -> None:
    if seats < 1:
        raise ValueError(f"a council has at least one seat, not {seats}")
    names = [c.name for c in contenders]
    if len(set(names)) != len(names):
        raise ValueError("two contenders have one name")
    if any(c.votes < 0 or c.wards < 0 for c in contenders):
        raise ValueError("votes and wards are never below 0")
    wards = sum(c.wards for c in contenders)
    if wards > seats:
        raise ValueError(f"{wards} wards won in a council of {seats} seats")


def _names(names: Sequence[str]) -> str:
    return ", ".join(names)
