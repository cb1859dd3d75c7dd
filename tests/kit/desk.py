"""An editor with a browser, over Django's client with its CSRF checks on."""

from urllib.parse import parse_qs, urljoin, urlsplit

import lxml.html
from django.contrib.auth import get_user_model
from django.test import Client

from mailer.local.visitor import Visitor

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
