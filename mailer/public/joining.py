"""Sign up, and start what was asked for: `/` and `/c/<token>`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from mailer.audience import operations, queries
from mailer.audience.address import BadAddress, read_address
from mailer.audience.newsletter import Newsletter
from mailer.audience.operations import Closed, Confirmed, Outcome, TooOften
from mailer.audience.queries import Confirmation
from mailer.kernel.clock import utc_now
from mailer.kernel.tokens import BadToken
from mailer.public import archive
from mailer.public.asked import dead_link, evidence, not_now, numbers_in
from mailer.public.coming import next_ones
from mailer.public.languages import languages_of
from mailer.public.place import choose
from mailer.public.private import private

PROMISE = (
    "We send one message first. Nothing else comes before you press the button in it. "
    "We do not record whether you open our mails."
)
WAY_OUT = "One press at the end of each mail stops it."
PICK = "Pick at least one newsletter"
MOST_IN_LIST = 400  # places in a list inside the page; more are found by typing


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form. Kept as it was typed."""

    newsletters: tuple[int, ...] = ()
    place: str = ""
    place_code: str = ""
    language: str = "en"
    mail: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """GET and POST /: pick newsletters, name a place, give an address."""
    newsletters = queries.newsletters()
    if request.method != "POST":
        return _form(request, _first(newsletters, request.GET.get("pick", "")), Typed())
    typed = read(request)
    places = queries.places()
    place = choose(typed.place, typed.place_code, places)
    errors = faults_of(typed, newsletters, place.code)
    if place.fault:
        errors["place"] = place.fault
    if not errors:
        try:
            operations.sign_up(
                address=typed.mail,
                newsletter_ids=typed.newsletters,
                place_code=place.code,
                language=typed.language,
                evidence=evidence(
                    request, form="sign_up", wording=f"{PROMISE} [Sign up]"
                ),
                now=utc_now(),
            )
        except (TooOften, Closed) as why:
            return not_now(request, why, back=reverse("public:signup"))
        except operations.NothingChosen as fault:
            errors["newsletter"] = str(fault)
    if errors:
        choices = place.choices
        return _form(request, newsletters, typed, errors=errors, choices=choices)
    sent = {"typed": typed, "place_code": place.code}
    return render(request, "public/signup_sent.html", sent)


def read(request: HttpRequest) -> Typed:
    """Return what was typed, whatever it is."""
    post = request.POST
    return Typed(
        tuple(int(n) for n in post.getlist("newsletter") if n.isdecimal())[:100],
        post.get("place", "")[:200],
        post.get("place_code", "")[:100],
        post.get("language", "en")[:10],
        post.get("mail", "").strip()[:400],
    )


def faults_of(
    typed: Typed, newsletters: Sequence[Newsletter], place_code: str
) -> dict[str, str]:
    """Return what keeps a sign-up from being sent, by field, in the form's order."""
    errors = {}
    picked = [n for n in newsletters if n.id in typed.newsletters]
    if not picked:
        errors["newsletter"] = PICK
    by_place = [n.name for n in picked if n.by_place]
    if by_place and not place_code:
        errors["place"] = f"Enter your municipality: {by_place[0]} is sent by place"
    try:
        read_address(typed.mail)
    except BadAddress as fault:
        errors["mail"] = str(fault)
    return errors


def _form(
    request: HttpRequest,
    newsletters: Sequence[Newsletter],
    typed: Typed,
    *,
    errors: dict[str, str] | None = None,
    choices: Sequence[Any] = (),
) -> HttpResponse:
    places = queries.places()
    latest = [] if errors else archive.latest(newsletters)
    page = {
        "newsletters": newsletters,
        "typed": typed,
        "errors": errors or {},
        "problem": bool(errors),
        "choices": choices,
        "has_places": bool(places),
        "places": places if len(places) <= MOST_IN_LIST else [],
        "languages": languages_of(newsletters),
        "latest": latest,
        "cards": archive.cards(latest),
        "promise": PROMISE,
        "wide": True,
    }
    return render(request, "public/signup.html", page, status=422 if errors else 200)


def _first(newsletters: list[Newsletter], slug: str) -> list[Newsletter]:
    """Put the one that was asked about first. It is not ticked: nothing is."""
    return sorted(newsletters, key=lambda n: n.slug != slug)


# No CSRF mark is asked for: the token is the authority, not a cookie.
@csrf_exempt
@private
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET /c/<token> shows a button; POST starts the mails, or moves them."""
    now = utc_now()
    try:
        subscriber_id, request_id = numbers_in(request, "confirm", token)
    except TooOften as why:
        return not_now(request, why, back=reverse("public:signup"))
    except (BadToken, ValueError):
        return dead_link(request)
    asked = queries.confirmation(
        subscriber_id=subscriber_id, request_id=request_id, now=now
    )
    if asked is None:
        return dead_link(request)
    names = [queries.newsletter(n).name for n in asked.newsletter_ids]
    if request.method != "POST":
        return _ask(request, asked, names)
    done = operations.confirm(
        subscriber_id=subscriber_id,
        request_id=request_id,
        evidence=evidence(request, form="confirm", wording=_wording(asked, names)),
        now=now,
    )
    return _answer(request, done, names, now)


def _ask(request: HttpRequest, asked: Confirmation, names: list[str]) -> HttpResponse:
    if asked.state == "expired":
        return dead_link(request, status=410)
    if asked.state == "used":
        return _said(
            request,
            "This button has been pressed",
            "Nothing more needs doing. What you get, and the way out, are under "
            "“Your mails”.",
        )
    place = queries.place(asked.place_code)
    page = {
        "names": names,
        "place": place.name if place else "",
        "moves": asked.moves,
        "promise": WAY_OUT,
        "secret": True,
    }
    return render(request, "public/confirm.html", page)


def _wording(asked: Confirmation, names: list[str]) -> str:
    if asked.moves:
        return "Move your mails to this address? [Yes, move them]"
    return f"Start {', '.join(names)}? {WAY_OUT} [Yes, start]"


def _answer(
    request: HttpRequest, done: Confirmed, names: list[str], now: datetime
) -> HttpResponse:
    if done.outcome in {Outcome.EXPIRED, Outcome.UNKNOWN}:
        return dead_link(request, status=410)
    if done.outcome is Outcome.STOPPED:
        return _said(
            request,
            "Nothing was started",
            "Since you asked, this address was taken off all our lists. Write to us if "
            "that is wrong.",
        )
    if done.moved:
        return _said(
            request, "Your mails have moved", "They come to this address from now on."
        )
    page = {"names": names, "nexts": next_ones(done.newsletter_ids, now)}
    return render(request, "public/confirmed.html", page | {"secret": True})


def _said(request: HttpRequest, title: str, words: str) -> HttpResponse:
    ways = [
        ("Your mails", reverse("public:mails")),
        ("Past editions", reverse("public:archive")),
    ]
    page = {"title": title, "words": words, "ways": ways, "secret": True}
    return render(request, "public/said.html", page)
