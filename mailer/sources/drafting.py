"""From an item's own words to a Draft: clean, dated, filed, or refused and why."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from mailer.sources import html
from mailer.sources.addresses import NotALink, resolve, without_tracking
from mailer.sources.characters import storable
from mailer.sources.dates import NotADate, read_date
from mailer.sources.draft import Category, Draft, Problem, RawFeed, RawItem, Words
from mailer.sources.filing import Rules, file
from mailer.sources.story import Image, Kind, Related

LONGEST_TITLE = 300  # characters
LONGEST_STANDFIRST = 600
LONGEST_SUMMARY = 5_000  # of which a standfirst is made
LONGEST_BODY = 400_000  # of HTML; a long read has 40,000
LONGEST_GUID = 1_000
LONGEST_NAME = 200
MOST_AUTHORS = 20
MOST_RELATED = 12

# What publishing systems add to a summary, and what they leave of a cut one.
_BOILERPLATE = re.compile(
    r"\s*(The post .{1,400} (appeared first on|first appeared on) .{1,200}\.?"
    r"|(Continue reading|Read more|Read the full story|Read more here)\b.{0,120}"
    r"|Continue reading\b.{0,400})\s*$",
    re.DOTALL,
)
_CUT = re.compile(r"\s*(\[\s*(…|\.\.\.)\s*\]|\(\s*more\s*\.*\s*\))\s*$")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”\u2019)]*\s+(?=[\"'“\u2018(]?[^\W\d_a-z]|\d)")


class Unusable(ValueError):
    """This item can be no story; str() says why."""


def draft_all(
    feed: RawFeed, rules: Rules
) -> tuple[tuple[Draft, ...], tuple[Problem, ...]]:
    """Draft every item that can be one; name what was wrong with the others.

    One bad item never spoils another. Oddities of items that came in are problems
    as well, not refused.
    """
    drafts, problems = [], [_about_the_document(note) for note in feed.notes]
    for position, item in enumerate(feed.items, 1):
        title = html.one_line(_text(item.title))[:80]
        try:
            draft = replace(draft_one(item, feed, rules), position=position)
        except Unusable as why:
            problems.append(Problem(position, title, str(why), refused=True))
            continue
        drafts.append(draft)
        problems += [Problem(position, title, n, refused=False) for n in draft.notes]
    return tuple(drafts), tuple(problems)


def draft_one(item: RawItem, feed: RawFeed, rules: Rules) -> Draft:
    """Return the draft of one item.

    Raises Unusable for one that is not whole, without a link, or without words.
    """
    notes: list[str] = []
    marks = {name: storable(said) for name, said in item.marks}
    if "cut_off" in marks:
        raise Unusable("is cut off where the document ends")
    url = _url(item)
    summary_html = _html(item.summary, item.base, notes)
    body_html = _html(item.content, item.base, notes)
    summary, body_text = html.plain(summary_html), html.plain(body_html)
    if not body_html and len(summary) > LONGEST_STANDFIRST:
        # A whole article as its own summary.
        body_html, body_text, summary = summary_html, summary, ""
    standfirst = _standfirst(summary, body_text)
    title = _title(item, standfirst, notes)
    published_at = _date(item.published, "date", rules.zone, notes)
    updated_at = _date(item.updated, "date of its last edit", rules.zone, notes)
    starts_at = _date(marks.get("starts_at", ""), "start", rules.zone, notes)
    filed = file(
        _categories(item.categories), marks, rules, has_start=starts_at is not None
    )
    if not (item.published or item.updated):
        notes.append("has no date")
    credit = html.one_line(storable(item.credit)) or rules.credit
    authors = _names(item.authors)
    if filed.kind is Kind.PRESS_RELEASE:
        credit = credit or next(iter(authors), "") or html.one_line(feed.credit)
    return Draft(
        url=url,
        title=title,
        guid=storable(item.guid).strip()[:LONGEST_GUID],
        standfirst=standfirst,
        body_html=body_html,
        body_text=body_text,
        authors=authors,
        section=html.one_line(filed.section),
        tags=filed.tags,
        image=_image(item, (body_html, summary_html)),
        published_at=published_at or updated_at,
        updated_at=updated_at,
        language=tidy_language(item.language or rules.language or feed.language),
        kind=filed.kind,
        subscriber_only=filed.subscriber_only,
        related=_related(item, url),
        credit=credit,
        starts_at=starts_at,
        venue=html.one_line(marks.get("venue", "")),
        withdrawn=filed.withdrawn,
        notes=tuple(dict.fromkeys(notes)),
    )


def tidy_language(tag: str) -> str:
    """Return a language tag in its usual case (RFC 5646 §2.1.1), "" for none."""
    tag = tag.strip().replace("_", "-")
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag):
        return ""
    first, *rest = tag.split("-")
    cased = {2: str.upper, 4: str.title}
    return "-".join([first.lower(), *(cased.get(len(s), str.lower)(s) for s in rest)])


def _about_the_document(note: str) -> Problem:
    return Problem(0, "", html.one_line(storable(note))[:300], refused=False)


def _text(words: Words) -> str:
    """Return words as plain text, whatever the document called them."""
    value = storable(words.value)
    if words.is_html:
        return html.plain(html.sanitise(value[: 10 * LONGEST_TITLE], base=""))
    return value


def _html(words: Words, base: str, notes: list[str]) -> str:
    value = storable(words.value).strip()
    if not value:
        return ""
    if len(value) > LONGEST_BODY:
        notes.append(f"its text is cut after {LONGEST_BODY} characters")
        value = value[:LONGEST_BODY]
    if not words.is_html:
        paragraphs = re.split(r"\n\s*\n", value)
        value = "".join(f"<p>{_escaped(p)}</p>" for p in paragraphs if p.strip())
    return html.sanitise(value, base=words.base or base)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _url(item: RawItem) -> str:
    link = item.link or (item.guid if item.guid_is_link else "")
    if not link.strip():
        raise Unusable("has no link")
    try:
        return without_tracking(resolve(storable(link), item.base))
    except NotALink as error:
        raise Unusable(f"its link {error}") from error


def _title(item: RawItem, standfirst: str, notes: list[str]) -> str:
    title = html.one_line(_text(item.title))
    if not title and standfirst:
        notes.append("has no title; its first words are taken")
        title = _shorten(_SENTENCE.split(standfirst, maxsplit=1)[0], 80)
    if not title:
        raise Unusable("has neither title nor text")
    if len(title) > LONGEST_TITLE:
        notes.append(f"its title is cut after {LONGEST_TITLE} characters")
    return _shorten(title, LONGEST_TITLE)


def _standfirst(summary: str, body_text: str) -> str:
    """Return the summary, or the article's first paragraph where it has none."""
    if not summary:
        paragraphs = body_text.split("\n\n")
        summary = next((p for p in paragraphs if len(p) > 20), paragraphs[0])  # noqa: PLR2004
    summary = html.one_line(_BOILERPLATE.sub("", summary[:LONGEST_SUMMARY]))
    return _shorten(_CUT.sub("…", summary), LONGEST_STANDFIRST)


def _shorten(text: str, longest: int) -> str:
    """Cut a text at the end of a sentence, or else of a word."""
    if len(text) <= longest:
        return text
    ends = [found.start() for found in _SENTENCE.finditer(text[: longest + 1])]
    if ends and ends[-1] > longest // 2:
        return text[: ends[-1]].rstrip()
    head = text[: longest - 1]
    return (head.rsplit(None, 1)[0] if " " in head else head).rstrip(
        " ,;:\u2013—-"
    ) + "…"


def _date(text: str, what: str, zone: tzinfo, notes: list[str]) -> datetime | None:
    if not text.strip():
        return None
    try:
        return read_date(storable(text), zone=zone)
    except NotADate as why:
        notes.append(
            f"its {what} {why}: “{_shorten(html.one_line(storable(text)), 40)}”"
        )
        return None


def _categories(said: Sequence[Category]) -> list[Category]:
    cleaned = (
        Category(
            html.one_line(_text(Words(c.term, html.looks_like_html(c.term)))), c.scheme
        )
        for c in said
    )
    return [category for category in cleaned if 0 < len(category.term) <= 100]  # noqa: PLR2004


def _names(said: Sequence[str]) -> tuple[str, ...]:
    """Return names of people without addresses: "a@b.example (Ann)" is Ann."""
    names = []
    for name in (name for name in said if len(name) <= LONGEST_NAME):
        words = Words(name, html.looks_like_html(name))
        plain = html.one_line(_text(words))
        in_brackets = re.fullmatch(r"\S+@\S+\s*\((.+)\)", plain)
        before_address = re.fullmatch(r"(.+?)\s*[<(]?\S+@\S+?[>)]?", plain)
        found = in_brackets or before_address
        plain = found[1].strip("\"' ") if found else plain
        if plain and "@" not in plain:
            names.append(plain)
    return tuple(dict.fromkeys(names))[:MOST_AUTHORS]


def _image(item: RawItem, bodies: Sequence[str]) -> Image | None:
    """Return the picture that stands for an item: named ones first, widest first.

    What it lacks is looked up in the article, where the same picture often has
    words and a size.
    """
    inside = [image for body in bodies for image in html.pictures(body)]
    named = []
    for image in item.images:
        try:
            url = resolve(storable(image.url), item.base)
        except NotALink:
            continue
        named.append(
            Image(
                url,
                storable(image.alt),
                image.width,
                image.height,
                storable(image.credit),
            )
        )
    if not named and not inside:
        return None
    best = max(named, key=lambda image: image.width or 0) if named else inside[0]
    twin = next((i for i in (*named, *inside) if i.url == best.url and i.alt), best)
    alt = html.one_line(best.alt or twin.alt)
    return Image(
        best.url,
        alt,
        best.width or twin.width,
        best.height or twin.height,
        html.one_line(best.credit),
    )


def _related(item: RawItem, url: str) -> tuple[Related, ...]:
    found: dict[str, Related] = {}
    for link in item.related:
        try:
            address = resolve(storable(link.url), item.base)
        except NotALink:
            continue
        title = html.one_line(
            _text(Words(link.title, html.looks_like_html(link.title)))
        )
        if address != url and title:
            found.setdefault(address, Related(_shorten(title, LONGEST_TITLE), address))
    return tuple(found.values())[:MOST_RELATED]
