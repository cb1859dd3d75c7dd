"""The operators' page: how everything stands, and one safe action for each fault."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from mailer.audience import queries as audience
from mailer.delivery import operations as delivery
from mailer.kernel import moments
from mailer.kernel.clock import utc_now
from mailer.kernel.figures import grouped, people
from mailer.ops import queries
from mailer.ops.status import Status
from mailer.sources import operations as sources


@login_required
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """GET /ops."""
    return render(request, "ops/status.html", _values())


@login_required
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """GET /ops/figures: the part of the page that lives.

    What can be done comes along only where it changed since the page saw it, so that
    no button moves under a hand.
    """
    values = _values()
    changed = request.GET.get("seen") != values["mark"]
    answer = render(
        request, "ops/figures.html", values | {"lives": True, "new": changed}
    )
    zone = ZoneInfo(settings.PAGE_TIME_ZONE)
    answer["X-Clock"] = moments.clock(values["now"], zone, seconds=True)
    return answer


@login_required
@require_POST
def act(request: HttpRequest, verb: str) -> HttpResponseBase:
    """POST /ops/do/<verb>. A refusal says why and changes nothing."""
    does = VERBS.get(verb)
    if does is None:
        raise Http404
    try:
        said = does(request, utc_now())
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("ops:status")


def _pause(request: HttpRequest, now: datetime) -> str:
    reason = request.POST.get("reason", "").strip()[:200]
    delivery.pause_everything(by=_who(request), now=now, reason=reason)
    return "Everything is paused. No mail leaves until you resume."


def _resume(request: HttpRequest, now: datetime) -> str:
    delivery.resume_everything(by=_who(request), now=now)
    return "Resumed. What waits goes on."


def _pause_run(request: HttpRequest, now: datetime) -> str:
    run_id = _number(request, "run")
    delivery.pause(run_id=run_id, by=_who(request), now=now)
    return f"Run {run_id} is paused."


def _resume_run(request: HttpRequest, now: datetime) -> str:
    run_id = _number(request, "run")
    delivery.resume(run_id=run_id, by=_who(request), now=now)
    return f"Run {run_id} goes on."


def _stop_run(request: HttpRequest, now: datetime) -> str:
    run_id = _number(request, "run")
    reason = request.POST.get("reason", "").strip()[:200] or "stopped by an operator"
    end = delivery.stop(run_id=run_id, by=_who(request), reason=reason, now=now)
    return (
        f"Run {run_id} is stopped. {people(end.left)} will not get it; "
        f"{grouped(end.gone)} have it or may have it."
    )


def _recount(request: HttpRequest, now: datetime) -> str:
    run_id = _number(request, "run")
    found = delivery.repair(run_id=run_id, by=_who(request), now=now)
    if found is None:
        raise Http404
    if not found.differs:
        return f"The sums of run {run_id} agree already; nothing was changed."
    return f"The tally of run {run_id} says now what its rows say. Was {found}."


def _resend(request: HttpRequest, now: datetime) -> str:
    run_id, positions = _doubted(request)
    n = delivery.resend_doubt(
        run_id=run_id, positions=positions, by=_who(request), now=now
    )
    return f"Sent again to {people(n)}. Each may get it twice, under one Message-ID."


def _close(request: HttpRequest, now: datetime) -> str:
    run_id, positions = _doubted(request)
    n = delivery.close_doubt(
        run_id=run_id, positions=positions, by=_who(request), now=now
    )
    return f"Closed for {people(n)}. It is not sent again."


def _fetch(request: HttpRequest, now: datetime) -> str:
    collected = sources.collect(source_id=_number(request, "source"), now=now)
    if not collected.ok:
        return f"It still can't be read: {collected.reason}"
    return f"Fetched: {collected.new} new, {collected.unchanged} as they were."


def _drain_relay(request: HttpRequest, now: datetime) -> str:
    relay_id = _number(request, "relay")
    delivery.drain_relay(relay_id=relay_id, by=_who(request), now=now)
    return f"Relay {relay_id} is taken out. What waited for it goes by the others."


def _use_relay(request: HttpRequest, now: datetime) -> str:
    relay_id = _number(request, "relay")
    delivery.use_relay(relay_id=relay_id, by=_who(request), now=now)
    return f"Relay {relay_id} is in use again."


REFUSALS = (
    delivery.NoSuchRelay,
    delivery.NoSuchRun,
    delivery.NotInDoubt,
    delivery.NotNow,
)


def _resume_lane(request: HttpRequest, now: datetime) -> str:
    relay_id, provider_id = _number(request, "relay"), _number(request, "receiver")
    delivery.resume_lane(
        relay_id=relay_id, provider_id=provider_id, by=_who(request), now=now
    )
    return "It gets its mail again. If it still finds fault, it is suspended again."


VERBS: dict[str, Callable[[HttpRequest, datetime], str]] = {
    "pause": _pause,
    "resume": _resume,
    "pause-run": _pause_run,
    "resume-run": _resume_run,
    "stop-run": _stop_run,
    "recount": _recount,
    "resend": _resend,
    "close": _close,
    "fetch": _fetch,
    "drain-relay": _drain_relay,
    "use-relay": _use_relay,
    "resume-lane": _resume_lane,
}


def _values() -> dict[str, Any]:
    now = utc_now()
    seen = queries.status(now)
    doubted: dict[int, list[int]] = {}
    for doubt in seen.doubt:
        doubted.setdefault(doubt.run_id, []).append(doubt.position)
    can_do = [
        seen.paused,
        [(run.run_id, run.state) for run in seen.runs if not run.over],
        sorted(doubted.items()),
        [str(run) for run in seen.differing],
        [(source.id, source.reason) for source in seen.failing_sources],
        [(relay.relay_id, relay.drained_at) for relay in seen.relays],
        [lane.why for lane in seen.receivers if lane.suspended_until],
    ]
    return {
        "now": now,
        "here": "ops",
        "status": seen,
        "doubted": doubted,
        "names": _names(seen),
        "mark": hashlib.sha256(repr(can_do).encode()).hexdigest()[:16],
    }


def _names(seen: Status) -> dict[int, str]:
    """Return what people call each run: its newsletter, else its kind."""
    known = audience.newsletters() + audience.newsletters(archived=True)
    lists = {one.id: one.name for one in known}
    return {
        run.run_id: lists.get(run.newsletter_id, str(run.kind).capitalize())
        for run in seen.runs
    }


def _who(request: HttpRequest) -> str:
    return request.user.get_full_name() or request.user.get_username()  # type: ignore[union-attr]  # logged in


def _number(request: HttpRequest, field: str) -> int:
    said = request.POST.get(field, "")
    if not said.isdecimal():
        raise Http404
    return int(said)


def _doubted(request: HttpRequest) -> tuple[int, list[int]]:
    """Return the run and the positions an operator saw when she pressed."""
    said = request.POST.get("positions", "").split(",")
    if not all(part.isdecimal() for part in said):
        raise Http404
    return _number(request, "run"), [int(part) for part in said]
