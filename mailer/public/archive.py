"""What was sent, for everyone: `/n`, its shelves, editions, feeds; list help."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from mailer.audience import queries as audience
from mailer.audience.newsletter import Newsletter
from mailer.editions import queries as editions
from mailer.editions.view import EditionView
from mailer.kernel.clock import utc_now
from mailer.public import shelf, stored
from mailer.public.coming import next_words
from mailer.public.private import shows_a_mail
from mailer.public.shelf import Place
from mailer.sources.story import Image

A_PAGE = 50
A_FEW = 10
MOST_OF_A_DAY = 2000
ON_THE_INDEX = 3
IN_A_FEED = 20
BEFORE_SIGN_UP = 3
CARDS = 3


@dataclass(frozen=True, slots=True)
class Link:
    """An edition in a list."""

    subject: str
    href: str
    at: datetime
    newsletter: str
    edition_id: int
    bound: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A story of an edition with its picture; leads to the edition."""

    title: str
    href: str
    newsletter: str
    picture: Image


@dataclass(frozen=True, slots=True)
class Shelf:
    """A newsletter on the index, with its latest editions."""

    slug: str
    name: str
    about: str
    editions: list[Link]


def latest(newsletters: Iterable[Newsletter]) -> list[Link]:
    """Return the newest editions of all newsletters, to read before signing up."""
    found = [link for n in newsletters for link in _newest(n, 1)]
    return sorted(found, key=lambda link: link.at, reverse=True)[:BEFORE_SIGN_UP]


def cards(links: Iterable[Link]) -> list[Card]:
    """Return three stories with pictures of the newest edition that has so many."""
    for link in links:
        items = editions.content(edition_id=link.edition_id).items
        found = [
            Card(item.title, link.href, link.newsletter, item.story.image)
            for item in items
            if item.story.image is not None and not item.story.subscriber_only
        ]
        if len(found) >= CARDS:
            return found[:CARDS]
    return []


def _newest(newsletter: Newsletter, n: int) -> list[Link]:
    days, _ = _days(newsletter, n, None)
    return [_link(*found) for found in shelf.placed(chain(*days))][:n]


def _days(
    newsletter: Newsletter, at_least: int, before: datetime | None
) -> tuple[list[list[EditionView]], bool]:
    """Return whole days with so many editions, and whether there are older ones.

    A night of results is one edition for each council and update, so a day may be
    long: look a little first, then far.
    """
    rows: list[EditionView] = []
    days: list[list[EditionView]] = []
    for asked in (at_least + A_FEW, MOST_OF_A_DAY):
        rows = editions.archive(newsletter.id, limit=asked, before=before)
        days = shelf.whole_days(rows, asked=asked)
        if days or len(rows) < asked:
            break
    shown: list[list[EditionView]] = []
    for day in days:
        if sum(map(len, shown)) >= at_least:
            break
        shown.append(day)
    return shown, len(rows) > sum(map(len, shown))


def _link(edition: EditionView, place: Place) -> Link:
    return Link(
        edition.subject,
        reverse("public:edition", args=[edition.newsletter.slug, place.path]),
        edition.slot_at,
        edition.newsletter.name,
        edition.id,
        shelf.bound_words(edition),
    )


def _newsletter(slug: str) -> Newsletter:
    found = audience.newsletter_by_slug(slug)
    if found is None:
        raise Http404("no such newsletter")
    return found


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """GET /n: every newsletter with its latest editions."""
    shelves = [
        Shelf(n.slug, n.name, n.rhythm, _newest(n, ON_THE_INDEX))
        for n in audience.newsletters()
    ]
    return render(request, "public/archive.html", {"shelves": shelves})


@require_safe
def one_shelf(request: HttpRequest, slug: str) -> HttpResponse:
    """GET /n/<slug>: what it sent, newest first, by whole days."""
    newsletter = _newsletter(slug)
    before = _day(request.GET.get("before", ""))
    zone = _zone_of(newsletter)
    ends = datetime.combine(before, time(), zone) if before else None
    days, has_older = _days(newsletter, A_PAGE, ends)
    here = reverse("public:shelf", args=[slug])
    page = {
        "newsletter": newsletter,
        "editions": [_link(*found) for found in shelf.placed(chain(*days))],
        "older": f"{here}?before={days[-1][0].slot_at.date()}" if has_older else "",
        "older_than": before,
        "next": next_words(newsletter.id, utc_now()),
    }
    return render(request, "public/shelf.html", page)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _zone_of(newsletter: Newsletter) -> ZoneInfo:
    recipe = editions.recipe(newsletter.id)
    return ZoneInfo(recipe.time_zone if recipe else settings.PAGE_TIME_ZONE)


@require_safe
@shows_a_mail
def edition(request: HttpRequest, slug: str, day: str) -> HttpResponse:
    """GET /n/<slug>/<date>[-2]: the mail as everyone may read it."""
    newsletter = _newsletter(slug)
    place = shelf.read_place(day)
    if place is None:
        raise Http404("no such day")
    rows = _around(newsletter, place.on)
    placed_rows = shelf.placed(rows)
    turn = next((i for i, (_, p) in enumerate(placed_rows) if p == place), None)
    if turn is None:
        raise Http404("no such edition")
    found = placed_rows[turn][0]
    html = stored.for_everyone(found, here=request.path)
    if html is None:
        page = {"edition": found, "newsletter": newsletter}
        return render(request, "public/locked.html", page)
    newer = placed_rows[turn - 1] if turn else None
    older = placed_rows[turn + 1] if turn + 1 < len(placed_rows) else None
    strip = {
        "newsletter": newsletter,
        "edition": found,
        "newer": newer and _link(*newer),
        "older": older and _link(*older),
        "bound": shelf.bound_words(found),
    }
    return HttpResponse(stored.with_strip(request, html, strip))


def _around(newsletter: Newsletter, on: date) -> list[EditionView]:
    """Return the editions of a day and its neighbours in the archive, newest first.

    After a day with very many others its newer neighbours are left out.
    """
    noon = datetime.combine(on, time(12), _zone_of(newsletter))
    for later, asked in ((10, A_PAGE), (2, MOST_OF_A_DAY)):
        rows = editions.archive(
            newsletter.id, limit=asked, before=noon + timedelta(days=later)
        )
        days = shelf.whole_days(rows, asked=asked)
        if any(day[0].slot_at.date() == on for day in days):
            return list(chain(*days))
    return []


@require_safe
def feed(_request: HttpRequest, slug: str) -> HttpResponse:
    """GET /n/<slug>/feed.atom: the newest editions."""
    newsletter = _newsletter(slug)
    here = settings.PUBLIC_URL + reverse("public:shelf", args=[slug])
    atom = Atom1Feed(
        title=f"{settings.BRAND.name}: {newsletter.name}",
        link=here,
        feed_url=settings.PUBLIC_URL + reverse("public:feed", args=[slug]),
        description=newsletter.description,
        language=newsletter.language,
        author_name=settings.BRAND.name,
    )
    for link in _newest(newsletter, IN_A_FEED):
        address = settings.PUBLIC_URL + link.href
        atom.add_item(
            title=link.subject,
            link=address,
            description=link.bound or newsletter.description,
            unique_id=address,
            pubdate=link.at,
            updateddate=link.at,
        )
    return HttpResponse(atom.writeString("utf-8"), content_type=atom.content_type)


@require_safe
def list_help(request: HttpRequest, slug: str) -> HttpResponse:
    """GET /n/<slug>/help: how to get on, off, and to a person (RFC 2369 §3.1)."""
    return render(request, "public/help.html", {"newsletter": _newsletter(slug)})
