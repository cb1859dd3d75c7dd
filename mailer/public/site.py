"""What belongs to the whole site: the brand's files, robots.txt, pages of faults."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mailer.public import brand

# Archive and sign-up may be found; what belongs to one person or to us may not.
ROBOTS = """User-agent: *
Disallow: /c/
Disallow: /u/
Disallow: /v/
Disallow: /p
Disallow: /desk
Disallow: /ops
"""
for_an_hour = cache_control(public=True, max_age=3600)


@require_safe
@for_an_hour
def stylesheet(_request: HttpRequest) -> HttpResponse:
    """GET /brand.css."""
    return HttpResponse(brand.stylesheet(settings.BRAND), content_type="text/css")


@require_safe
@for_an_hour
def icon(_request: HttpRequest) -> HttpResponse:
    """GET /favicon.svg, and /favicon.ico for those who ask unasked."""
    return HttpResponse(brand.icon(settings.BRAND), content_type="image/svg+xml")


@require_safe
@for_an_hour
def robots(_request: HttpRequest) -> HttpResponse:
    """GET /robots.txt."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


@require_safe
def address_use(request: HttpRequest) -> HttpResponse:
    """GET /address-use: what we do with an address, in words."""
    return render(request, "public/address_use.html")


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:  # noqa: ARG001  Django's name
    """Answer 404: what is not here, and where to go; in the newsroom, its own way."""
    inside = (
        request.path.startswith(("/desk", "/ops")) and request.user.is_authenticated
    )
    page = "desk/not_found.html" if inside else "public/not_found.html"
    return render(request, page, status=404)


def refused(request: HttpRequest, exception: Any = None) -> HttpResponse:  # noqa: ARG001  Django's name
    """Answer 403: who can."""
    return render(request, "public/refused.html", status=403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without its mark: it was open too long, or cookies are off."""
    del reason
    return render(request, "public/stale_form.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500 without asking the database for anything."""
    return render(request, "public/broken.html", status=500)
