"""A run: the truth from the ledger while it sends, and after. Pause, resume, stop."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from mailer.audience import queries as audience
from mailer.delivery import operations as delivery
from mailer.delivery import queries
from mailer.desk.people import name_of
from mailer.desk.views import live
from mailer.editions import queries as editions
from mailer.kernel.clock import utc_now
from mailer.kernel.figures import grouped, people


@login_required
@require_safe
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """GET /desk/r/<id>."""
    return render(request, "desk/run.html", _values(run_id))


@login_required
@require_safe
def sums(request: HttpRequest, run_id: int) -> HttpResponse:
    """GET /desk/r/<id>/sums: the part of the page that lives.

    Where the run can be stopped or resumed no more as the page says, it is drawn again.
    """
    values = _values(run_id)
    answer = live.part(request, "desk/sums.html", values)
    if request.GET.get("seen") != values["mark"]:
        answer["HX-Refresh"] = "true"
    return answer


@login_required
@require_POST
def act(request: HttpRequest, run_id: int, verb: str) -> HttpResponseBase:
    """POST /desk/r/<id>/do/<verb>: pause, resume, stop."""
    if verb not in {"pause", "resume", "stop"}:
        raise Http404
    try:
        said = _do(verb, run_id, by=name_of(request), reason=_reason(request))
    except delivery.NoSuchRun as missing:
        raise Http404(str(missing)) from missing
    except delivery.NotNow as refusal:
        messages.error(request, str(refusal))
    else:
        messages.info(request, said)
    return redirect("desk:run", run_id)


def _do(verb: str, run_id: int, *, by: str, reason: str) -> str:
    now = utc_now()
    if verb == "pause":
        delivery.pause(run_id=run_id, by=by, now=now)
        return "Nothing more leaves until somebody resumes."
    if verb == "resume":
        delivery.resume(run_id=run_id, by=by, now=now)
        return "Resumed."
    end = delivery.stop(run_id=run_id, by=by, reason=reason, now=now)
    return (
        f"Stopped for good. {people(end.left)} will not get it; "
        f"{grouped(end.gone)} have it or may have it."
    )


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:200] or "stopped by an editor"


def _values(run_id: int) -> dict[str, Any]:
    try:
        progress = queries.progress(run_id)
    except queries.UnknownRun as missing:
        raise Http404(str(missing)) from missing
    edition = editions.edition(progress.edition_id) if progress.edition_id else None
    place = audience.place(edition.place_code) if edition else None
    pause = queries.pause()
    return {
        "now": utc_now(),
        "here": "today",
        "progress": progress,
        "edition": edition,
        "place": place.name if place else "",
        "pause": pause,
        "mark": f"{progress.state}{'-p' if pause else ''}",
    }
