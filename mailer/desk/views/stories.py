"""Stories: what came in, newest first, each one press away from an alert."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mailer.kernel.clock import utc_now
from mailer.sources import queries as sources

PAGE = 50


@login_required
@require_safe
def stories(request: HttpRequest) -> HttpResponse:
    """GET /desk/stories?q=words."""
    search = request.GET.get("q", "").strip()[:200]
    found = sources.recent(limit=PAGE, search=search)
    values = {"now": utc_now(), "here": "stories", "stories": found, "search": search}
    return render(request, "desk/stories.html", values | {"page": PAGE})
