"""Leave one newsletter: `/u/<token>`, for mail programs (RFC 8058) and for people.

One address, told apart by the body of a POST:

    GET, HEAD, OPTIONS            never act: scanners open every link
    List-Unsubscribe=One-Click    a mail program: leaves at once, 200, no page
    confirm, pause, undo, resume  a button of our page: acts and answers with a page
    use                           "Use that address": closes the other person's session
    anything else                 the page with the button

The token is the authority, not a cookie, so no CSRF mark is asked for (§6). It leaves
one list, shows no address and works for years.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from mailer.audience import operations, queries
from mailer.audience.consent import How, SubscriptionState
from mailer.audience.leaving import UNDO_WITHIN
from mailer.audience.newsletter import Newsletter
from mailer.audience.operations import TooOften
from mailer.audience.queries import SubscriberView, UnknownNewsletter
from mailer.kernel import moments
from mailer.kernel.clock import utc_now
from mailer.kernel.tokens import BadToken
from mailer.public.asked import dead_link, evidence, not_now, numbers_in
from mailer.public.coming import next_words
from mailer.public.private import private
from mailer.public.reader import close, reader_of

ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058 §3.1, the whole body
PAUSE = timedelta(days=14)
ON = {SubscriptionState.ACTIVE, SubscriptionState.PAUSED, SubscriptionState.PENDING}


@dataclass(frozen=True, slots=True)
class Link:
    """Whose link it is and which newsletter it leaves. person: None if never known."""

    subscriber_id: int
    newsletter: Newsletter
    person: SubscriberView | None

    def is_on(self) -> bool:
        """Tell whether the newsletter still comes, or would."""
        standing = self.person and self.person.standing(self.newsletter.id)
        return standing in ON

    def may_undo(self, now: datetime) -> bool:
        """Tell whether leaving was a moment ago."""
        lists = self.person.subscriptions if self.person else ()
        return any(
            s.state is SubscriptionState.LEFT and s.since > now - UNDO_WITHIN
            for s in lists
            if s.newsletter_id == self.newsletter.id
        )


@csrf_exempt
@private
@require_http_methods(["GET", "HEAD", "OPTIONS", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Answer the address in List-Unsubscribe and at the end of each mail."""
    now = utc_now()
    try:
        subscriber_id, newsletter_id = numbers_in(request, "leave", token)
        newsletter = queries.newsletter(newsletter_id)
    except TooOften as why:
        return not_now(request, why, back=reverse("public:signup"))
    except (BadToken, ValueError, UnknownNewsletter):
        return dead_link(request)
    if request.method == "OPTIONS":
        return HttpResponse(headers={"Allow": "GET, HEAD, OPTIONS, POST"})
    if request.method == "POST" and is_one_click(request):
        operations.unsubscribe(
            subscriber_id=subscriber_id,
            newsletter_id=newsletter_id,
            how=How.ONE_CLICK,
            evidence=evidence(request, form="one_click", wording=ONE_CLICK),
            now=now,
        )
        return HttpResponse("Stopped.\n", content_type="text/plain")
    link = Link(subscriber_id, newsletter, queries.subscriber(subscriber_id))
    return _for_a_person(request, link, now)


def is_one_click(request: HttpRequest) -> bool:
    """Tell whether a mail program asks, in either form encoding or as a bare body."""
    if request.POST:
        return request.POST.get("List-Unsubscribe") == "One-Click"
    try:
        return request.body.strip() == ONE_CLICK.encode()
    except RawPostDataException:  # an empty multipart form
        return False


def _for_a_person(request: HttpRequest, link: Link, now: datetime) -> HttpResponse:
    other = reader_of(request)
    if other is not None and other != link.subscriber_id:
        if "use" in request.POST:
            return close(_page(request, link, now))
        return render(request, "public/other_person.html", {"secret": True})
    for button, act in ACTS.items():
        if button in request.POST:
            return act(request, link, now)
    return _page(request, link, now)


def _page(request: HttpRequest, link: Link, now: datetime) -> HttpResponse:
    page = {"newsletter": link.newsletter, "secret": True}
    if not link.is_on():
        page["may_undo"] = link.may_undo(now)
        return render(request, "public/not_on.html", page)
    page["until_words"] = _date(_pause_ends(now), now)
    return render(request, "public/leave.html", page)


def _stop(request: HttpRequest, link: Link, now: datetime) -> HttpResponse:
    name = link.newsletter.name
    left = operations.unsubscribe(
        subscriber_id=link.subscriber_id,
        newsletter_id=link.newsletter.id,
        how=How.PAGE,
        evidence=evidence(
            request, form="leave", wording=f"Stop {name}? [Stop this newsletter]"
        ),
        now=now,
    )
    if not left.changed and not link.may_undo(now):
        return _page(request, link, now)
    page = {"newsletter": link.newsletter, "secret": True}
    return render(request, "public/left.html", page)


def _undo(request: HttpRequest, link: Link, now: datetime) -> HttpResponse:
    name = link.newsletter.name
    operations.resubscribe(
        subscriber_id=link.subscriber_id,
        newsletter_id=link.newsletter.id,
        evidence=evidence(request, form="leave", wording=f"{name}: stopped [Undo]"),
        now=now,
    )
    return _as_it_is(request, link, now)


def _pause(request: HttpRequest, link: Link, now: datetime) -> HttpResponse:
    ends = _pause_ends(now)
    button = f"Pause until {_date(ends, now)}"
    operations.pause_until(
        subscriber_id=link.subscriber_id,
        newsletter_id=link.newsletter.id,
        until=ends,
        evidence=evidence(
            request, form="leave", wording=f"Or keep less of it [{button}]"
        ),
        now=now,
    )
    return _as_it_is(request, link, now)


def _resume(request: HttpRequest, link: Link, now: datetime) -> HttpResponse:
    operations.pause_until(
        subscriber_id=link.subscriber_id,
        newsletter_id=link.newsletter.id,
        until=None,
        evidence=evidence(request, form="leave", wording="Paused [Undo]"),
        now=now,
    )
    return _as_it_is(request, link, now)


ACTS = {"confirm": _stop, "undo": _undo, "pause": _pause, "resume": _resume}


def _as_it_is(request: HttpRequest, link: Link, now: datetime) -> HttpResponse:
    """Answer a button other than stop with what is true now, from the table."""
    link = Link(
        link.subscriber_id, link.newsletter, queries.subscriber(link.subscriber_id)
    )
    if not link.is_on():
        return _page(request, link, now)
    lists = link.person.subscriptions if link.person else ()
    ends = next(
        (s.paused_until for s in lists if s.newsletter_id == link.newsletter.id), None
    )
    if ends is not None and ends > now:
        words = f"Until {_date(ends, now)}, then it starts again."
    else:
        coming = next_words(link.newsletter.id, now)
        ends = None
        words = f"The next one comes {coming}." if coming else "It comes as before."
    page = {
        "newsletter": link.newsletter,
        "paused": ends is not None,
        "words": words,
        "secret": True,
    }
    return render(request, "public/back_on.html", page)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.PAGE_TIME_ZONE)


def _pause_ends(now: datetime) -> datetime:
    """Return midnight, on the paper's clock, two weeks from today."""
    return (now.astimezone(_zone()) + PAUSE).replace(
        hour=0, minute=0, second=0, microsecond=0
    )


def _date(at: datetime, now: datetime) -> str:
    zone = _zone()
    return moments.date_of(at.astimezone(zone).date(), now.astimezone(zone).date())
