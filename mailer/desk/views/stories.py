"""Stories: what came in, newest first, each one press away from an alert."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mailer.kernel.clock import utc_now
from mailer.sources import queries as sources

PAGE = 50
MOST = 500


@login_required
@require_safe
def stories(request: HttpRequest) -> HttpResponse:
    """GET /desk/stories?q=words&n=100."""
    search = request.GET.get("q", "").strip()[:200]
    asked = request.GET.get("n", "")
    number = min(max(PAGE, int(asked)), MOST) if asked.isdecimal() else PAGE
    found = sources.recent(limit=number + 1, search=search)
    is_more = len(found) > number and number < MOST
    values = {
        "now": utc_now(),
        "here": "stories",
        "stories": found[:number],
        "search": search,
        "more": min(number + PAGE, MOST) if is_more else 0,
    }
    return render(request, "desk/stories.html", values)
