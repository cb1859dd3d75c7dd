"""What is said about a council: headline, sentence, subject, all from one result.

While votes are out nothing here says won, lost, a majority, a turnout or a seat, and no
share stands without "x of y voting districts". After the last district the seats are
our calculation until they are declared, and it says so. A majority of seats is not a
government: the council elects its mayor later. The bar and the table are in chart.py.
"""

from mailer.elections import figures
from mailer.elections.figures import listing, number, word
from mailer.elections.result import CouncilResult, Standing, Status

STATION = "voting district"
STATIONS = "voting districts"
EARLY = 4  # below one part in this of the stations, shares have no decimals


def status_word(result: CouncilResult) -> str:
    """Return how far the count is, for the kicker."""
    if result.is_partial:
        return "counting"
    if result.status is Status.COMPLETE:
        return "all counted, not declared"
    return str(result.status)


def counted(result: CouncilResult) -> str:
    """Return "24 of 61 voting districts"."""
    noun = STATION if result.stations_total == 1 else STATIONS
    return f"{number(result.stations_in)} of {number(result.stations_total)} {noun}"


def majority_holder(result: CouncilResult) -> Standing | None:
    """Return the party with more than half of all seats, or None.

    None also where seats are not known or a tie could still change the answer; half
    is not a majority.
    """
    for standing in result.standings:
        if (standing.seats or 0) >= result.majority and not standing.independent:
            return standing
    return None


def majority_is_open(result: CouncilResult) -> bool:
    """Tell whether an undecided seat could give somebody a majority."""
    if not result.seats_known:
        return True
    return majority_holder(result) is None and any(
        (s.seats or 0) + result.seats_undecided >= result.majority
        for s in result.standings
        if s.name in result.tied
    )


def finding(result: CouncilResult) -> str:
    """Return what there is to say, to stand after "Tamba Valley result:"."""
    if result.is_partial:
        return f"counting, {counted(result)} in"
    holder = majority_holder(result)
    if majority_is_open(result):
        return "all counted, seats not settled"
    if holder is None:
        return "no party has a majority"
    return f"{holder.name} {_hold(result, holder)}"


def headline(result: CouncilResult) -> str:
    """Return the headline of the mail and of its page."""
    place = result.council
    if result.is_partial:
        return f"Counting in {place}: {counted(result)} in"
    if majority_is_open(result):
        return f"All votes are counted in {place}, but its seats are not settled"
    holder = majority_holder(result)
    if holder is None:
        said = f"no party has a majority in {place}"
    else:
        said = f"{holder.name} {_hold(result, holder)} in {place}"
    if result.is_final:
        return said[:1].upper() + said[1:]
    return f"Full count: {said}"


def _hold(result: CouncilResult, holder: Standing) -> str:
    if not result.is_final or not result.previous_election:
        return "has a majority"
    if result.control_before == holder.name:
        return "keeps its majority"
    if not result.control_before:
        return "gains a majority"
    return f"takes the majority from {result.control_before}"


def subject(result: CouncilResult) -> str:
    """Return the subject. A correction says so before anything else."""
    if result.is_partial:
        said = f"{result.council}: {counted(result)} counted"
    else:
        final = "result" if result.is_final else "full count"
        said = f"{result.council} {final}: {finding(result)}"
    return f"Correction: {said}" if result.corrects is not None else said


def preheader(result: CouncilResult) -> str:
    """Return what completes the subject in the list of mails."""
    if result.is_partial:
        return sentence(result)
    if not result.seats_known:
        return " ".join(result.undecided) or sentence(result)
    return f"{_figures_of_seats(result, 3)}. {progress(result)}"


def progress(result: CouncilResult) -> str:
    """Return how much is counted: "All 61 voting districts counted."."""
    if result.stations_in == result.stations_total > 1:
        return f"All {number(result.stations_total)} {STATIONS} counted."
    return f"{counted(result)} counted."


def sentence(result: CouncilResult) -> str:
    """Return the sentence or two under the headline."""
    if result.is_partial:
        return _partial(result)
    tail = "" if result.is_final else " The result is not declared yet."
    if not result.seats_known:
        return f"The seats cannot be worked out yet.{tail}"
    largest = _largest(result)
    seats = largest[0].seats or 0
    total = f"{seats} of {figures.count(result.seats_total, 'seat')}"
    ours = "" if result.seats_official else ", by our own calculation"
    if majority_holder(result) is not None:
        spare = seats - result.majority
        more = (
            "exactly the number it needs"
            if spare == 0
            else f"{word(spare)} more than the {result.majority} it needs"
        )
        said = f"{largest[0].name} has {total}, {more}{ours}."
        return said + _before(result, largest[0]) + tail
    short = result.majority - seats
    names = [s.name for s in largest]
    if len(names) > 1:
        said = (
            f"{listing(names)} have {total} each; {result.majority} make a "
            f"majority{ours}."
        )
    else:
        noun = "one short" if short == 1 else f"{word(short)} short"
        who = (
            "has the most seats,"
            if largest[0].independent
            else "is the largest party with"
        )
        said = f"{names[0]} {who} {total}, {noun} of a majority of {result.majority}"
        said += f"{ours}."
    if result.seats_undecided:
        hang = figures.count(result.seats_undecided, "seat")
        verb = "is" if result.seats_undecided == 1 else "are"
        said += f" {hang[0].upper()}{hang[1:]} {verb} not decided."
    return said + _before(result, None) + tail


def _before(result: CouncilResult, holder: Standing | None) -> str:
    """Return who had a majority before, where that is over."""
    if not result.is_final or not result.control_before:
        return ""
    if holder is not None and holder.name == result.control_before:
        return ""
    return f" {result.control_before} had a majority until now."


def _partial(result: CouncilResult) -> str:
    parties = sorted(
        (s for s in result.standings if not s.independent), key=lambda s: -s.votes
    )
    if not parties or not parties[0].votes:
        return f"No votes are reported yet from {counted(result)}."
    first, *rest = parties
    level = [s.name for s in parties if s.votes == first.votes]
    if len(level) > 1:
        said = f"{listing(level)} have the same number of votes"
    elif rest and rest[0].votes:
        said = (
            f"{first.name} has {so_far(result, first)} of the party votes, ahead of "
            f"{rest[0].name} with {so_far(result, rest[0])},"
        )
    else:
        said = f"{first.name} has all the party votes"
    return f"{said} in {counted(result)}. The order can still change."


def so_far(result: CouncilResult, standing: Standing) -> str:
    """Return a party's share of the votes counted so far."""
    early = result.stations_in * EARLY < result.stations_total
    write = figures.whole_share if early else figures.share
    return write(standing.votes, result.party_votes)


def _largest(result: CouncilResult) -> list[Standing]:
    most = max(s.seats or 0 for s in result.standings)
    return [s for s in result.standings if s.seats == most]


def as_at_line(
    result: CouncilResult, *, time_zone: str = "UTC", zone_name: str = ""
) -> str:
    """Return how much was counted, when, in the paper's own time."""
    at = figures.moment(result.as_at, time_zone=time_zone, zone_name=zone_name)
    if result.is_partial:
        return f"Counted: {counted(result)}, as at {at}."
    state = {
        Status.COMPLETE: "Not declared yet. ",
        Status.DECLARED: "Declared. ",
        Status.CORRECTED: "Corrected. ",
    }[result.status]
    every = "All " if result.stations_in == result.stations_total > 1 else ""
    return f"{state}{every}{counted(result)} counted, as at {at}."


def source_line(result: CouncilResult) -> str:
    """Return where votes and seats come from."""
    said = f"Source: {result.source}." if result.source else "Source: not named."
    if not result.seats_known:
        return said
    if not result.seats_official:
        return f"{said} Seats: our own calculation."
    if result.seats_agree is None:
        return f"{said} Seats: the same."
    agree = "gives the same" if result.seats_agree else "differs"
    return f"{said} Seats: the same; our own calculation {agree}."


def turnout(result: CouncilResult) -> str:
    """Return the turnout, or "" while it would mislead or cannot be known."""
    if result.is_partial or result.registered is None or result.cast is None:
        return ""
    now = figures.tenths(result.cast, result.registered)
    if now is None:
        return ""
    said = (
        f"{now // 10}.{now % 10}%: {number(result.cast)} of "
        f"{number(result.registered)} registered voters."
    )
    before = result.turnout_before_tenths
    if before is None or not result.previous_election:
        return said
    then = f"In {result.previous_election} it was {before // 10}.{before % 10}%"
    if now == before:
        return f"{said} {then} as well."
    way = "higher" if now > before else "lower"
    return f"{said} {then}, so {figures.points(now - before)} {way}."


def since_before(result: CouncilResult) -> str:
    """Return what became of the majority of before, or "" where nothing may be said."""
    if not result.is_final or not result.control_before or not result.seats_known:
        return ""
    old = next((s for s in result.standings if s.name == result.control_before), None)
    if old is None or old.seats is None or old.seats_before is None:
        return ""
    had = f"{old.name} had {figures.count(old.seats_before, 'seat')} and a majority."
    lost = old.seats_before - old.seats
    if lost <= 0 or majority_holder(result) is old:
        now = figures.count(old.seats, "seat")
        return f"{had} It has {now} now and keeps it." if lost else ""
    seats = "one seat" if lost == 1 else f"{word(lost)} seats"
    return f"{had} It has lost {seats} and its majority."


def correction(result: CouncilResult, *, time_zone: str, zone_name: str = "") -> str:
    """Return the sentence that opens a correction, or ""."""
    if result.corrects is None or result.corrects_as_at is None:
        return ""
    old = figures.moment(
        result.corrects_as_at, time_zone=time_zone, zone_name=zone_name
    )
    changed = " ".join(result.what_changed)
    return f"This corrects what we reported as at {old}. {changed}".rstrip()


def alt(result: CouncilResult) -> str:
    """Return the bar in words, for those who cannot see it."""
    if result.is_partial or not result.seats_known:
        shares = [
            f"{s.name} {so_far(result, s)}"
            for s in sorted(result.standings, key=lambda s: -s.votes)[:4]
            if s.votes and not s.independent
        ]
        said = ", ".join(shares) or "no votes reported yet"
        return f"{result.council}, {counted(result)} counted: {said}"
    total = figures.count(result.seats_total, "seat")
    return (
        f"{result.council}, {total}, {result.majority} for a majority: "
        f"{_figures_of_seats(result, 4)}"
    )


def _figures_of_seats(result: CouncilResult, most: int) -> str:
    seated = [s for s in result.standings if s.seats]
    named = [f"{s.name} {s.seats}" for s in seated[:most]]
    others = sum(s.seats or 0 for s in seated[most:])
    if others:
        named.append(f"others {others}")
    if result.seats_undecided:
        named.append(f"not decided {result.seats_undecided}")
    return ", ".join(named) or "no seats filled yet"
