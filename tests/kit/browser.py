"""A person with a browser: Chromium at a width, in a scheme, who can look and check.

Names nothing at import that an ordinary machine does not have: tests that need it are
marked `browser`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from django.db import connections

CHROMIUM = "/usr/bin/chromium"
PHONE, DESKTOP = 375, 1200
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TYPED_IN = "input:not([type=checkbox]):not([type=radio]), textarea"
CONTRAST = ["color-contrast"]
# One viewport high: axe judges what is there, wherever it is scrolled to.
HEIGHT = 900


Scheme = Literal["light", "dark"]
OTHER: dict[Scheme, Scheme] = {"light": "dark", "dark": "light"}


@dataclass
class Person:
    """One tab. `faults` collects what the browser itself complains about."""

    page: Any
    width: int
    scheme: Scheme
    faults: list[str] = field(default_factory=list)

    def hears(self, line: Any) -> None:
        """Note an error in the console; a page that answers 4xx by intent is none."""
        own = line.location.get("url") == self.page.url
        if line.type == "error" and not own:
            self.faults.append(line.text)

    def opens(self, address: str) -> "Person":
        """Go to an address and wait until it is drawn."""
        self.page.goto(address)
        return self

    def presses(self, name: str) -> "Person":
        """Press the button or link of this name, and wait for the next page."""
        press = self.page.get_by_role("button", name=name, exact=True)
        (press if press.count() else self.page.get_by_role("link", name=name)).click()
        self.page.wait_for_load_state()
        return self

    def types(self, label: str, text: str) -> "Person":
        """Fill the field of this label."""
        typed = self.page.locator(TYPED_IN)
        self.page.get_by_label(label).and_(typed).fill(text)
        return self

    def ticks(self, label: str) -> "Person":
        """Tick a box or pick a radio button by its words."""
        self.page.get_by_label(label).first.check()
        return self

    @property
    def title(self) -> str:
        """Return the h1."""
        return str(self.page.locator("h1").first.inner_text())

    def says(self, words: str) -> bool:
        """Tell whether the page shows these words."""
        return words in self.page.locator("body").inner_text()

    def overflows(self) -> bool:
        """Tell whether the page is wider than its window (WCAG 1.4.10)."""
        wide = "document.documentElement.scrollWidth > innerWidth"
        return bool(self.page.evaluate(wide))

    def violations(self) -> list[str]:
        """Return what axe finds, a line each; empty is clean.

        All its rules in this person's scheme, and contrast in the other one.
        """
        found = self._axe({"runOnly": RULES})
        self.page.emulate_media(color_scheme=OTHER[self.scheme])
        found += self._axe({"runOnly": {"type": "rule", "values": CONTRAST}})
        self.page.emulate_media(color_scheme=self.scheme)
        return found

    def _axe(self, options: dict[str, Any]) -> list[str]:
        from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415  CI's

        found = Axe().run(self.page, options=options).response
        return [
            f"{v['id']}: {node['target']} {node.get('failureSummary', '')}"
            for v in found["violations"]
            for node in v["nodes"]
        ]

    def is_drawn(self, path: Path) -> Path:
        """Write a screenshot of the whole page."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=True)
        return path


@contextmanager
def a_person(
    width: int = DESKTOP, scheme: Scheme = "light", *, script: bool = True
) -> Iterator[Person]:
    """Open a browser for one person and close it afterwards.

    script: False is a browser without JavaScript. axe is put into the page past the
    page's own policy; the policy still holds for everything the page brings.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  CI's

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT},
            color_scheme=scheme,
            java_script_enabled=script,
            bypass_csp=False,
            reduced_motion="reduce",
        )
        page = context.new_page()
        person = Person(page, width, scheme)
        page.on("pageerror", lambda error: person.faults.append(str(error)))
        page.on("console", person.hears)
        try:
            yield person
        finally:
            # Beside the browser's loop the ORM had a connection of its own.
            connections.close_all()
            browser.close()
