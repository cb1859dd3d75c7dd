"""A content or a letter becomes a mail: compose, inline, lint. Pure, given templates.

Once per variant, never per subscriber: personal values stay marks (kernel.personal).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment

from mailer.editions.content import Content, EditionKind
from mailer.kernel.brand import Brand
from mailer.kernel.errors import Permanent
from mailer.kernel.personal import Personal
from mailer.rendering import cleaning, direction, environment, facts, wording
from mailer.rendering.alert import alert_page
from mailer.rendering.digest import digest
from mailer.rendering.facts import Facts
from mailer.rendering.inliner import inline
from mailer.rendering.letters import LetterPage, letter_page
from mailer.rendering.lint import lint
from mailer.rendering.look import Look, look
from mailer.rendering.pieces import Setting, headline_of
from mailer.rendering.results import ResultsPage, results_page, zone_of
from mailer.rendering.variant import Rendered, VariantKey

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "email"
BUDGET_BYTES = {  # Gmail clips near 102 KB (email-bugs 41); less is faster on a phone
    EditionKind.DIGEST: 80_000,
    EditionKind.ALERT: 20_000,
    EditionKind.RESULTS: 80_000,
}
LETTER_BYTES = 20_000
TEST = "TEST: "


class NothingToSay(Permanent):
    """An edition without stories, alert or result, or with the wrong one of them."""


@dataclass(frozen=True, slots=True)
class Page:
    """What every frame shows: whose mail it is, why it came, and how it is called."""

    paper: str
    site_url: str
    title: str
    preheader: str
    language: str
    direction: str
    why: str
    list_name: str  # "" for a letter: nothing to leave
    postal_address: str
    editor: str
    corrections_url: str
    name_align: str
    has_long_name: bool
    has_deck: bool
    rule: str = "deck"  # or "alarm"
    corner: str = ""
    corner_more: str = ""  # left out on a phone
    is_test: bool = False
    rendered_for: str = ""


def render_content(
    content: Content,
    key: VariantKey,
    brand: Brand,
    base_url: str,
    *,
    templates: Path = TEMPLATES,
) -> Rendered:
    """Return one variant of an edition, with what the lint finds in it.

    Raises TemplateFault (template and line), Damaged by the inliner, or NothingToSay.
    """
    content, brand = cleaning.whole(content), cleaning.whole(brand)
    language = content.newsletter.language or brand.language
    way = direction.of_language(language)
    paint = look(brand, way)
    setting = Setting(tier=key.tier, language=language, direction=way)
    views, head = _views(content, setting, brand, base_url)
    page = replace(
        _page(brand, language, paint),
        why=_why(content),
        list_name=cleaning.one_line(content.newsletter.name),
        is_test=content.is_test,
        rendered_for=f"for {key.tier} readers",
        **head,
    )
    folder = str(content.kind)
    results = views.get("results")
    html, text = _compose(
        environment.environment(templates),
        folder,
        {
            "page": page,
            "look": paint,
            "party_colours": results.colours if results else (),
            **views,
        },
    )
    subject = cleaning.one_line((TEST if content.is_test else "") + content.subject)
    rendered = Rendered(subject=subject, html=html, text=text)
    promises = _promises(content, key, brand, base_url, views)
    return replace(rendered, findings=lint(rendered, promises))


def render_letter(  # noqa: PLR0913  the brand and the base are not of the letter
    kind: str,
    data: Mapping[str, Any],
    language: str,
    brand: Brand,
    base_url: str,
    *,
    templates: Path = TEMPLATES,
) -> Rendered:
    """Return a letter, with what the lint finds in it. It has no marks.

    Raises NoSuchLetter, TemplateFault or Damaged.
    """
    brand = cleaning.whole(brand)
    letter = letter_page(kind, data, brand)
    way = direction.of_language(language or brand.language)
    paint = look(brand, way)
    page = replace(
        _page(brand, language or brand.language, paint),
        title=letter.subject,
        preheader=letter.preheader,
        why=letter.why,
    )
    html, text = _compose(
        environment.environment(templates),
        "letters",
        {"page": page, "look": paint, "letter": letter, "party_colours": ()},
    )
    rendered = Rendered(subject=letter.subject, html=html, text=text)
    promises = _promises_of_letter(letter, brand, base_url)
    return replace(rendered, findings=lint(rendered, promises))


def _views(
    content: Content, setting: Setting, brand: Brand, base_url: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the kind's templates see, and its part of the frame."""
    today = wording.long_date(wording.local(content.slot_at, content.time_zone))
    name = cleaning.one_line(content.newsletter.name)
    if content.kind is EditionKind.DIGEST and content.items:
        view = digest(content, setting)
        title = f"{brand.name}: {name}, {today}"
        return {"digest": view}, {"title": title, "preheader": view.preheader}
    preheader = cleaning.one_line(content.preheader)
    if content.kind is EditionKind.ALERT and content.alert:
        alert = alert_page(content, content.alert, brand, setting)
        moment = wording.local(content.alert.at, content.time_zone)
        return {"alert": alert}, {
            "title": f"{brand.name}, {alert.word.lower()}: {alert.headline}",
            "preheader": preheader or (alert.line[0] if alert.line else ""),
            "rule": "alarm",
            "corner_more": wording.weekday(moment),
            "corner": wording.date(moment),
        }
    if content.kind is EditionKind.RESULTS and content.result:
        results = results_page(
            content.result,
            time_zone=content.time_zone,
            zone_name=zone_of(content.time_zone, brand),
            base_url=base_url,
        )
        return {"results": results}, {
            "title": f"{brand.name}: {results.headline}",
            "preheader": preheader or results.sentence,
            "corner": f"Elections: {results.council}",
        }
    raise NothingToSay(f"the {content.kind} of edition {content.edition_id} is empty")


def _page(brand: Brand, language: str, paint: Look) -> Page:
    return Page(
        paper=brand.name,
        site_url=cleaning.address(brand.site_url),
        title="",
        preheader="",
        language=language,
        direction=paint.direction,
        why="",
        list_name="",
        postal_address=brand.postal_address,
        editor=brand.editor,
        corrections_url=cleaning.address(brand.corrections_url),
        name_align="center" if brand.centred else paint.start,
        has_long_name=brand.has_long_name,
        has_deck=brand.deck,
    )


def _why(content: Content) -> str:
    """Return why a reader gets this, and how often, in two sentences."""
    newsletter = content.newsletter
    name = cleaning.one_line(newsletter.name)
    place = content.result.council if content.result else ""
    asked = f"You get this because you asked for {name}"
    if content.extra.get("why"):
        asked = content.extra["why"].rstrip(".")
    elif place:
        asked += f" in {place}"
    rhythm = cleaning.one_line(newsletter.rhythm).rstrip(".")
    return f"{asked}. It comes {rhythm}." if rhythm else f"{asked}."


def _compose(env: Environment, folder: str, values: dict[str, Any]) -> tuple[str, str]:
    values = {**values, "marks": {mark.name: str(mark) for mark in Personal}}
    html = environment.compose(env, f"{folder}/mail.html", values)
    text = environment.compose(env, f"{folder}/mail.txt", values)
    return inline(html), text


def _promises(
    content: Content,
    key: VariantKey,
    brand: Brand,
    base_url: str,
    views: Mapping[str, Any],
) -> Facts:
    titles = [headline_of(item) for item in content.items]
    links = [cleaning.address(item.story.url) for item in content.items]
    if content.alert:
        titles.append(cleaning.one_line(content.alert.headline))
        links.append(cleaning.address(content.alert.url))
    results: ResultsPage | None = views.get("results")
    return Facts(
        budget_bytes=BUDGET_BYTES[content.kind],
        headlines=tuple(filter(None, titles)),
        links=tuple(filter(None, links)),
        locked=facts.locked_passages(content, key.tier),
        editorial=facts.editorial_words(content, brand),
        postal_address=brand.postal_address,
        figures=tuple((line.name, line.seats) for line in results.lines)
        if results and results.has_seats
        else (),
        as_at=results.as_at if results else "",
        may_link_this_machine=is_this_machine(base_url),
    )


def _promises_of_letter(letter: LetterPage, brand: Brand, base_url: str) -> Facts:
    return Facts(
        budget_bytes=LETTER_BYTES,
        headlines=(letter.title,),
        links=(letter.url,) if letter.url else (),
        editorial="\n".join([letter.subject, *letter.lines, *letter.items, letter.why]),
        postal_address=brand.postal_address,
        can_leave=False,
        may_link_this_machine=is_this_machine(base_url),
    )


@cache
def is_this_machine(base_url: str) -> bool:
    """Tell whether readers would have to sit at this machine: a demo or a test."""
    host = urlsplit(base_url).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")
