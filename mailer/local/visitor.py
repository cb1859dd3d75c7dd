"""A person with a browser, for the demo: opens pages, fills in forms, presses buttons.

It finds a button by its words, as a person does, so that it breaks when a page no
longer says what it does.
"""

import urllib.error
import urllib.request
from collections.abc import Mapping
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode, urljoin

import lxml.html

TIMEOUT_SECONDS = 20.0


class NoSuchButton(LookupError):
    """The page has no such button; str() names the buttons it has."""


class WentWrong(RuntimeError):
    """A page did not say what it should have said; str() has its words."""


class Visitor:
    """One person, with cookies. `page` is the page in front of her."""

    def __init__(self, home: str) -> None:
        self.home = home
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar())
        )
        self.at = home
        self.status = 0
        self.page = lxml.html.fromstring("<html></html>")

    def open(self, address: str) -> None:
        """Go to an address, relative to this server."""
        self._go(urllib.request.Request(urljoin(self.home, address)))  # noqa: S310

    def press(self, words: str, **fields: str) -> None:
        """Fill in fields of the form with this button and press it.

        words: how the button begins. A field with several boxes takes the values that
        are given, separated by commas.

        Raises NoSuchButton.
        """
        form, button = self._button(words)
        values = [
            (name, value)
            for name, value in form.form_values()
            if name not in fields and value is not None
        ]
        for name, value in fields.items():
            values += [(name, part) for part in value.split(",")]
        if button.get("name"):
            values.append((button.get("name"), button.get("value", "")))
        action = urljoin(self.at, button.get("formaction") or form.action or self.at)
        data = urlencode(values)
        if form.method == "GET":
            self.open(f"{action.partition('?')[0]}?{data}")
            return
        request = urllib.request.Request(action, data.encode())  # noqa: S310
        request.add_header("Referer", self.at)  # CSRF checks want it over https
        self._go(request)

    def follow(self, words: str) -> None:
        """Follow the first link whose words begin so. Raises NoSuchButton."""
        for link in self.page.iter("a"):
            if _words(link).startswith(words) and link.get("href"):
                self.open(urljoin(self.at, link.get("href")))
                return
        raise NoSuchButton(f"no link “{words}” at {self.at}")

    @property
    def words(self) -> str:
        """Return all the words on the page."""
        return _words(self.page)

    def _button(self, words: str) -> tuple[Any, Any]:
        """Return a button and its form: the very words first, then how it begins."""
        found = [
            (_words(button) or button.get("value", ""), form, button)
            for form in self.page.forms
            for button in form.iter("button", "input")
            if (button.tag == "button" or button.get("type") == "submit")
            and button.get("disabled") is None
        ]
        said = {text: (form, button) for text, form, button in reversed(found)}
        begins = [text for text, *_ in found if text.startswith(words)]
        if words not in said and not begins:
            raise NoSuchButton(f"no button “{words}” at {self.at}; there are {[*said]}")
        return said[words if words in said else begins[0]]

    def _go(self, request: urllib.request.Request) -> None:
        try:
            answer = self._opener.open(request, timeout=TIMEOUT_SECONDS)
        except urllib.error.HTTPError as error:
            answer = error  # a page of its own, with a status
        with answer:
            self.at, self.status = answer.url, answer.status
            body = answer.read()
        self.page = lxml.html.fromstring(body or b"<html></html>", base_url=self.at)


def post(address: str, fields: Mapping[str, str]) -> int:
    """Post a form without cookies, as a mail program does for one-click; the status."""
    data = urlencode(fields).encode()
    request = urllib.request.Request(address, data)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _words(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())
