"""What the newsroom has written: every piece, as it lies in the files.

A piece's time is relative: `ago` minutes before the newsroom opened. What belongs to a
later batch has none; it is published when somebody says so.
"""

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "stories"
KINDS = ("news", "opinion", "press_release", "event", "puzzle")
# archive: there when a feed is first read. morning: for the first digest. later: held
# back, one by one. breaking: when the demo breaks it.
BATCHES = ("archive", "morning", "later", "breaking")


@dataclass(frozen=True)
class Piece:
    """One story, opinion, press release, event or puzzle, in its first version.

    edit: what a later version says otherwise. day, at: when an event begins, in days
    after the opening and local time.
    """

    slug: str
    title: str
    section: str
    kind: str = "news"
    standfirst: str = ""
    body: str = ""
    by: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    picture: str = ""
    alt: str = ""
    ago: int = 0
    batch: str = "morning"
    related: tuple[str, ...] = ()
    subscriber_only: bool = False
    credit: str = ""
    venue: str = ""
    day: int = 0
    at: str = ""
    edit: tuple[tuple[str, str], ...] = ()

    @property
    def paragraphs(self) -> list[str]:
        """Return the body, paragraph by paragraph, each on one line."""
        parts = self.body.strip().split("\n\n")
        return [" ".join(part.split()) for part in parts if part.strip()]

    @property
    def path(self) -> str:
        """Return where its page is on the site."""
        folder = "-".join(re.findall(r"[a-z0-9]+", self.section.casefold()))
        return f"/{folder}/{self.slug}"

    @property
    def edited(self) -> "Piece":
        """Return the second version."""
        said = dict(self.edit)
        return replace(
            self,
            title=said.get("title", self.title),
            standfirst=said.get("standfirst", self.standfirst),
            body=said.get("body", self.body),
            edit=(),
        )


@cache
def pieces() -> tuple[Piece, ...]:
    """Return everything the newsroom has written.

    Raises ValueError where a file is not as it should be: a slug twice, a link that
    leads nowhere, a kind nobody knows.
    """
    found: list[Piece] = []
    for path in sorted(FOLDER.glob("*.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        stories = told.pop("stories")
        found += [_piece({**told, **story}, path.name) for story in stories]
    slugs = [piece.slug for piece in found]
    for piece in found:
        if slugs.count(piece.slug) > 1:
            raise ValueError(f"{piece.slug} is there twice")
        for slug in piece.related:
            if slug not in slugs:
                raise ValueError(f"{piece.slug} is related to {slug}, which is nowhere")
        if piece.kind not in KINDS or piece.batch not in BATCHES:
            raise ValueError(f"{piece.slug}: {piece.kind}, {piece.batch}")
    return tuple(found)


def _piece(told: dict[str, Any], name: str) -> Piece:
    for field in ("title", "standfirst", "body", "alt"):
        told[field] = typeset(told.get(field, ""))
    for field in ("by", "tags", "related"):
        told[field] = tuple(told.get(field, ()))
    edit = told.get("edit", {})
    told["edit"] = tuple((name, typeset(text)) for name, text in edit.items())
    try:
        return Piece(**told)
    except TypeError as error:
        raise ValueError(f"{name}: {told.get('slug')}: {error}") from error


def typeset(text: str) -> str:
    """Return a text with the quotation marks of print for those of a typewriter."""
    for straight, opening, closing in (
        ('"', "\u201c", "\u201d"),
        ("'", "\u2018", "\u2019"),
    ):
        text = re.sub(rf"(^|[\s(\u201c\u2018]){straight}", rf"\1{opening}", text)
        text = text.replace(straight, closing)
    return text
