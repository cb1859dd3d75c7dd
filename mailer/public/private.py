"""Pages whose address is a secret: kept by no cache, no index and no other site.

Such a page sends no referrer, so a browser says `Origin: null` on its forms (Fetch,
"append a request Origin header"), and Django takes that for another site. No page can
write Sec-Fetch-Site; where the browser says there that it is us, it is us.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse

from mailer.rendering import framed

View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """Send the three headers with whatever a view answers."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return kept_private(view(request, *args, **kwargs))

    return answer


def kept_private(response: HttpResponse) -> HttpResponse:
    """Add the three headers to a response."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def shows_a_mail(view: View) -> View:
    """Put a view's answer under the policy of a mail: styles inside, nothing runs."""
    decorate: Any = csp_replace(framed.POLICY)
    return cast(View, decorate(view))


class OwnOrigin:
    """Middleware before the CSRF check: give `null` its name where it is our own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as the next in line does."""
        if (
            request.headers.get("Origin") == "null"
            and request.headers.get("Sec-Fetch-Site") == "same-origin"
        ):
            request.META["HTTP_ORIGIN"] = f"{request.scheme}://{request.get_host()}"
        return self.get_response(request)
