"""What a mail must carry and what it must not: the lint holds HTML and text to it."""

import re
from dataclasses import dataclass

from mailer.editions.content import Content
from mailer.kernel.brand import Brand
from mailer.rendering import cleaning
from mailer.rendering.pieces import is_locked

LEAST_PASSAGE = 24  # characters; shorter sentences may stand anywhere by chance
_SENTENCE_ENDS = re.compile(r"(?<=[.!?…])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Facts:
    """The promises of one mail.

    editorial: all words that came from outside, in which braces are only braces.
    figures: rows of a result as (name, seats), equal in bar, table and text.
    """

    budget_bytes: int
    headlines: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    editorial: str = ""
    postal_address: str = ""
    can_leave: bool = True
    figures: tuple[tuple[str, str], ...] = ()
    as_at: str = ""
    may_link_this_machine: bool = False


def passages(*texts: str) -> tuple[str, ...]:
    """Return the sentences of texts that are long enough to be known again."""
    found = (
        cleaning.one_line(part).rstrip("….")
        for told in texts
        for part in _SENTENCE_ENDS.split(told)
    )
    return tuple(dict.fromkeys(part for part in found if len(part) >= LEAST_PASSAGE))


def locked_passages(content: Content, tier: str) -> tuple[str, ...]:
    """Return what a reader of a tier may not find in the bytes of the mail.

    What an open story or a headline says as well is no secret.
    """
    told = [
        passage
        for item in content.items
        if is_locked(item, tier)
        for passage in passages(
            item.standfirst, item.story.standfirst, item.story.body_text
        )
    ]
    open_words = " ".join(
        cleaning.one_line(f"{i.title} {'' if is_locked(i, tier) else i.standfirst}")
        for i in content.items
    )
    return tuple(
        passage for passage in dict.fromkeys(told) if passage not in open_words
    )


def editorial_words(content: Content, brand: Brand) -> str:
    """Return every word of a content that came from people."""
    parts = [content.subject, content.preheader, content.note, brand.name]
    for item in content.items:
        story = item.story
        parts += [item.title, item.standfirst, story.section, story.credit]
        parts += [story.source_name, story.venue, *story.authors]
        parts += [related.title for related in story.related]
        parts += [story.image.alt, story.image.credit] if story.image else []
    if content.alert:
        alert = content.alert
        parts += [alert.headline, alert.line, alert.advice, alert.advice_for]
        parts += [alert.byline, *alert.known, *alert.unknown]
    if content.result:
        parts += [content.result.council, content.result.source]
        parts += [f"{s.name} {s.short}" for s in content.result.standings]
        parts += [*content.result.what_changed, *content.result.undecided]
    return "\n".join(parts)
