"""Visitors of the readers' door: a client with a network address of its own, links.

Forms are checked as in production: a POST without the page's mark is refused.
"""

import html
import itertools
import re
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from mailer.audience import operations, queries
from mailer.audience.newsletter import Newsletter
from mailer.audience.queries import SubscriberView
from mailer.kernel.tokens import seal

HOST = "news.causeway.example"
_addresses = itertools.count(1)
MARK = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
TAGS = re.compile(r"<[^>]+>")


class Visitor:
    """Somebody in front of our pages, over https, from an address nobody else has."""

    def __init__(self, address: str = "") -> None:
        number = next(_addresses)
        self.address = address or f"198.18.{number // 250 % 250}.{number % 250 + 1}"
        self.client = Client(enforce_csrf_checks=True)

    def opens(self, path: str, **headers: str) -> HttpResponse:
        """GET a page."""
        return self._ask("get", path, **headers)

    def asks(self, method: str, path: str, **headers: str) -> HttpResponse:
        """Ask by another method."""
        return self._ask(method, path, **headers)

    def posts(self, path: str, data: Any = None, **more: Any) -> HttpResponse:
        """POST without having seen the page: no mark."""
        return self._ask("post", path, data or {}, **more)

    def sends(self, path: str, page: str = "", **fields: Any) -> HttpResponse:
        """Open a page (by default the form's own address) and send its form."""
        found = MARK.search(body(self.opens(page or path)))
        mark = {"csrfmiddlewaretoken": found[1]} if found else {}
        origin = {"HTTP_ORIGIN": f"https://{HOST}"}
        return self._ask("post", path, mark | fields, **origin)

    def comes_in_as(self, person: SubscriberView, now: datetime) -> "Visitor":
        """Open "my mails" by a link, as the person does."""
        operations.ask_link(address=person.address, now=now)
        operations.answer_requests(now=now)
        url = [x for x in queries.letters_waiting(1000) if x.kind == "link"][-1].data[
            "url"
        ]
        self.sends(url.removeprefix(settings.PUBLIC_URL))
        return self

    def _ask(self, method: str, path: str, *data: Any, **more: Any) -> HttpResponse:
        ask = getattr(self.client, method)
        more = {"REMOTE_ADDR": self.address, "HTTP_HOST": HOST, "secure": True} | more
        answer: HttpResponse = ask(path, *data, **more)
        return answer


def leave_path(person: SubscriberView, newsletter: Newsletter) -> str:
    """Return the path in List-Unsubscribe."""
    return f"/u/{seal('leave', [person.id, newsletter.id], settings.TOKEN_KEYS)}"


def path_of(url: str) -> str:
    """Return the path of a link in a letter."""
    return url.removeprefix(settings.PUBLIC_URL)


def flipped(path: str) -> str:
    """Return a path whose token has one character changed, not the last one."""
    at = len(path) - 5
    return path[:at] + ("A" if path[at] != "A" else "B") + path[at + 1 :]


def body(answer: HttpResponse) -> str:
    """Return the HTML of an answer."""
    return answer.content.decode()


def said(answer: HttpResponse) -> str:
    """Return the words of an answer's page, spaces made one."""
    page = body(answer).partition("<main")[2] or body(answer)
    return " ".join(html.unescape(TAGS.sub(" ", page)).split())


def title_of(answer: HttpResponse) -> str:
    """Return the h1 of an answer's page."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", body(answer), re.DOTALL)
    return html.unescape(TAGS.sub("", found[1])).strip() if found else ""
