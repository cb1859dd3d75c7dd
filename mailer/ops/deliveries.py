"""Who got it: the deliveries of a run, and the mails of one person. Nothing acts here.

An address is asked for in a form that is posted, and found people go by their number:
no address stands in any URL, log or history of a browser. Pages show addresses covered.
"""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from mailer.audience import queries as audience
from mailer.audience.address import masked
from mailer.delivery import history, queries
from mailer.delivery.ledger import State
from mailer.delivery.progress import Progress
from mailer.kernel.clock import utc_now

WORDS = {
    State.DUE: "Left",
    State.IN_FLIGHT: "On the wire",
    State.ACCEPTED: "Accepted",
    State.REFUSED: "Refused",
    State.DEFERRED: "Deferred",
    State.IN_DOUBT: "In doubt",
    State.CANCELLED: "Cancelled",
}
NOBODY = "Nobody has this address now. Addresses that were erased can't be found."


@login_required
@require_safe
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """GET /ops/runs/<id>/deliveries: who got it, fifty a page."""
    try:
        progress = queries.progress(run_id)
    except queries.UnknownRun as missing:
        raise Http404(str(missing)) from missing
    chosen = {
        "state": request.GET.get("state", ""),
        "provider": request.GET.get("provider", ""),
        "relay": request.GET.get("relay", ""),
    }
    if chosen["state"] and chosen["state"] not in WORDS:
        raise Http404
    found = history.page(
        run_id,
        after=_number(request, "after") or 0,
        state=State(chosen["state"]) if chosen["state"] else None,
        provider_id=_number(request, "provider"),
        relay_id=_number(request, "relay"),
    )
    kept = {name: value for name, value in chosen.items() if value}
    more = kept | {"after": str(found.next_after)} if found.next_after else {}
    page = {
        "now": utc_now(),
        "here": "ops",
        "progress": progress,
        "name": _name(progress),
        "found": found,
        "shown": _shown(line.subscriber for line in found.lines),
        "chosen": chosen,
        "filtered": bool(kept),
        "first_page": "after" not in request.GET,
        "more": f"?{urlencode(more)}" if more else "",
        "states": [("", "Any"), *((str(k), v) for k, v in WORDS.items())],
        "providers": [("", "Any"), *history.providers_of(run_id)],
        "relays": [("", "Any"), *((n + 1, f"Relay {n + 1}") for n in _relays())],
    }
    return render(request, "ops/deliveries.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponseBase:
    """GET and POST /ops/people: look one person up by her address."""
    if request.method == "POST":
        person = audience.subscriber_by_address(request.POST.get("mail", "")[:400])
        if person is not None:
            return redirect("ops:person", person.id)
        messages.error(request, NOBODY)
        return redirect("ops:people")
    return render(request, "ops/people.html", {"now": utc_now(), "here": "ops"})


@login_required
@require_safe
def person(request: HttpRequest, subscriber_id: int) -> HttpResponse:
    """GET /ops/people/<id>: her mails and what was answered, the latest first."""
    known = audience.subscriber(subscriber_id)
    if known is None:
        raise Http404
    found = history.mails_to(subscriber_id, before=_number(request, "before"))
    suppression = audience.suppression_of(subscriber_id)
    further = reverse("ops:person", args=[subscriber_id])
    page = {
        "now": utc_now(),
        "here": "ops",
        "person": known,
        "suppression": suppression,
        "found": found,
        "names": _lists(),
        "more": f"{further}?before={found.before}" if found.before else "",
        "first_page": "before" not in request.GET,
    }
    return render(request, "ops/person.html", page)


def _name(progress: Progress) -> str:
    return _lists().get(progress.newsletter_id, str(progress.kind).capitalize())


def _lists() -> dict[int, str]:
    known = audience.newsletters() + audience.newsletters(archived=True)
    return {one.id: one.name for one in known}


def _shown(subscriber_ids: Any) -> dict[int, str]:
    """Return addresses as pages show them, by subscriber."""
    found = history.addresses_of(subscriber_ids)
    return {number: masked(address) for number, address in found.items()}


def _relays() -> range:
    return range(len(settings.RELAYS))


def _number(request: HttpRequest, field: str) -> int | None:
    said = request.GET.get(field, "")
    if said and not (said.isascii() and said.isdecimal() and len(said) < 10):  # noqa: PLR2004  an int of PostgreSQL
        raise Http404
    return int(said) if said else None
