"""My mails: `/p` and what hangs from it. Open to who came by a link to her mailbox."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from mailer.audience import operations, queries
from mailer.audience.address import BadAddress
from mailer.audience.consent import SubscriberState
from mailer.audience.newsletter import Newsletter
from mailer.audience.operations import BadPause, TooOften
from mailer.audience.queries import SubscriberView
from mailer.audience.suppression import Reason
from mailer.kernel import moments
from mailer.kernel.clock import utc_now
from mailer.public import choices, hours
from mailer.public.asked import evidence, not_now
from mailer.public.coming import next_words
from mailer.public.joining import MOST_IN_LIST
from mailer.public.languages import languages_of
from mailer.public.place import Chosen, choose
from mailer.public.private import private
from mailer.public.reader import close, reader_of

WITHHELD = {
    Reason.COMPLAINT: "One of our mails was marked as spam, so we stopped writing to "
    "this address.",
    Reason.NO_SUCH_ADDRESS: "Mails to this address came back, so we stopped writing to "
    "it.",
    Reason.KEEPS_FAILING: "Mails to this address kept coming back, so no newsletter "
    "goes to it now. Sign up again to start afresh.",
}
OTHERWISE = "We were told not to write to this address, so no newsletter goes to it."
DATA_WORDING = "What we know about you [Download my data]"
ERASE_WORDING = (
    "Stops every mail at once and deletes your address, place and choices. It can't be "
    "undone. [I want to be erased] [Erase me]"
)
ForReader = Callable[[HttpRequest, SubscriberView], HttpResponse]


@dataclass(frozen=True, slots=True)
class Shown:
    """Who the page is for. `shown` is the address with most of it covered."""

    shown: str
    withheld: str = ""


def for_reader(view: ForReader) -> Callable[[HttpRequest], HttpResponse]:
    """Open a page to a reader; send everybody else to ask for a link."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        found = reader_of(request)
        person = None if found is None else queries.subscriber(found)
        if person is None or person.state is SubscriberState.ERASED:
            return HttpResponseRedirect(reverse("public:link"))
        return view(request, person)

    return private(answer)


@require_http_methods(["GET", "HEAD", "POST"])
@for_reader
def mails(request: HttpRequest, person: SubscriberView) -> HttpResponse:
    """GET and POST /p: what comes, how often, for which place."""
    now = utc_now()
    if request.method != "POST":
        return _page(request, person, now)
    newsletters = queries.newsletters()
    wanted = _standing(person, newsletters, now)
    before = dict(wanted)
    wanted |= choices.read_choices(request.POST.dict(), newsletters)
    place = _place_of(request, person)
    needs_place = [
        n.name for n in newsletters if n.by_place and wanted[n.id] != choices.OFF
    ]
    if not place.fault and needs_place and not place.code:
        place = Chosen(
            fault=f"Enter your municipality: {needs_place[0]} is sent by place"
        )
    own = hours.read(request.POST.dict(), person)
    if place.fault or own.fault:
        return _page(request, person, now, wanted=wanted, place=place, own=own)
    try:
        _save(request, person, wanted, place.code, own, now)
    except BadPause as fault:
        return _page(request, person, now, saved={"words": f"{fault}.", "before": []})
    words = choices.changed_words(before, wanted, newsletters, now=now, zone=_zone())
    words += _changed_person(request, person, place.code, own)
    said = "; ".join(words) if words else "nothing had changed"
    at = moments.clock(now, _zone())
    undo = [] if "undo" in request.POST or not words else _as_fields(person, before)
    person = queries.subscriber(person.id) or person
    saved = {"words": f"Saved at {at}: {said}.", "before": undo}
    return _page(request, person, now, saved=saved)


def _standing(
    person: SubscriberView, newsletters: list[Newsletter], now: datetime
) -> dict[int, str]:
    standings = {s.newsletter_id: s for s in person.subscriptions}
    return {n.id: choices.choice_of(standings.get(n.id), now) for n in newsletters}


def _place_of(request: HttpRequest, person: SubscriberView) -> Chosen:
    if "place" not in request.POST:
        return Chosen(person.place_code)
    name, code = request.POST["place"][:200], request.POST.get("place_code", "")
    return choose(name, code, queries.places())


def _language_of(request: HttpRequest, person: SubscriberView) -> str:
    offered = [code for code, _ in languages_of(queries.newsletters())]
    language = request.POST.get("language", "")
    return language if language in offered else person.language


def _save(  # noqa: PLR0913, PLR0917  private, and each of them is needed
    request: HttpRequest,
    person: SubscriberView,
    wanted: dict[int, str],
    place_code: str,
    own: hours.Hours,
    now: datetime,
) -> None:
    given = evidence(request, form="my_mails", wording="What you get [Save]")
    standings = {s.newsletter_id: s for s in person.subscriptions}
    operations.set_subscriptions(
        subscriber_id=person.id,
        newsletter_ids=[n for n, choice in wanted.items() if choice != choices.OFF],
        evidence=given,
        now=now,
    )
    for newsletter_id, choice in wanted.items():
        stands = choices.choice_of(standings.get(newsletter_id), now)
        paused = choice.startswith(choices.UNTIL)
        if choice != stands and (paused or stands.startswith(choices.UNTIL)):
            operations.pause_until(
                subscriber_id=person.id,
                newsletter_id=newsletter_id,
                until=choices.ending_of(choice) if paused else None,
                evidence=given,
                now=now,
            )
    if place_code != person.place_code:
        operations.set_place(
            subscriber_id=person.id, place_code=place_code, evidence=given, now=now
        )
    language = _language_of(request, person)
    if language != person.language:
        operations.set_language(
            subscriber_id=person.id, language=language, evidence=given, now=now
        )
    if own.zone != person.time_zone:
        operations.set_time_zone(
            subscriber_id=person.id, time_zone=own.zone, evidence=given, now=now
        )
    if own.hour != person.hour:
        operations.set_hour(
            subscriber_id=person.id, hour=own.hour, evidence=given, now=now
        )


def _changed_person(
    request: HttpRequest, person: SubscriberView, place_code: str, own: hours.Hours
) -> list[str]:
    words = []
    if place_code != person.place_code:
        place = queries.place(place_code)
        words.append(f"your municipality is {place.name if place else 'left out'}")
    if _language_of(request, person) != person.language:
        words.append("your language is changed")
    if own != hours.of(person):
        words.append("your time is changed")
    return words


def _as_fields(
    person: SubscriberView, standing: dict[int, str]
) -> list[tuple[str, str]]:
    """Return the form fields that would bring back what stood before."""
    place = queries.place(person.place_code)
    fields = [(f"n{n}", choice) for n, choice in standing.items()]
    fields += [
        ("place", place.name if place else ""),
        ("place_code", person.place_code),
    ]
    return [*fields, ("language", person.language), *hours.fields(hours.of(person))]


def _page(  # noqa: PLR0913  the page has this many states
    request: HttpRequest,
    person: SubscriberView,
    now: datetime,
    *,
    wanted: dict[int, str] | None = None,
    place: Chosen | None = None,
    own: hours.Hours | None = None,
    saved: Mapping[str, object] | None = None,
) -> HttpResponse:
    newsletters = queries.newsletters()
    on = {s.newsletter_id for s in person.subscriptions}
    coming = {n.id: next_words(n.id, now) for n in newsletters if n.id in on}
    rows = choices.rows_of(person, newsletters, coming, now=now, zone=_zone())
    if wanted is not None:  # keep what was chosen on a form that has a fault
        rows = [choices.with_choice(row, wanted[row.id]) for row in rows]
    places = queries.places()
    named = queries.place(person.place_code)
    faults = {
        "place": place.fault if place else "",
        "time_zone": own.fault if own else "",
    }
    own = own or hours.of(person)
    faulty = any(faults.values())
    typed = {
        "place": request.POST.get("place", "")
        if faults["place"]
        else named.name
        if named
        else "",
        "language": person.language,
        "time_zone": own.zone,
        "hour": "" if own.hour is None else own.hour,
    }
    page = {
        "person": shown(person),
        "rows": rows,
        "errors": {field: fault for field, fault in faults.items() if fault},
        "problem": faulty,
        "choices": place.choices if place is not None else (),
        "has_places": bool(places),
        "places": places if len(places) <= MOST_IN_LIST else [],
        "languages": languages_of(newsletters),
        "has_hours": hours.matter(newsletters),
        "hours": hours.options(),
        "zones": hours.zones,
        "typed": typed,
        "saved": saved,
        "secret": True,
    }
    return render(request, "public/mails.html", page, status=422 if faulty else 200)


def shown(person: SubscriberView) -> Shown:
    """Return a person as pages show her."""
    why = queries.suppression_of(person.id)
    return Shown(
        person.masked, "" if why is None else WITHHELD.get(why.reason, OTHERWISE)
    )


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.PAGE_TIME_ZONE)


@require_POST
@for_reader
def stop(request: HttpRequest, person: SubscriberView) -> HttpResponse:
    """POST /p/stop: leave every newsletter at once. The safe direction never asks."""
    now = utc_now()
    before = _standing(person, queries.newsletters(), now)
    operations.stop_everything(
        subscriber_id=person.id,
        evidence=evidence(request, form="my_mails", wording="Leave [Stop everything]"),
        now=now,
    )
    words = "Stopped now: everything. One already on its way may still arrive."
    had = any(choice != choices.OFF for choice in before.values())
    saved = {"words": words, "before": _as_fields(person, before) if had else []}
    return _page(request, queries.subscriber(person.id) or person, now, saved=saved)


@require_http_methods(["GET", "HEAD", "POST"])
@for_reader
def data(request: HttpRequest, person: SubscriberView) -> HttpResponse:
    """GET and POST /p/data: take what we know along, or have it erased."""
    now, errors = utc_now(), {}
    if "export" in request.POST:
        found = operations.export(
            subscriber_id=person.id,
            evidence=evidence(request, form="my_data", wording=DATA_WORDING),
            now=now,
        )
        text = json.dumps(found, indent=2, ensure_ascii=False)
        response = HttpResponse(text, content_type="application/json")
        response["Content-Disposition"] = 'attachment; filename="my-data.json"'
        return response
    if "erase" in request.POST and "sure" in request.POST:
        operations.erase(
            subscriber_id=person.id,
            evidence=evidence(request, form="my_data", wording=ERASE_WORDING),
            now=now,
        )
        return close(render(request, "public/erased.html", {"secret": True}))
    if "erase" in request.POST:
        errors["sure"] = "Tick “I want to be erased” first: it can't be undone"
    page = {
        "person": shown(person),
        "errors": errors,
        "problem": bool(errors),
        "secret": True,
    }
    return render(request, "public/data.html", page, status=422 if errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_reader
def address(request: HttpRequest, person: SubscriberView) -> HttpResponse:
    """GET and POST /p/address: ask to move the mails; both mailboxes are told."""
    typed, errors = request.POST.get("mail", "").strip()[:400], {}
    if request.method == "POST":
        try:
            operations.change_address(
                subscriber_id=person.id,
                address=typed,
                evidence=evidence(
                    request,
                    form="my_address",
                    wording="We write to both. Nothing changes before the button in "
                    "the new one is pressed. [Change it]",
                ),
                now=utc_now(),
            )
        except BadAddress as fault:
            errors["mail"] = str(fault)
        except TooOften as why:
            return not_now(request, why, back=reverse("public:address"))
        else:
            return render(request, "public/address_sent.html", {"secret": True})
    page = {
        "person": shown(person),
        "typed": typed,
        "errors": errors,
        "problem": bool(errors),
        "secret": True,
    }
    return render(request, "public/address.html", page, status=422 if errors else 200)
