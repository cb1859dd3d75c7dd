"""Results: `/e/<election>` and `/e/<election>/<place>`, each from one object."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mailer.audience import queries as audience
from mailer.elections import chart, queries, words
from mailer.elections.result import CouncilResult, Status

CHIPS = {
    Status.PARTIAL: ("Counting", "moving"),
    Status.COMPLETE: ("All counted, not declared", ""),
    Status.DECLARED: ("Declared", "good"),
    Status.CORRECTED: ("Corrected", "warn"),
}
for_a_moment = cache_control(public=True, max_age=20)  # an election night's crowd


@require_safe
@for_a_moment
def election(request: HttpRequest, election: str) -> HttpResponse:
    """GET /e/<election>: every council, and what is known of it."""
    found = next((e for e in queries.elections() if e.code == election), None)
    if found is None:
        raise Http404("no such election")
    councils = [
        {
            "name": council.name,
            "href": reverse("public:result", args=[election, council.place_code]),
            "finding": words.finding(council.result) if council.result else "",
            "chip": CHIPS[council.result.status] if council.result else None,
        }
        for council in queries.councils(election)
    ]
    page = {"election": found, "councils": councils}
    return render(request, "public/election.html", page)


@require_safe
@for_a_moment
def result(request: HttpRequest, election: str, place: str) -> HttpResponse:
    """GET /e/<election>/<place>: finding, bar, table and what could still change."""
    found = queries.latest(place, election_code=election)
    if found is None:
        raise Http404("no result of this place")
    return render(request, "public/result.html", _page(found))


def _page(found: CouncilResult) -> dict[str, object]:
    zone = {
        "time_zone": settings.BRAND.time_zone,
        "zone_name": settings.BRAND.time_zone_name,
    }
    chip = CHIPS[found.status]
    by_place = [n for n in audience.newsletters() if n.by_place]
    return {
        "result": found,
        "headline": words.headline(found),
        "sentence": words.sentence(found),
        "as_at": words.as_at_line(found, **zone).removeprefix(f"{chip[0]}. "),
        "correction": words.correction(found, **zone),
        "since_before": words.since_before(found),
        "turnout": words.turnout(found),
        "source": words.source_line(found),
        "bar": _drawn(chart.bar(found)),
        "table": chart.table(found),
        "chip": chip,
        "sign_up_for": by_place[0] if by_place else None,
        "wide": True,
    }


def _drawn(bar: chart.Bar) -> dict[str, object]:
    """Return the bar with the place of each piece, in percent."""
    start, pieces = 0, []
    for piece in bar.segments:
        pieces.append({"x": start, "middle": start + piece.percent / 2, "of": piece})
        start += piece.percent
    return {"pieces": pieces, "bar": bar}
