"""Take counts, turn them into results, set elections up.

A file is taken whole or not at all: one that contradicts itself, or the election as set
up, changes nothing. Each of its councils then stands on its own: late, doubled and
doubtful counts are kept and not shown, and spoil no other.
"""

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from mailer import bell
from mailer.elections import laws, order, queries, setup_file, sheet, tally
from mailer.elections.count import FIGURES, CouncilFacts, Count, Fault, Roll
from mailer.elections.models import (
    Council,
    Election,
    Line,
    Party,
    PartyName,
    Result,
    SeatsBefore,
    Snapshot,
)
from mailer.elections.order import HELD, Known, Place
from mailer.elections.result import CouncilResult, freeze, thaw
from mailer.elections.seats import Allocation
from mailer.elections.setup_file import ElectionSetup, PartySetup
from mailer.kernel.bells import Bell

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one council's count, or would."""

    count: Count
    council: str
    place: Place
    reason: str
    result: CouncilResult | None = None  # the new one; its id is 0 in a preview
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file brought. Where there are faults, nothing of it was taken."""

    decisions: tuple[Decision, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def results(self) -> tuple[int, ...]:
        """Return the ids of new results."""
        return tuple(d.result.id for d in self.decisions if d.result is not None)

    @property
    def doubled(self) -> int:
        """Return how many councils had been taken before."""
        return sum(d.place is Place.DOUBLED for d in self.decisions)

    @property
    def held(self) -> tuple[Decision, ...]:
        """Return what was held back, each with its reason."""
        return tuple(d for d in self.decisions if d.place in HELD)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what is unlikely in the file, one sentence each."""
        return tuple(w for d in self.decisions for w in d.warnings)


@dataclass(frozen=True, slots=True)
class SetUp:
    """What an election file brought. Where there are faults, nothing was changed."""

    code: str = ""
    parties: int = 0
    councils: int = 0
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Worked:
    """The seats of one council as they follow from a file."""

    place_code: str
    seats_total: int
    allocation: Allocation
    notes: tuple[str, ...]


@dataclass
class _File:
    """A results file with the rows of the election it is about."""

    counts: list[Count]
    election: Election | None = None
    councils: dict[str, Council] = field(default_factory=dict)
    facts: dict[str, CouncilFacts] = field(default_factory=dict)
    roll: Roll = field(default_factory=lambda: Roll(()))
    faults: list[Fault] = field(default_factory=list)


@transaction.atomic
def take_results(*, data: bytes, name: str, now: datetime, source: str = "") -> Taken:
    """Take a results file and return what became of each council in it.

    data: the bytes of the file; name: how faults call it; source: who counted, where
    it is not the one the election was set up with. Taking a file twice changes nothing.
    """
    file = _opened(data, name=name, now=now, lock=True)
    if file.faults or file.election is None:
        return Taken(faults=tuple(file.faults))
    decisions = [
        _take(file, file.election, count, source=source, now=now)
        for count in file.counts
    ]
    taken = Taken(tuple(decisions))
    for decision in taken.held:
        log.warning(
            "elections.count.held place=%s why=%s",
            decision.count.place_code,
            decision.place,
        )
    if taken.results:
        log.info(
            "elections.results.taken election=%s results=%s",
            file.election.code,
            len(taken.results),
        )
        bell.ring(Bell.PLAN)
    return taken


def preview_results(
    *, data: bytes, name: str, now: datetime, source: str = ""
) -> Taken:
    """Return what taking a file would do, and do nothing."""
    file = _opened(data, name=name, now=now, lock=False)
    if file.faults or file.election is None:
        return Taken(faults=tuple(file.faults))
    election = file.election
    return Taken(tuple(_decide(file, election, c, source)[0] for c in file.counts))


def allocate_seats(*, data: bytes, name: str) -> tuple[list[Worked], list[Fault]]:
    """Return the seats of each council in a file, and what is wrong with the file.

    Where every council gives its size, nothing but the file is looked at.
    """
    counts, faults = sheet.read(data, name=name)
    if faults or not counts:
        return [], faults
    councils = {c.place_code: laws.council_of(c) for c in counts if c.seats_total}
    roll = Roll(laws.parties_of(counts))
    if len(councils) < len(counts):
        election = Election.objects.filter(code=counts[0].election).first()
        rows = Council.objects.filter(election=election) if election else []
        councils |= {row.place_code: queries.facts(row) for row in rows}
        roll = queries.roll(election) if election else roll
    faults = laws.broken(counts, councils=councils, roll=roll, file=name)
    if faults:
        return [], faults
    return [_worked(c, councils[c.place_code], roll) for c in counts], []


def _worked(count: Count, facts: CouncilFacts, roll: Roll) -> Worked:
    done = tally.allocation(count, facts, roll)
    notes = [*done.notes, *(tally.tie_sentence(tie) for tie in done.ties)]
    if count.stations_in < facts.stations_total:
        here = f"{count.stations_in} of {facts.stations_total}"
        notes.append(f"A partial count ({here}): these seats are not a result")
    elif why := tally.why_no_winners(count, facts):
        notes.append(why)
    return Worked(count.place_code, facts.seats, done, tuple(notes))


def _opened(data: bytes, *, name: str, now: datetime, lock: bool) -> _File:
    """Read a file, find its election and ask every law."""
    counts, faults = sheet.read(data, name=name)
    file = _File(counts, faults=faults)
    if faults or not counts:
        return file
    code = counts[0].election
    file.election = Election.objects.filter(code=code).first()
    if file.election is None:
        text = f"{code} is no election here; set it up with `mailer set_election`"
        file.faults.append(Fault(name, counts[0].at, "a-known-election", text))
        return file
    rows = Council.objects.filter(
        election=file.election, place_code__in=[c.place_code for c in counts]
    ).order_by("pk")
    if lock:
        rows = rows.select_for_update()
    file.councils = {row.place_code: row for row in rows}
    file.facts = {p: queries.facts(row) for p, row in file.councils.items()}
    file.roll = queries.roll(file.election)
    file.faults += laws.broken(
        counts, councils=file.facts, roll=file.roll, file=name
    ) + laws.out_of_time(
        counts, now=now, polls_close_at=file.election.polls_close_at, file=name
    )
    file.faults = file.faults[: sheet.MOST_FAULTS]
    return file


def _decide(
    file: _File, election: Election, count: Count, source: str
) -> tuple[Decision, Known]:
    """Return what a count would become, without writing."""
    facts = file.facts[count.place_code]
    council = file.councils[count.place_code]
    status = tally.status_of(count, facts)
    new = order.known(count, status=status, roll=file.roll)
    old = list(Snapshot.objects.filter(council=council).order_by("pk"))
    in_view = [s for s in old if s.standing in {Place.SHOWN, Place.UNCHANGED}]
    shown = _known(in_view[-1]) if in_view else None
    place, reason = order.judge(new, shown=shown, taken=[_known(s) for s in old])
    made = None
    if place is Place.SHOWN:
        said = Result.objects.filter(council=council).order_by("-revision").first()
        before = thaw(said.frozen, result_id=said.pk) if said else None
        made = tally.result_of(
            count,
            facts=facts,
            election=queries.election_facts(election),
            roll=file.roll,
            source=source,
            revision=said.revision + 1 if said else 1,
            before=before,
        )
    warned = (
        *laws.warnings(count),
        *tally.disagreements(made, count, facts, file.roll),
    )
    return Decision(count, facts.name, place, reason, made, warned), new


def _take(
    file: _File, election: Election, count: Count, *, source: str, now: datetime
) -> Decision:
    decision, new = _decide(file, election, count, source)
    if decision.place is Place.DOUBLED:
        return decision
    council = file.councils[count.place_code]
    facts = file.facts[count.place_code]
    snapshot = Snapshot.objects.create(
        council=council,
        source=source or election.source,
        revision=Snapshot.objects.filter(council=council).count() + 1,
        as_at=count.as_at,
        taken_at=now,
        sha256=new.sha256,
        said=new.said,
        standing=decision.place,
        reason=decision.reason,
        status=tally.status_of(count, facts),
        **{name: getattr(count, name) for name in FIGURES}
        | {"stations_total": facts.stations_total},
    )
    Line.objects.bulk_create(_lines(count, snapshot, file.roll))
    if decision.result is None:
        return decision
    row = Result.objects.create(
        council=council,
        snapshot=snapshot,
        revision=decision.result.revision,
        status=decision.result.status,
        as_at=decision.result.as_at,
        made_at=now,
        corrects_id=decision.result.corrects,
        frozen=freeze(decision.result),
    )
    return replace(decision, result=replace(decision.result, id=row.pk))


def _lines(count: Count, snapshot: Snapshot, roll: Roll) -> list[Line]:
    made = []
    for line in count.lines:
        party = None if line.independent else roll.find(line.party)
        made.append(
            Line(
                snapshot=snapshot,
                party_id=party.id if party else None,
                candidate="" if party else line.candidate,
                ward=line.ward,
                ward_votes=line.ward_votes,
                list_votes=line.list_votes,
                wards_won=line.wards_won,
                seats=line.seats,
            )
        )
    return made


def _known(snapshot: Snapshot) -> Known:
    return Known(snapshot.as_at, snapshot.stations_in, snapshot.said, snapshot.sha256)


def set_election(*, data: bytes, name: str, now: datetime) -> SetUp:
    """Set up an election from a file, or change the one with its code.

    Parties and councils that the file leaves out stay. Results already said stay as
    they were said. A fault anywhere changes nothing.
    """
    try:
        setup = setup_file.read(data, name=name)
    except setup_file.Unusable as unusable:
        return SetUp(faults=tuple(unusable.faults))
    return _store(setup, now=now)


@transaction.atomic
def _store(setup: ElectionSetup, *, now: datetime) -> SetUp:
    election, _ = Election.objects.update_or_create(
        code=setup.code,
        defaults={
            "name": setup.name,
            "previous": setup.previous,
            "source": setup.source,
            "polling_on": setup.polling_on,
            "polls_close_at": setup.polls_close_at,
            "set_up_at": now,
        },
    )
    by_short: dict[str, Party] = {}
    for party in setup.parties:
        by_short[party.short] = _store_party(election, party)
    for council in setup.councils:
        row, _ = Council.objects.update_or_create(
            election=election,
            place_code=council.place_code,
            defaults={
                "name": council.name,
                "seats": council.seats,
                "wards": council.wards,
                "stations_total": council.stations_total,
                "turnout_before_tenths": council.turnout_before_tenths,
            },
        )
        if council.before is not None:
            SeatsBefore.objects.filter(council=row).delete()
            SeatsBefore.objects.bulk_create(
                SeatsBefore(council=row, party=by_short.get(short), seats=seats)
                for short, seats in council.before.items()
            )
    log.info(
        "elections.election.set_up election=%s councils=%s",
        setup.code,
        len(setup.councils),
    )
    return SetUp(setup.code, len(setup.parties), len(setup.councils))


def _store_party(election: Election, party: PartySetup) -> Party:
    row, _ = Party.objects.update_or_create(
        election=election,
        short=party.short,
        defaults={
            "name": party.name,
            "colour": party.colour,
            "colour_dark": party.colour_dark,
        },
    )
    # A name may have moved from another party of an earlier file.
    PartyName.objects.filter(election=election, folded__in=party.folded).delete()
    PartyName.objects.bulk_create(
        PartyName(election=election, party=row, folded=folded)
        for folded in sorted(party.folded)
    )
    return row
