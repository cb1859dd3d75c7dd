"""What a count must keep to be believed, and what is only worth a warning.

A broken law means that the file contradicts itself, or the election as set up: nothing
of it is taken. A warning is stored and shown: 64 real voting districts of 2021 had more
ballots than registered voters, and they were right.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches

from mailer.elections.count import (
    CouncilFacts,
    Count,
    CountLine,
    Fault,
    PartyFacts,
    Roll,
    fold,
)

CLOCK_SLACK = timedelta(minutes=5)
MANY_SPOILT = 10  # percent


def broken(
    counts: Sequence[Count], *, councils: dict[str, CouncilFacts], roll: Roll, file: str
) -> list[Fault]:
    """Return every law these counts break."""
    faults: list[Fault] = []
    for count in counts:
        facts = councils.get(count.place_code)
        if facts is None:
            text = f"{count.place_code} is no council of this election"
            faults.append(Fault(file, count.at, "a-known-council", text))
            continue
        faults += [
            Fault(file, at, rule, text)
            for at, rule, text in _faults_of(count, facts, roll)
        ]
    return faults


def out_of_time(
    counts: Sequence[Count],
    *,
    now: datetime,
    polls_close_at: datetime | None,
    file: str,
) -> list[Fault]:
    """Return the counts from the future, and those from before the polls closed.

    Until then nothing is taken in that has a number, so that nothing can get out.
    """
    faults = []
    for count in counts:
        moment, close = count.as_at.isoformat(), polls_close_at
        if count.as_at > now + CLOCK_SLACK:
            text = f"as_at {moment} has not come yet"
            faults.append(Fault(file, count.at, "not-from-the-future", text))
        elif close and count.stations_in and min(count.as_at, now) < close:
            text = f"as_at {moment}, but the polls close {close.isoformat()}"
            faults.append(Fault(file, count.at, "a-count-follows-the-polls", text))
    return faults


Broken = tuple[int, str, str]


def _faults_of(count: Count, facts: CouncilFacts, roll: Roll) -> Iterator[Broken]:
    yield from _size(count, facts)
    yield from _stations(count, facts)
    yield from _names(count.lines, roll)
    yield from _ballots(count)
    yield from _wards(count, facts)
    yield from _seats(count, facts)


def _size(count: Count, facts: CouncilFacts) -> Iterator[Broken]:
    for name, said, known in (
        ("council_seats", count.seats_total, facts.seats),
        ("council_wards", count.wards_total, facts.wards),
        ("stations_total", count.stations_total, facts.stations_total),
    ):
        if said is not None and said != known:
            text = f"{name} is {said}, but {facts.name} was set up with {known}"
            yield count.at, "as-the-election-was-set-up", text


def _stations(count: Count, facts: CouncilFacts) -> Iterator[Broken]:
    total = facts.stations_total
    if count.stations_in > total:
        text = f"{count.stations_in} stations are in, of {total}"
        yield count.at, "no-more-stations-in-than-there-are", text
    if count.status in {"complete", "declared"} and count.stations_in < total:
        text = f"the count is {count.status} with {count.stations_in} of {total} in"
        yield count.at, "complete-means-every-station", text
    if count.stations_in == 0 and any(line.votes for line in count.lines):
        yield count.at, "no-votes-before-a-station-is-in", "votes, but no station is in"
    if count.stations_in and not count.lines:
        yield count.at, "a-count-has-parties", "stations are in, but no party is named"


def _names(lines: Sequence[CountLine], roll: Roll) -> Iterator[Broken]:
    seen: dict[str, CountLine] = {}
    for line in lines:
        if line.independent:
            key = f"independent {fold(line.candidate)} {line.ward}"
            if not line.candidate:
                text = "independents added together: name each candidate, one a row"
                yield line.at, "independents-stand-alone", text
                continue
        else:
            party = roll.find(line.party)
            if party is None:
                yield line.at, "a-known-party", _unknown(line.party, roll)
                continue
            key = f"party {party.id}"
        if key in seen:
            other = seen[key]
            text = f"{line.candidate or line.party} is in line {other.at} already"
            if fold(other.party) != fold(line.party):
                text += f", as {other.party}: two names of one party"
            yield line.at, "one-row-for-each-party", text
        seen[key] = line
        yield from _line(line)


def _unknown(name: str, roll: Roll) -> str:
    near = get_close_matches(fold(name), roll.names, n=1)
    party = roll.find(near[0]) if near else None
    hint = f"; did you mean {party.name}?" if party else ""
    return f"{name} is no party of this election{hint}"


def _line(line: CountLine) -> Iterator[Broken]:
    if line.independent:
        if line.list_votes is not None:
            text = f"{line.candidate} is independent and has list votes"
            yield line.at, "an-independent-has-no-list", text
        if (line.wards_won or 0) > 1:
            text = f"{line.candidate} won {line.wards_won} wards"
            yield line.at, "one-person-one-ward", text
        if line.seats is not None and line.seats != (line.wards_won or 0):
            text = f"{line.candidate} has {line.seats} seats, won {line.wards_won}"
            yield line.at, "an-independent-has-the-ward-alone", text
    if line.ward_votes is None and line.list_votes is None and not line.wards_won:
        text = f"{line.candidate or line.party} has no figure on either ballot"
        yield line.at, "a-row-says-something", text


def _ballots(count: Count) -> Iterator[Broken]:
    for ballot, valid, cast, spoilt in (
        (
            "ward",
            sum(n.ward_votes or 0 for n in count.lines),
            count.ward_cast,
            count.ward_spoilt,
        ),
        (
            "list",
            sum(n.list_votes or 0 for n in count.lines),
            count.list_cast,
            count.list_spoilt,
        ),
    ):
        if cast is None:
            continue
        if spoilt is None and valid > cast:
            text = f"{valid} valid {ballot} votes, but {ballot}_cast is {cast}"
            yield count.at, "cast-is-valid-and-spoilt", text
        if spoilt is not None and valid + spoilt != cast:
            text = (
                f"{valid} valid {ballot} votes and {spoilt} spoilt make "
                f"{valid + spoilt}, but {ballot}_cast is {cast}"
            )
            yield count.at, "cast-is-valid-and-spoilt", text
    casts = [n for n in (count.ward_cast, count.list_cast) if n is not None]
    if count.voters is None or not casts:
        return
    if count.voters < max(casts):
        # Voters are added up station by station, from the fuller ballot of each.
        text = f"voters is {count.voters}, but one ballot has {max(casts)} papers"
        yield count.at, "every-paper-has-a-voter", text
    if len(casts) == 2 and count.voters > sum(casts):  # noqa: PLR2004
        text = f"voters is {count.voters}, but both ballots have {sum(casts)} papers"
        yield count.at, "every-voter-has-a-paper", text


def _wards(count: Count, facts: CouncilFacts) -> Iterator[Broken]:
    won = sum(line.wards_won or 0 for line in count.lines)
    if won > facts.wards:
        text = f"{won} wards won, but {facts.name} has {facts.wards}"
        yield count.at, "no-more-wards-than-there-are", text


def _seats(count: Count, facts: CouncilFacts) -> Iterator[Broken]:
    given = [line for line in count.lines if line.seats is not None]
    if not given:
        return
    if count.stations_in < facts.stations_total:
        text = "seats are given while stations are still out"
        yield given[0].at, "no-seats-on-a-partial-count", text
    if len(given) < len(count.lines):
        bare = next(line for line in count.lines if line.seats is None)
        text = f"{bare.candidate or bare.party} has no seats given, others have (0?)"
        yield bare.at, "seats-for-all-or-for-none", text
        return
    total = sum(line.seats or 0 for line in given)
    if total != facts.seats:
        text = f"the seats add up to {total}, but {facts.name} has {facts.seats}"
        yield count.at, "seats-fill-the-council", text
    for line in given:
        if (line.wards_won or 0) > (line.seats or 0):
            text = f"{line.party} won {line.wards_won} wards and has {line.seats} seats"
            yield line.at, "a-ward-won-is-a-seat", text


def warnings(count: Count) -> list[str]:
    """Return what is unlikely and yet happens, one sentence each."""
    where = count.place_code
    said = []
    cast = max(count.ward_cast or 0, count.list_cast or 0, count.voters or 0)
    if count.registered is not None and cast > count.registered:
        said.append(f"{where}: {cast} voted, of {count.registered} registered")
    if count.ward_cast and count.list_cast:
        apart = abs(count.ward_cast - count.list_cast)
        if apart * 10 > max(count.ward_cast, count.list_cast):
            said.append(f"{where}: ward and list ballots differ by {apart} papers")
    for ballot, all_cast, spoilt in (
        ("ward", count.ward_cast, count.ward_spoilt),
        ("list", count.list_cast, count.list_spoilt),
    ):
        if all_cast and spoilt and spoilt * 100 > all_cast * MANY_SPOILT:
            said.append(f"{where}: {spoilt} of {all_cast} {ballot} papers are spoilt")
    if count.stations_in and cast == 0 and count.ward_cast is not None:
        said.append(f"{where}: stations are in and nobody voted")
    return said


def council_of(count: Count) -> CouncilFacts:
    """Return a council as its own count describes it, for sums without a set-up."""
    won = sum(line.wards_won or 0 for line in count.lines)
    return CouncilFacts(
        id=0,
        place_code=count.place_code,
        name=count.place_code,
        seats=count.seats_total or 0,
        wards=won if count.wards_total is None else count.wards_total,
        stations_total=count.stations_total or count.stations_in,
    )


def parties_of(counts: Sequence[Count]) -> list[PartyFacts]:
    """Return a party for each name in the counts, for sums without a set-up."""
    names: dict[str, str] = {}
    for count in counts:
        for line in count.lines:
            if not line.independent:
                names.setdefault(fold(line.party), line.party)
    return [
        PartyFacts(at, name, name, "", "")
        for at, name in enumerate(names.values(), start=1)
    ]
