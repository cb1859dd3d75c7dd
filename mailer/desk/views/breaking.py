"""Breaking news: write, check, ten seconds to undo, then the run."""

import math
import secrets
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from mailer.audience import queries as audience
from mailer.delivery import operations as delivery
from mailer.desk import board
from mailer.desk.draft import (
    Draft,
    faults_of,
    hindrances,
    number_asked,
    read_draft,
    rendered,
    said_before,
    typed_number,
    warnings,
)
from mailer.desk.people import name_of
from mailer.desk.views import live
from mailer.editions import operations as editions
from mailer.editions import queries
from mailer.editions.view import EditionView
from mailer.kernel.clock import utc_now
from mailer.rendering import framed


@login_required
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest) -> HttpResponseBase:
    """GET /desk/b/new?story=<id>, then POST with step: write, check, send."""
    typed = request.POST if request.method == "POST" else request.GET
    draft = read_draft(typed.dict(), new_key=secrets.token_urlsafe(16))
    step = request.POST.get("step", "write")
    if draft.story is None or draft.newsletter is None or step == "write":
        return _write_page(request, draft, {})
    if faults := faults_of(draft):
        return _write_page(request, draft, faults)
    if step == "send":
        return _send(request, draft)
    return _check_page(request, draft, {})


@login_required
@require_safe
@csp_replace(framed.POLICY)
def preview(request: HttpRequest) -> HttpResponse:
    """GET /desk/b/preview?…: the mail of a draft, for a frame."""
    mail = rendered(read_draft(request.GET.dict(), new_key="-"), now=utc_now())
    if mail is None:
        raise Http404
    body = framed.for_everyone(mail.html, unsubscribe="#", preferences="#", browser="#")
    return HttpResponse(body)


@login_required
@require_safe
def hold(request: HttpRequest, edition_id: int) -> HttpResponseBase:
    """GET /desk/b/<id>: the hold, with Undo; then on to its run."""
    edition = _edition(edition_id)
    values = _held(edition)
    if values["gone"] and edition.run_id:
        return redirect("desk:run", edition.run_id)
    return render(request, "desk/hold.html", values)


@login_required
@require_safe
def left(request: HttpRequest, edition_id: int) -> HttpResponse:
    """GET /desk/b/<id>/left: the seconds, while somebody watches; then on."""
    values = _held(_edition(edition_id))
    answer = live.part(request, "desk/left.html", values)
    if request.GET.get("seen") != values["mark"]:
        answer["HX-Redirect"] = reverse("desk:hold", args=[edition_id])
    return answer


@login_required
@require_POST
def undo(request: HttpRequest, edition_id: int) -> HttpResponseBase:
    """POST /desk/b/<id>/undo: it leaves or it does not, and the page says which."""
    if delivery.undo(edition_id=edition_id, by=name_of(request), now=utc_now()):
        messages.success(request, "Undone. Nobody got it.")
        return redirect("desk:today")
    messages.error(request, "Too late to undo: it is leaving. You can stop it.")
    return redirect("desk:hold", edition_id)


def _edition(edition_id: int) -> EditionView:
    try:
        return queries.edition(edition_id)
    except queries.NoSuchEdition as missing:
        raise Http404(str(missing)) from missing


def _held(edition: EditionView) -> dict[str, Any]:
    """Return what the hold shows; mark changes with what can be done."""
    now = utc_now()
    seconds = max(0, math.ceil((edition.release_at - now).total_seconds()))
    gone = not seconds
    return {
        "now": now,
        "here": "today",
        "edition": edition,
        "seconds": seconds,
        "gone": gone,
        "people": board.row_of(edition).people,
        "mark": f"{edition.state}-{bool(edition.blocked)}-{gone and edition.run_id}",
    }


def _send(request: HttpRequest, draft: Draft) -> HttpResponseBase:
    assert draft.story is not None  # noqa: S101  `write` looked
    assert draft.newsletter is not None  # noqa: S101
    try:
        edition_id = editions.break_story(
            story_id=draft.story.id,
            newsletter_id=draft.newsletter.id,
            headline=draft.headline,
            line=draft.line,
            place_code=draft.place_code,
            typed_count=typed_number(request.POST.get("number", "")),
            key=draft.key,
            update=draft.is_update,
            by=name_of(request),
            now=utc_now(),
        )
    except editions.Refused as refusal:
        at = "number" if number_asked(draft.people) else ""
        at = "update" if said_before(draft, now=utc_now()) else at
        return _check_page(request, draft, {at: str(refusal)})
    return redirect("desk:hold", edition_id)


def _write_page(
    request: HttpRequest, draft: Draft, faults: dict[str, str]
) -> HttpResponse:
    values = {
        "now": utc_now(),
        "here": "stories",
        "draft": draft,
        "places": audience.places(),
        "faults": faults,
    }
    return render(request, "desk/break.html", values, status=400 if faults else 200)


def _check_page(
    request: HttpRequest, draft: Draft, faults: dict[str, str]
) -> HttpResponse:
    now, people = utc_now(), draft.people
    values = {
        "now": now,
        "here": "stories",
        "draft": draft,
        "people": people,
        "place": audience.place(draft.place_code) if draft.place_code else None,
        "hindrances": hindrances(draft, people=people, now=now),
        "warnings": warnings(draft, now=now),
        "number_asked": number_asked(people),
        "said_before": said_before(draft, now=now),
        "hold": settings.BREAKING_HOLD_SECONDS,
        "faults": faults,
    }
    status = 400 if faults else 200
    return render(request, "desk/break_check.html", values, status=status)
