"""A part of a page that lives: asked for again while somebody looks at the page."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mailer.kernel import moments
from mailer.kernel.clock import utc_now


def part(
    request: HttpRequest, template: str, values: Mapping[str, Any], *, seen: str = ""
) -> HttpResponse:
    """Return a part as it stands, or 204 where it still is what the page shows.

    seen: its mark. Every answer says at what time it was true.
    """
    if seen and request.GET.get("seen") == seen:
        return dated(HttpResponse(status=204))
    return dated(render(request, template, dict(values) | {"lives": True}))


def dated(answer: HttpResponse) -> HttpResponse:
    """Say in a header at what time the newsroom's clock stands."""
    zone = ZoneInfo(settings.PAGE_TIME_ZONE)
    answer["X-Clock"] = moments.clock(utc_now(), zone, seconds=True)
    return answer
