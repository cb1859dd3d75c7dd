"""One edition: make it right, see it as its readers will, approve it."""

from collections.abc import Callable, Iterable
from typing import Any

from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from mailer.audience import queries as audience
from mailer.delivery import operations as delivery
from mailer.desk import board, findings
from mailer.desk.people import name_of
from mailer.editions import operations as editions
from mailer.editions import queries
from mailer.editions.states import NotNow
from mailer.kernel.clock import utc_now
from mailer.kernel.figures import people
from mailer.rendering import framed
from mailer.rendering import operations as rendering
from mailer.rendering.variant import Variant


@login_required
@require_safe
def edition(request: HttpRequest, edition_id: int) -> HttpResponse:
    """GET /desk/e/<id>: its stories in order, its words, its look."""
    return render(request, "desk/edition.html", _whole(edition_id))


@login_required
@require_safe
def check(request: HttpRequest, edition_id: int) -> HttpResponse:
    """GET /desk/e/<id>/check: see it once more, then approve."""
    return render(request, "desk/check.html", _whole(edition_id))


@login_required
@require_safe
def look(request: HttpRequest, edition_id: int) -> HttpResponse:
    """GET /desk/e/<id>/look?as=phone|desktop|text&n=<variant>: one variant, alone."""
    values = _whole(edition_id)
    said = request.GET.get("n", "1")
    shown = request.GET.get("as", "")
    variant = _of_number(values["variants"], int(said) if said.isdecimal() else 1)
    values |= {
        "variant": variant,
        "look": shown if shown in LOOKS else "phone",
        "looks": LOOKS,
        "text": _for_everyone(variant.text),
    }
    return render(request, "desk/look.html", values)


@login_required
@require_safe
@csp_replace(framed.POLICY)  # type: ignore[arg-type]  # it types views without a path
def mail(_request: HttpRequest, edition_id: int, number: int) -> HttpResponse:
    """GET /desk/e/<id>/mail/<n>: the stored HTML of one variant, for a frame."""
    return HttpResponse(_for_everyone(_variant(edition_id, number).html))


@login_required
@require_safe
def text(_request: HttpRequest, edition_id: int, number: int) -> HttpResponse:
    """GET /desk/e/<id>/text/<n>: the stored text part of one variant."""
    body = _for_everyone(_variant(edition_id, number).text)
    return HttpResponse(body, content_type="text/plain; charset=utf-8")


@login_required
@require_POST
def act(request: HttpRequest, edition_id: int, verb: str) -> HttpResponseBase:
    """POST /desk/e/<id>/do/<verb>. A refusal says why and changes nothing."""
    does = VERBS.get(verb)
    if does is None:
        raise Http404
    try:
        said = does(request, edition_id, name_of(request))
    except queries.NoSuchEdition as missing:
        raise Http404(str(missing)) from missing
    except (
        NotNow,
        editions.ChangedSince,
        editions.Refused,
        delivery.NotStaff,
    ) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    if request.POST.get("back") == "check":
        return redirect("desk:check", edition_id)
    # Back to the story that was acted on: it keeps its place in sight, and the focus.
    story = request.POST.get("story", "") if verb in {"move", "rewrite"} else ""
    anchor = f"#story-{story}" if story.isdecimal() else ""
    return redirect(reverse("desk:edition", args=[edition_id]) + anchor)


def _approve(request: HttpRequest, edition_id: int, by: str) -> str:
    seen = request.POST.get("hash", "")
    editions.approve(edition_id=edition_id, seen_hash=seen, by=by, now=utc_now())
    return "Approved. It leaves at its time; you can take it back until then."


def _send_back(_request: HttpRequest, edition_id: int, by: str) -> str:
    editions.unapprove(edition_id=edition_id, by=by, now=utc_now())
    return "The approval is taken back. Nothing leaves until somebody approves again."


def _drop(request: HttpRequest, edition_id: int, by: str) -> str:
    editions.drop_story(
        edition_id=edition_id,
        story_id=_number(request, "story"),
        seen_hash=request.POST.get("seen", ""),
        by=by,
        now=utc_now(),
    )
    return "Dropped. The story is free for the next edition."


def _move(request: HttpRequest, edition_id: int, by: str) -> str:
    place = editions.move_item(
        edition_id=edition_id,
        story_id=_number(request, "story"),
        to=_number(request, "to"),
        seen_hash=request.POST.get("seen", ""),
        by=by,
        now=utc_now(),
    )
    return f"Moved to place {place}."


def _rewrite(request: HttpRequest, edition_id: int, by: str) -> str:
    editions.rewrite(
        edition_id=edition_id,
        story_id=_number(request, "story"),
        title=request.POST.get("title", ""),
        standfirst=request.POST.get("standfirst", ""),
        seen_hash=request.POST.get("seen", ""),
        by=by,
        now=utc_now(),
    )
    return "Saved, for this mail only."


def _say(request: HttpRequest, edition_id: int, by: str) -> str:
    editions.set_words(
        edition_id=edition_id,
        subject=request.POST.get("subject", ""),
        preheader=request.POST.get("preheader", ""),
        note=request.POST.get("note", ""),
        note_by=request.POST.get("note_by", ""),
        seen_hash=request.POST.get("seen", ""),
        by=by,
        now=utc_now(),
    )
    return "Saved."


def _skip(request: HttpRequest, edition_id: int, by: str) -> str:
    reason = request.POST.get("reason", "").strip()
    editions.skip(edition_id=edition_id, reason=reason, by=by, now=utc_now())
    return "Skipped. Nobody gets this edition."


def _unskip(_request: HttpRequest, edition_id: int, by: str) -> str:
    editions.unskip(edition_id=edition_id, by=by, now=utc_now())
    return "It is back. It waits for approval."


def _test(_request: HttpRequest, edition_id: int, _by: str) -> str:
    staff = [person.id for person in audience.staff()]
    delivery.send_test(edition_id=edition_id, subscriber_ids=staff, now=utc_now())
    return f"A test, marked TEST, is on its way to {people(len(staff))} of the staff."


LOOKS = {"phone": "Phone", "desktop": "Desktop", "text": "Text"}
VERBS: dict[str, Callable[[HttpRequest, int, str], str]] = {
    "approve": _approve,
    "unapprove": _send_back,
    "drop": _drop,
    "move": _move,
    "rewrite": _rewrite,
    "words": _say,
    "skip": _skip,
    "unskip": _unskip,
    "test": _test,
}


def _whole(edition_id: int) -> dict[str, Any]:
    """Return what the pages of an edition show."""
    now = utc_now()
    try:
        view = queries.edition(edition_id)
    except queries.NoSuchEdition as missing:
        raise Http404(str(missing)) from missing
    variants = rendering.render(edition_id=edition_id, now=now)
    content = queries.content(edition_id=edition_id)
    found = [finding for variant in variants for finding in variant.findings]
    return {
        "now": now,
        "here": "today",
        "row": board.row_of(view),
        "edition": queries.edition(edition_id),  # rendering may have blocked it
        "content": content,
        "variants": variants,
        "findings": list(dict.fromkeys(found)),
        "found": findings.by_place(found, content),
        "anchor": findings.anchor_of,
        "staff": len(audience.staff()),
        "history": queries.history(edition_id),
    }


def _variant(edition_id: int, number: int) -> Variant:
    try:
        variants = rendering.render(edition_id=edition_id, now=utc_now())
    except queries.NoSuchEdition as missing:
        raise Http404(str(missing)) from missing
    return _of_number(variants, number)


def _of_number(variants: Iterable[Variant], number: int) -> Variant:
    for variant in variants:
        if variant.number == number:
            return variant
    raise Http404(f"This edition has no variant {number}.")


def _for_everyone(body: str) -> str:
    return framed.for_everyone(body, unsubscribe="#", preferences="#", browser="#")


def _number(request: HttpRequest, field: str) -> int:
    said = request.POST.get(field, "")
    if not said.isdigit():
        raise editions.Refused("Say which place, as a whole number.")
    return int(said)
