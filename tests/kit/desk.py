"""An editor with a browser, over Django's client with its CSRF checks on.

And what she has before her: an edition that waits, a story to break. Both stand at the
real time, since her pages read the clock.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import lxml.html
from django.contrib.auth import get_user_model
from django.test import Client

from mailer.audience.newsletter import Newsletter
from mailer.editions.view import EditionView
from mailer.kernel.clock import utc_now
from mailer.local.visitor import Visitor
from tests.kit.audience import a_newsletter, a_reader_of
from tests.kit.editions import Paper, a_digest_newsletter, a_recipe_for, planned

HOME = "https://news.causeway.example"


class ClientVisitor(Visitor):
    """A visitor whose requests go to Django's client instead of the network."""

    def __init__(self) -> None:
        super().__init__(HOME)
        self.client = Client(enforce_csrf_checks=True)

    @property
    def path(self) -> str:
        """Return the path of the page in front of her."""
        return urlsplit(self.at).path

    def value(self, field: str) -> str:
        """Return what a field holds."""
        [found] = self.page.xpath(f"//*[@name='{field}']")
        return str(found.get("value", ""))

    def _go(self, request: object) -> None:
        url = str(getattr(request, "full_url"))  # noqa: B009
        data = getattr(request, "data", None)
        path = url.removeprefix(HOME)
        if data is None:
            answer = self.client.get(path, secure=True, follow=True)
        else:
            fields = parse_qs(data.decode(), keep_blank_values=True)
            answer = self.client.post(
                path, fields, secure=True, follow=True, HTTP_REFERER=self.at
            )
        chain = getattr(answer, "redirect_chain", [])
        self.at = urljoin(url, chain[-1][0]) if chain else url
        self.status = answer.status_code
        self.page = lxml.html.fromstring(answer.content or b"<html></html>")


def an_editor(name: str = "thandi", full_name: str = "Thandi Mokoena") -> ClientVisitor:
    """Return an editor who is logged in."""
    first, _, last = full_name.partition(" ")
    person, _ = get_user_model().objects.get_or_create(
        username=name, defaults={"first_name": first, "last_name": last}
    )
    visitor = ClientVisitor()
    visitor.client.force_login(person)
    return visitor


def a_ready_edition(*titles: str, name: str = "Morning digest") -> EditionView:
    """Return a digest with one reader that waits for approval, due in half an hour."""
    now = utc_now()
    paper = Paper(now=now - timedelta(days=1))
    for position, title in enumerate(titles or TITLES):
        at = now - timedelta(hours=1, minutes=position)
        paper.put(title, published_at=at)
    paper.collect(now=now - timedelta(minutes=30))
    slot = now + timedelta(minutes=30)
    newsletter = a_digest_newsletter(
        name=name,
        cron=f"{slot.minute} {slot.hour} * * *",
        time_zone="UTC",
        now=now - timedelta(hours=1),
    )
    a_reader_of(newsletter)
    return planned(newsletter, now=now)


TITLES = ("Dam is full", "Bread is cheaper", "Rovers draw")


def a_story_to_break(
    title: str = "Oreme dam is leaking",
    *,
    published_at: datetime | None = None,
    **said: Any,
) -> Newsletter:
    """Return the newsletter for alerts, with one reader, beside a fresh story."""
    now = utc_now()
    paper = Paper(now=now - timedelta(days=1))
    at = published_at or now - timedelta(minutes=5)
    paper.put(title, **({"published_at": at} | said))
    paper.collect(now=now)
    newsletter = a_recipe_for(
        a_newsletter("breaking", "Breaking news", is_alerts=True), cron=""
    )
    a_reader_of(newsletter)
    return newsletter
