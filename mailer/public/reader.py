"""Who has opened "my mails" in this browser: one signed cookie, apart from the desk's.

It holds a number, no address, lasts a day and is never read by the newsroom's doors.
"""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "mails"
SALT = "public.reader"
LASTS_SECONDS = 24 * 60 * 60


def reader_of(request: HttpRequest) -> int | None:
    """Return the subscriber this browser is open for, or None."""
    try:
        text = request.get_signed_cookie(COOKIE, salt=SALT, max_age=LASTS_SECONDS)
        return int(text or "")
    except (KeyError, ValueError, signing.BadSignature):
        return None


def open_for(response: HttpResponse, subscriber_id: int) -> HttpResponse:
    """Set the cookie on a response."""
    response.set_signed_cookie(
        COOKIE,
        str(subscriber_id),
        salt=SALT,
        max_age=LASTS_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def close(response: HttpResponse) -> HttpResponse:
    """Take the cookie back."""
    response.delete_cookie(COOKIE, samesite="Lax")
    return response
