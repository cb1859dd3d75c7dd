"""What other rooms may read of elections: frozen values, never rows."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from mailer.elections.count import CouncilFacts, PartyFacts, Roll
from mailer.elections.models import Council, Election, Party, Result, Snapshot
from mailer.elections.order import HELD
from mailer.elections.result import CouncilResult, thaw
from mailer.elections.tally import ElectionFacts


@dataclass(frozen=True, slots=True)
class ElectionView:
    """An election and how far it is."""

    code: str
    name: str
    polls_close_at: datetime | None
    councils: int
    with_results: int
    complete: int


@dataclass(frozen=True, slots=True)
class CouncilView:
    """A council, and its newest result if there is one."""

    place_code: str
    name: str
    seats: int
    wards: int
    stations_total: int
    result: CouncilResult | None


@dataclass(frozen=True, slots=True)
class HeldView:
    """A count that was kept and not shown, with the reason."""

    snapshot_id: int
    council: str
    place_code: str
    source: str
    as_at: datetime
    taken_at: datetime
    standing: str
    reason: str


def result(result_id: int) -> CouncilResult | None:
    """Return a result exactly as it was said, or None."""
    row = Result.objects.filter(pk=result_id).first()
    return _thawed(row) if row else None


def results_after(*, id: int, limit: int = 500) -> list[CouncilResult]:  # noqa: A002
    """Return results with a larger id, oldest first.

    Ids are given before a commit: whoever must not miss one compares with what it has
    used, as editions do, and does not keep a cursor.
    """
    rows = Result.objects.filter(pk__gt=id).order_by("pk")[:limit]
    return [_thawed(row) for row in rows]


def latest(place_code: str, *, election_code: str = "") -> CouncilResult | None:
    """Return a place's newest result, or None."""
    rows = Result.objects.filter(council__place_code=place_code)
    if election_code:
        rows = rows.filter(council__election__code=election_code)
    row = rows.order_by("-pk").first()
    return _thawed(row) if row else None


def latest_results(*, election_code: str = "") -> list[CouncilResult]:
    """Return the newest result of every council, by name of the council."""
    rows = Result.objects.all()
    if election_code:
        rows = rows.filter(council__election__code=election_code)
    newest = rows.values("council").annotate(newest=Max("pk")).values("newest")
    found = Result.objects.filter(pk__in=newest).order_by("council__name", "pk")
    return [_thawed(row) for row in found]


def history(place_code: str, *, election_code: str = "") -> list[CouncilResult]:
    """Return every result of a place, newest first."""
    rows = Result.objects.filter(council__place_code=place_code)
    if election_code:
        rows = rows.filter(council__election__code=election_code)
    return [_thawed(row) for row in rows.order_by("-pk")]


def elections() -> list[ElectionView]:
    """Return every election, the newest set up first."""
    return [_election_view(e) for e in Election.objects.order_by("-pk")]


def councils(election_code: str) -> list[CouncilView]:
    """Return the councils of an election by name, each with its newest result."""
    newest = {r.place_code: r for r in latest_results(election_code=election_code)}
    rows = Council.objects.filter(election__code=election_code).order_by("name")
    return [
        CouncilView(
            c.place_code,
            c.name,
            c.seats,
            c.wards,
            c.stations_total,
            newest.get(c.place_code),
        )
        for c in rows
    ]


def held(*, limit: int = 50) -> list[HeldView]:
    """Return counts that were held back, newest first, for the desk."""
    rows = Snapshot.objects.filter(standing__in=HELD).select_related("council")
    return [
        HeldView(
            s.pk,
            s.council.name,
            s.council.place_code,
            s.source,
            s.as_at,
            s.taken_at,
            s.standing,
            s.reason,
        )
        for s in rows.order_by("-pk")[:limit]
    ]


def roll(election: Election) -> Roll:
    """Return the parties of an election. Within this room."""
    rows = Party.objects.filter(election=election).prefetch_related("names")
    return Roll(
        PartyFacts(
            p.pk,
            p.name,
            p.short,
            p.colour,
            p.colour_dark,
            frozenset(n.folded for n in p.names.all()),
        )
        for p in rows.order_by("pk")
    )


def facts(row: Council) -> CouncilFacts:
    """Return a council as it was set up. Within this room."""
    before = {b.party_id or 0: b.seats for b in row.before.all()}
    return CouncilFacts(
        row.pk,
        row.place_code,
        row.name,
        row.seats,
        row.wards,
        row.stations_total,
        before or None,
        row.turnout_before_tenths,
    )


def election_facts(row: Election) -> ElectionFacts:
    """Return an election as it was set up. Within this room."""
    return ElectionFacts(
        row.code, row.name, row.source, row.previous, row.polls_close_at
    )


def _election_view(row: Election) -> ElectionView:
    newest = latest_results(election_code=row.code)
    return ElectionView(
        row.code,
        row.name,
        row.polls_close_at,
        Council.objects.filter(election=row).count(),
        len(newest),
        sum(not r.is_partial for r in newest),
    )


def _thawed(row: Result) -> CouncilResult:
    return thaw(row.frozen, result_id=row.pk)
