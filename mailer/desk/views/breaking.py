"""Breaking news: write, check, ten seconds to undo, then the run."""

import secrets

from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from mailer.audience import queries as audience
from mailer.delivery import operations as delivery
from mailer.desk.draft import (
    Draft,
    faults_of,
    hindrances,
    number_asked,
    read_draft,
    rendered,
    typed_number,
    warnings,
)
from mailer.desk.people import name_of
from mailer.editions import operations as editions
from mailer.editions import queries
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
    try:
        edition = queries.edition(edition_id)
    except queries.NoSuchEdition as missing:
        raise Http404(str(missing)) from missing
    now = utc_now()
    if edition.run_id and now >= edition.release_at:
        return redirect("desk:run", edition.run_id)
    seconds = max(0, round((edition.release_at - now).total_seconds()))
    values = {"now": now, "here": "today", "edition": edition, "seconds": seconds}
    response = render(request, "desk/hold.html", values)
    if edition.is_unsent or edition.run_id:
        response["Refresh"] = "1"  # the countdown; works without a script
    return response


@login_required
@require_POST
def undo(request: HttpRequest, edition_id: int) -> HttpResponseBase:
    """POST /desk/b/<id>/undo: it leaves or it does not, and the page says which."""
    if delivery.undo(edition_id=edition_id, by=name_of(request), now=utc_now()):
        messages.success(request, "Undone. Nobody got it.")
        return redirect("desk:today")
    messages.error(request, "Too late to undo: it is leaving. You can stop it.")
    return redirect("desk:hold", edition_id)


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
        return _check_page(request, draft, {"number": str(refusal)})
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
        "faults": faults,
    }
    status = 400 if faults else 200
    return render(request, "desk/break_check.html", values, status=status)
