"""A count and the election as set up, put together into what may be said of a council.

Seats are said only when every voting district is in and every ward has a winner; the
source's own seats go before our calculation, which is kept beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailer.elections import figures, seats
from mailer.elections.changes import differences, is_correction
from mailer.elections.count import CouncilFacts, Count, CountLine, Roll
from mailer.elections.result import CouncilResult, Standing, Status

INDEPENDENT = ("Ind", "#57606a", "#aab2bb")
STATUS = {
    "partial": Status.PARTIAL,
    "complete": Status.COMPLETE,
    "declared": Status.DECLARED,
}


@dataclass(frozen=True, slots=True)
class ElectionFacts:
    """An election as it was set up."""

    code: str
    name: str
    source: str = ""
    previous: str = ""
    polls_close_at: datetime | None = None


def status_of(count: Count, facts: CouncilFacts) -> Status:
    """Return how far the count is, where the file does not say."""
    if count.status:
        return STATUS[count.status]
    whole = count.stations_in == facts.stations_total
    return Status.COMPLETE if whole else Status.PARTIAL


def allocation(count: Count, facts: CouncilFacts, roll: Roll) -> seats.Allocation:
    """Work out the seats of a count as it stands, whole or not.

    Raises ValueError where the figures cannot be.
    """
    names = names_of(count.lines, roll)
    contenders = [
        seats.Contender(
            names[line.at],
            line.votes,
            line.wards_won or 0,
            has_list=line.list_votes is not None,
            independent=line.independent,
        )
        for line in count.lines
    ]
    return seats.allocate(contenders, seats=facts.seats)


def names_of(lines: Sequence[CountLine], roll: Roll) -> dict[int, str]:
    """Return how each line, by its place in the file, is called in a result.

    An independent who shares a name gets the ward added to it.
    """
    names = {}
    for line in lines:
        party = None if line.independent else roll.find(line.party)
        names[line.at] = party.name if party else line.candidate
    for line in lines:
        if line.independent and list(names.values()).count(names[line.at]) > 1:
            names[line.at] = f"{line.candidate} (Ward {line.ward})"
    return names


def why_no_seats(count: Count, facts: CouncilFacts) -> str:
    """Return why seats cannot be worked out from a whole count, or ""."""
    if any(line.seats is not None for line in count.lines):
        return ""
    return why_no_winners(count, facts)


def why_no_winners(count: Count, facts: CouncilFacts) -> str:
    """Return which wards have no winner yet, or ""."""
    won = [line.wards_won for line in count.lines if line.wards_won is not None]
    missing = facts.wards - sum(won)
    if not won and facts.wards:
        return "The winners of the wards are not known yet."
    if missing:
        verb = "has" if missing == 1 else "have"
        return f"{figures.count(missing, 'ward')} {verb} no winner yet."
    return ""


def result_of(  # noqa: PLR0913  everything that is known of a council
    count: Count,
    *,
    facts: CouncilFacts,
    election: ElectionFacts,
    roll: Roll,
    source: str,
    revision: int,
    before: CouncilResult | None,
) -> CouncilResult:
    """Put together the result of a council; its id is 0 until it is stored.

    before: the result shown until now, to tell a correction from a later count.
    """
    status = status_of(count, facts)
    why = "" if status is Status.PARTIAL else why_no_seats(count, facts)
    worked = (
        None
        if status is Status.PARTIAL or why
        else allocation(count, facts, roll)
    )  # fmt: skip
    official = worked is not None and any(n.seats is not None for n in count.lines)
    made = CouncilResult(
        id=0,
        election=election.name,
        election_code=election.code,
        council=facts.name,
        place_code=facts.place_code,
        revision=revision,
        status=status,
        as_at=count.as_at,
        source=source or election.source,
        stations_in=count.stations_in,
        stations_total=facts.stations_total,
        seats_total=facts.seats,
        standings=_standings(count, facts, roll, worked),
        seats_official=official,
        quota=worked.quota if worked else None,
        registered=count.registered,
        cast=count.voters,
        spoilt=_added(count.ward_spoilt, count.list_spoilt),
        turnout_before_tenths=facts.turnout_before_tenths,
        previous_election=election.previous if facts.before is not None else "",
        control_before=_control(facts, roll),
        undecided=(why,) if why else (),
    )
    if worked is not None and official:
        made = replace(made, seats_agree=_agree(made, worked))
    elif worked is not None:
        made = _with_ties(made, worked)
    return _against(made, before)


def _standings(
    count: Count,
    facts: CouncilFacts,
    roll: Roll,
    worked: seats.Allocation | None,
) -> tuple[Standing, ...]:
    party_votes = sum(n.votes for n in count.lines if not n.independent)
    names = names_of(count.lines, roll)
    made = []
    for line in [*count.lines, *_gone(count.lines, facts.before or {}, roll)]:
        party = None if line.independent else roll.find(line.party)
        name = names.get(line.at) or (party.name if party else "Independents")
        short, colour, dark = (
            (party.short, party.colour, party.colour_dark) if party else INDEPENDENT
        )
        share = figures.tenths(line.votes, party_votes) if party else None
        made.append(
            Standing(
                name=name,
                short=short,
                colour=colour,
                colour_dark=dark,
                votes=line.votes,
                share_tenths=share,
                seats=_seats_of(line, name, worked),
                ward_seats=(line.wards_won or 0) if worked is not None else 0,
                seats_before=_held(line, count.lines, facts.before, roll),
                independent=party is None,
                ward=line.ward,
                has_list=line.list_votes is not None,
            )
        )
    return tuple(sorted(made, key=_place_in_the_table))


def _place_in_the_table(s: Standing) -> tuple[int, bool, int, str]:
    return -(s.seats or 0), s.independent, -s.votes, s.name


def _seats_of(
    line: CountLine, name: str, worked: seats.Allocation | None
) -> int | None:
    """Return the official seats, else ours, else None where none may be said."""
    if worked is None:
        return None
    if line.seats is not None:
        return line.seats
    return worked.seats.get(name, 0) if worked.seats else None


def _held(
    line: CountLine,
    lines: tuple[CountLine, ...],
    before: dict[int, int] | None,
    roll: Roll,
) -> int | None:
    """Return the seats a line had before; None where that cannot be compared.

    Independents are compared as a group, and only where one of them is seated or none.
    """
    if before is None:
        return None
    if not line.independent:
        party = roll.find(line.party)
        return before.get(party.id, 0) if party else None
    seated = [n for n in lines if n.independent and n.wards_won]
    return before.get(0, 0) if seated == [line] or not line.candidate else None


def _gone(
    lines: tuple[CountLine, ...], before: dict[int, int], roll: Roll
) -> list[CountLine]:
    """Return a line for each party that had seats before and does not stand now."""
    here = {p.id for n in lines if not n.independent and (p := roll.find(n.party))}
    gone = [
        CountLine(-party.id, party.name)
        for party in roll.parties
        if before.get(party.id) and party.id not in here
    ]
    if before.get(0) and not any(n.independent and n.wards_won for n in lines):
        gone.append(CountLine(0, "Independent"))
    return gone


def _control(facts: CouncilFacts, roll: Roll) -> str:
    """Return the party with more than half of the seats before, or ""."""
    before = facts.before or {}
    line = sum(before.values()) // 2 + 1
    for party in roll.parties:
        if before and before.get(party.id, 0) >= line:
            return party.name
    return ""


def _added(*numbers: int | None) -> int | None:
    known = [n for n in numbers if n is not None]
    return sum(known) if len(known) == len(numbers) else None


def _agree(made: CouncilResult, worked: seats.Allocation) -> bool | None:
    """Tell whether the official seats are ours too; None where a tie stops us."""
    if worked.ties:
        return None
    return all((s.seats or 0) == worked.seats.get(s.name, 0) for s in made.standings)


def _with_ties(made: CouncilResult, worked: seats.Allocation) -> CouncilResult:
    if not worked.ties:
        return made
    [tie] = worked.ties
    said = (tie_sentence(tie),)
    if not worked.seats:  # the tie decides everything: nobody's seats may be said
        return replace(made, undecided=(*said, *worked.notes), tied=tie.among)
    return replace(made, undecided=said, tied=tie.among, seats_undecided=tie.seats)


def tie_sentence(tie: seats.Tie) -> str:
    """Return what is not decided, and between whom."""
    lies = "lies" if tie.seats == 1 else "lie"
    number = figures.count(tie.seats, "seat")
    if not tie.among:
        return f"There are no votes to fill {number}."
    if len(tie.among) == 1:
        return f"{number} {lies} beyond what the formula gives {tie.among[0]}."
    names = figures.listing(tie.among)
    return f"{number} {lies} between {names}: their remainders are equal."


def _against(made: CouncilResult, before: CouncilResult | None) -> CouncilResult:
    if before is None or not is_correction(before, made):
        return made
    status = made.status
    if status is not Status.PARTIAL and before.status is not Status.PARTIAL:
        status = Status.CORRECTED
    return replace(
        made,
        status=status,
        corrects=before.id,
        corrects_as_at=before.as_at,
        what_changed=differences(before, made),
    )


def disagreements(
    made: CouncilResult | None, count: Count, facts: CouncilFacts, roll: Roll
) -> list[str]:
    """Return where the official seats are not what our calculation gives.

    The official ones are shown all the same.
    """
    if made is None or made.seats_agree is not False:
        return []
    ours = allocation(count, facts, roll).seats
    return [
        f"{made.council}: official seats of {s.name} are {s.seats}, our calculation "
        f"gives {ours.get(s.name, 0)}"
        for s in made.standings
        if s.seats != ours.get(s.name, 0)
    ]
