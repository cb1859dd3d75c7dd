"""The way into "my mails": ask for a link, press its button, close the page again."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from mailer.audience import operations, queries
from mailer.audience.address import BadAddress
from mailer.audience.operations import TooOften
from mailer.kernel.clock import utc_now
from mailer.kernel.tokens import BadToken
from mailer.public.asked import asker, dead_link, not_now, numbers_in
from mailer.public.private import private
from mailer.public.reader import close, open_for, reader_of


@require_http_methods(["GET", "HEAD", "POST"])
@private
def link(request: HttpRequest) -> HttpResponse:
    """GET and POST /p/link. The same answer and the same work for every address."""
    typed, errors = request.POST.get("mail", "").strip()[:400], {}
    if request.method == "POST":
        try:
            operations.ask_link(address=typed, ip=asker(request), now=utc_now())
        except BadAddress as fault:
            errors["mail"] = str(fault)
        except TooOften as why:
            return not_now(request, why, back=reverse("public:link"))
        else:
            return render(request, "public/link_sent.html", {"typed": typed})
    page = {"typed": typed, "errors": errors, "problem": bool(errors)}
    return render(request, "public/link.html", page, status=422 if errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """GET /p/in/<token> shows a button; POST uses the link up and opens the page.

    The link's person wins over whoever had the page open in this browser.
    """
    now = utc_now()
    try:
        (link_id,) = numbers_in(request, "link", token)
    except TooOften as why:
        return not_now(request, why, back=reverse("public:link"))
    except (BadToken, ValueError):
        return dead_link(request)
    if request.method != "POST":
        if not queries.link_works(link_id=link_id, now=now):
            return dead_link(request, status=410)
        return render(request, "public/enter.html", {"secret": True})
    subscriber_id = operations.use_link(link_id=link_id, now=now)
    if subscriber_id is None:
        return dead_link(request, status=410)
    return open_for(HttpResponseRedirect(reverse("public:mails")), subscriber_id)


@require_POST
@private
def out(request: HttpRequest) -> HttpResponse:
    """POST /p/out: close "my mails" in this browser."""
    was_open = reader_of(request) is not None
    page = {
        "title": "Signed out",
        "words": "To open “Your mails” here again, ask for a new link."
        if was_open
        else "“Your mails” was not open in this browser.",
        "ways": [("All newsletters", reverse("public:signup"))],
    }
    return close(render(request, "public/said.html", page))
