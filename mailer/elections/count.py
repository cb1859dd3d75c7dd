"""One council's count as a file gives it, before any law has been asked.

Unknown is None, never 0. No list votes means no list; no ward votes, no candidate.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

INDEPENDENT = "independent"
INDEPENDENT_WORDS = {INDEPENDENT, "independents", "onafhanklik", "ind"}
MARKS = re.compile(r"[\s\u2019'`\"]+")


def fold(name: str) -> str:
    """Return a name without what sources write differently: case, blanks, quotes.

    The accents stay: two parties may differ by one.
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    return MARKS.sub(" ", plain).strip()


@dataclass(frozen=True, slots=True)
class CountLine:
    """A party, or one independent, with its place in the file."""

    at: int  # line of the file
    party: str  # as written
    candidate: str = ""
    ward: str = ""
    ward_votes: int | None = None
    list_votes: int | None = None
    wards_won: int | None = None
    seats: int | None = None

    @property
    def independent(self) -> bool:
        """Tell whether this is a candidate without a party."""
        return fold(self.party) in INDEPENDENT_WORDS

    @property
    def votes(self) -> int:
        """Return both ballots added."""
        return (self.ward_votes or 0) + (self.list_votes or 0)


@dataclass(frozen=True, slots=True)
class Count:
    """A council's figures and its lines. status: "", partial, complete, declared."""

    at: int
    election: str
    place_code: str
    as_at: datetime
    status: str
    stations_in: int
    stations_total: int | None
    lines: tuple[CountLine, ...]
    registered: int | None = None
    voters: int | None = None
    ward_cast: int | None = None
    ward_spoilt: int | None = None
    list_cast: int | None = None
    list_spoilt: int | None = None
    seats_total: int | None = None
    wards_total: int | None = None


FIGURES = (
    *("stations_in", "stations_total", "registered", "voters"),
    *("ward_cast", "ward_spoilt", "list_cast", "list_spoilt"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file: where, which rule, and a sentence."""

    file: str
    line: int  # 0: the whole file
    rule: str
    text: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.text} [{self.rule}]"


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """A party as the election was set up."""

    id: int
    name: str
    short: str
    colour: str
    colour_dark: str
    folded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CouncilFacts:
    """A council as the election was set up. before: seats by party id, 0: independents.

    before is None where nothing is known of the last election.
    """

    id: int
    place_code: str
    name: str
    seats: int
    wards: int
    stations_total: int
    before: dict[int, int] | None = None
    turnout_before_tenths: int | None = None


class Roll:
    """The parties of one election, by every way their names are written."""

    def __init__(self, parties: Iterable[PartyFacts]) -> None:
        self.parties = tuple(parties)
        self._by_name = {
            name: party
            for party in self.parties
            for name in (fold(party.name), fold(party.short), *party.folded)
        }

    def find(self, name: str) -> PartyFacts | None:
        """Return the party a file means, or None."""
        return self._by_name.get(fold(name))

    @property
    def names(self) -> list[str]:
        """Return every folded name, for "did you mean"."""
        return sorted(self._by_name)
