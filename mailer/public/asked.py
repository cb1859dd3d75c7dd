"""Who asks, and what stood beside the button that was pressed: evidence of consent."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mailer.audience import limits
from mailer.audience.consent import Evidence
from mailer.kernel.client import client_address
from mailer.kernel.errors import Temporary
from mailer.kernel.tokens import BadToken, unseal


def asker(request: HttpRequest) -> str:
    """Return the reader's network address, "" if it is not known."""
    return client_address(request.META, settings.TRUSTED_PROXIES)


def evidence(request: HttpRequest, *, form: str, wording: str) -> Evidence:
    """Return what was shown, on which form, and who pressed.

    wording: the words a reader decides by, with the button in brackets at the end.
    """
    agent = request.headers.get("User-Agent", "")
    return Evidence(wording, form, "web", asker(request), agent)


def numbers_in(request: HttpRequest, purpose: str, token: str) -> tuple[int, ...]:
    """Return the numbers of a token.

    Raises BadToken, and TooOften where one address tries many that are none.
    """
    try:
        return unseal(purpose, token, settings.TOKEN_KEYS)
    except BadToken:
        limits.knock(limits.Door.TOKEN, ip=asker(request))
        raise


def dead_link(request: HttpRequest, *, status: int = 404) -> HttpResponse:
    """Answer a link that has stopped working: a new one, in place."""
    page = {"errors": {}, "typed": "", "secret": True}
    return render(request, "public/dead_link.html", page, status=status)


def not_now(request: HttpRequest, why: Temporary, *, back: str) -> HttpResponse:
    """Answer who asked too often (429), or while nobody can count (503)."""
    wait = getattr(why, "wait_seconds", 0)
    status = 429 if wait else 503
    page = {"why": str(why), "back": back, "problem": True}
    response = render(request, "public/later.html", page, status=status)
    response["Retry-After"] = str(wait or 300)
    return response
