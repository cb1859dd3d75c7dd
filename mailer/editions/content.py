"""What an edition holds: all that rendering needs, frozen, and its hash.

The hash covers everything a reader can see. Approval is bound to it: whatever changes
it asks for approval again.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from mailer.audience.newsletter import Newsletter
from mailer.elections.result import CouncilResult
from mailer.sources.story import Story


class EditionKind(StrEnum):
    """What sort of mail it becomes. Values are stored: never renamed."""

    DIGEST = "digest"
    ALERT = "alert"
    RESULTS = "results"


class EditionState(StrEnum):
    """Where an edition stands. Values are stored: never renamed.

    ready ─▶ approved ─▶ sending ─▶ sent
      │ ▲───────┤           └────▶ stopped
      ▼         ▼
    skipped (with the reason; also straight from the slot) · withdrawn
    """

    READY = "ready"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"
    STOPPED = "stopped"
    SKIPPED = "skipped"
    WITHDRAWN = "withdrawn"


class Block(StrEnum):
    """Where in the mail a story stands. Values are stored: never renamed."""

    LEAD = "lead"
    LATEST = "latest"  # cards with pictures
    SECTION = "section"  # headlines under their section's name
    OPINION = "opinion"
    EVENT = "event"  # "What's next"
    PUZZLE = "puzzle"
    PRESS = "press"


@dataclass(frozen=True, slots=True)
class Item:
    """A story in its place. title and standfirst are what the mail says."""

    block: Block
    position: int  # in the edition, 1…n
    story: Story
    title: str
    standfirst: str
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """What an alert says, beside the story it links to.

    advice: what to do, under advice_for ("If you are in one of the three towns").
    known, unknown: a sentence each. byline: who reports, and when the next mail comes.
    """

    headline: str
    line: str
    url: str
    at: datetime
    is_update: bool = False
    advice_for: str = ""
    advice: str = ""
    known: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    byline: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """One edition, whole. Exactly one of items, alert and result carries it."""

    edition_id: int
    kind: EditionKind
    newsletter: Newsletter
    number: int  # of this newsletter, 1…n
    slot_at: datetime  # aware, in the newsletter's own zone
    time_zone: str
    subject: str
    preheader: str
    note: str = ""
    note_by: str = ""
    items: tuple[Item, ...] = ()
    alert: Alert | None = None
    result: CouncilResult | None = None
    place_code: str = ""
    is_correction: bool = False
    is_test: bool = False
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """Return 32 hexadecimal digits over all a reader can see."""
        seen = json.dumps(asdict(self), sort_keys=True, default=_plain)
        return hashlib.sha256(seen.encode()).hexdigest()[:32]


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} in the content of an edition")
