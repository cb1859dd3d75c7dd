"""Today: what goes out, what is in the way. Newsletters: their next slots."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mailer.audience import queries as audience
from mailer.delivery import queries as delivery
from mailer.desk import board
from mailer.editions import queries as editions
from mailer.kernel.clock import utc_now

SLOTS_SHOWN = 10


@login_required
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """GET /desk."""
    now = utc_now()
    values = {
        "now": now,
        "here": "today",
        "board": board.of_today(now=now),
        "pause": delivery.pause(),
    }
    return render(request, "desk/today.html", values)


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
