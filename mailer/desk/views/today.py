"""Today: what goes out, what is in the way. Newsletters: their next slots."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mailer.audience import queries as audience
from mailer.delivery import queries as delivery
from mailer.desk import board
from mailer.desk.views import live
from mailer.editions import queries as editions
from mailer.kernel.clock import utc_now

SLOTS_SHOWN = 10
MOST_RUNS = 1_000


@login_required
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """GET /desk."""
    return render(request, "desk/today.html", _day())


@login_required
@require_safe
def board_part(request: HttpRequest) -> HttpResponse:
    """GET /desk/board: the part of Today that lives."""
    values = _day()
    return live.part(request, "desk/board.html", values, seen=str(values["mark"]))


@login_required
@require_safe
def bar(request: HttpRequest) -> HttpResponse:
    """GET /desk/bar?runs=7,8: how far some runs are, together."""
    said = request.GET.get("runs", "").split(",")[:MOST_RUNS]
    if not all(part.isdecimal() for part in said):
        raise Http404
    runs = delivery.progress_of([int(part) for part in said]).values()
    values = {
        "settled": sum(run.audience - run.left - run.in_flight for run in runs),
        "people": sum(run.audience for run in runs),
    }
    return live.part(request, "desk/bar.html", values)


@login_required
@require_safe
def newsletters(request: HttpRequest) -> HttpResponse:
    """GET /desk/newsletters."""
    now = utc_now()
    rows = [
        {
            "newsletter": newsletter,
            "recipe": editions.recipe(newsletter.id),
            "people": audience.count_reach(newsletter_id=newsletter.id),
            "slots": editions.next_slots(newsletter.id, SLOTS_SHOWN, now),
        }
        for newsletter in audience.newsletters()
    ]
    values = {"now": now, "here": "newsletters", "rows": rows}
    return render(request, "desk/newsletters.html", values)


def _day() -> dict[str, object]:
    now = utc_now()
    day, pause = board.of_today(now=now), delivery.pause()
    mark = f"{day.mark}{'p' if pause else ''}"
    return {"now": now, "here": "today", "board": day, "pause": pause, "mark": mark}
