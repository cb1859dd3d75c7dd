"""How a source's items are filed: kind, section, tags, who may read them.

What an item says of itself in our own words counts first, then what the source's
rules rename, then the words newsrooms use, then the source's defaults.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import StrEnum

from mailer.sources.draft import Category
from mailer.sources.story import Kind

MOST_TAGS = 30


class Paid(StrEnum):
    """Which items of a source are for paying readers. Stored: never renamed."""

    MARKED = "marked"  # those that say so
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a newsroom has settled for one source.

    section: for items that name none, and before their first category.
    sections, kinds: a category's words, in lower case → what it means here.
    zone: where the source lives, for dates that name no zone.
    """

    kind: Kind = Kind.NEWS
    section: str = ""
    paid: Paid = Paid.MARKED
    language: str = ""
    credit: str = ""
    zone: tzinfo = UTC
    sections: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, Kind] = field(default_factory=dict)


KIND_WORDS = {
    "news": Kind.NEWS,
    **dict.fromkeys(
        ("opinion", "opinions", "opinion piece", "op-ed", "oped", "op ed", "editorial",
         "editorials", "column", "columns", "columnist", "columnists", "comment",
         "commentary", "letters", "letters to the editor", "leader", "viewpoint"),
        Kind.OPINION,
    ),
    **dict.fromkeys(
        ("press release", "press releases", "press-release", "press-releases",
         "press_release", "pressrelease", "news release", "media release",
         "media statement", "press statement", "press statements"),
        Kind.PRESS_RELEASE,
    ),
    **dict.fromkeys(
        ("event", "events", "what's on", "whats on", "what\u2019s on", "calendar",
         "what's next", "what\u2019s next", "diary"),
        Kind.EVENT,
    ),
    **dict.fromkeys(
        ("puzzle", "puzzles", "crossword", "crosswords", "sudoku", "quiz", "quizzes",
         "cryptic crossword", "quick crossword"),
        Kind.PUZZLE,
    ),
}  # fmt: skip
PAID_WORDS = {
    "subscribers", "subscriber", "subscribers only", "subscribers-only", "paywall",
    "subscriber only", "subscriber-only", "subscriber_only", "members only", "premium",
    "members-only", "subscription", "paid",
}  # fmt: skip
WITHDRAWN_WORDS = {"withdrawn", "retracted"}
_YES, _NO = {"true", "yes", "1"}, {"false", "no", "0"}


@dataclass(frozen=True, slots=True)
class Filed:
    """Where an item belongs."""

    kind: Kind
    section: str
    tags: tuple[str, ...]
    subscriber_only: bool
    withdrawn: bool


def file(
    categories: Sequence[Category],
    marks: Mapping[str, str],
    rules: Rules,
    *,
    has_start: bool = False,
) -> Filed:
    """Decide where an item belongs.

    has_start: it names a time at which something begins, so it is an event.
    Tags are all categories, in order, but for those that only mark.
    """
    words = [category.term.casefold() for category in categories]
    tags = [
        category.term
        for category, word in zip(categories, words, strict=True)
        if word not in PAID_WORDS | WITHDRAWN_WORDS and not _is("kind", category)
    ]
    return Filed(
        kind=_kind(categories, marks, rules, has_start=has_start),
        section=_section(categories, marks, rules, tags),
        tags=tuple(dict.fromkeys(tags))[:MOST_TAGS],
        subscriber_only=_is_paid(words, marks, rules),
        withdrawn=_yes(marks.get("withdrawn", ""))
        or any(word in WITHDRAWN_WORDS for word in words),
    )


def kind_named(text: str) -> Kind | None:
    """Return the kind that a word of ours or of a newsroom names, if any."""
    word = " ".join(text.split()).casefold()
    try:
        return Kind(word.replace(" ", "_").replace("-", "_"))
    except ValueError:
        return KIND_WORDS.get(word)


def _kind(
    categories: Sequence[Category],
    marks: Mapping[str, str],
    rules: Rules,
    *,
    has_start: bool,
) -> Kind:
    said = [marks.get("kind", ""), *(c.term for c in categories if _is("kind", c))]
    for word in said:
        kind = kind_named(word)
        if kind:
            return kind
    if has_start:
        return Kind.EVENT
    for category in categories:
        kind = rules.kinds.get(category.term.casefold())
        if kind:
            return kind
    # A default other than news is a newsroom's word on the whole feed: the press
    # releases of a puzzle maker stay press releases.
    if rules.kind is not Kind.NEWS:
        return rules.kind
    named = (KIND_WORDS.get(c.term.casefold(), Kind.NEWS) for c in categories)
    return next((kind for kind in named if kind is not Kind.NEWS), Kind.NEWS)


def _section(
    categories: Sequence[Category],
    marks: Mapping[str, str],
    rules: Rules,
    tags: Sequence[str],
) -> str:
    said = marks.get("section") or next(
        (c.term for c in categories if _is("section", c)), ""
    )
    if said:
        return rules.sections.get(said.casefold(), said)
    for category in categories:
        renamed = rules.sections.get(category.term.casefold())
        if renamed:
            return renamed
    return rules.section or next(iter(tags), "")


def _is_paid(words: Sequence[str], marks: Mapping[str, str], rules: Rules) -> bool:
    if rules.paid is not Paid.MARKED:
        return rules.paid is Paid.ALWAYS
    said = marks.get("subscriber_only", "").casefold()
    if said in _NO:
        return False
    return said in _YES | PAID_WORDS or any(word in PAID_WORDS for word in words)


def _is(what: str, category: Category) -> bool:
    """Say whether a category's scheme ends in this word, as in `…/section`."""
    return bool(re.search(rf"(^|[^a-z]){what}s?/?$", category.scheme.casefold()))


def _yes(text: str) -> bool:
    return text.casefold() in _YES | WITHDRAWN_WORDS
