"""What other rooms and doors see of an edition, a recipe and the day: frozen values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailer.audience.newsletter import Newsletter
from mailer.editions.content import EditionKind, EditionState
from mailer.editions.recipe import SCHEDULE, Approval, Selection, Waves


@dataclass(frozen=True, slots=True)
class EditionView:
    """One edition, without its content.

    subject is what the mail says, the editor's or the lead's. blocked: why it can't be
    rendered. approved_hash equals hash while an approval holds. stories: how many.
    """

    id: int
    newsletter: Newsletter
    kind: EditionKind
    state: EditionState
    slot: str
    slot_at: datetime  # aware, in the newsletter's zone
    time_zone: str
    number: int | None
    subject: str
    reason: str
    blocked: str
    hash: str
    approved_hash: str
    approved_by: str
    approved_at: datetime | None
    release_at: datetime
    deadline_at: datetime
    place_code: str
    result_id: int | None
    alert_story_id: int | None
    is_correction: bool
    run_id: int | None
    sent_at: datetime | None
    stories: int
    withdrawn_since: int  # stories withdrawn at their source after it had gone
    locked: int = 0  # stories for paying subscribers

    @property
    def is_unsent(self) -> bool:
        """Tell whether it may still go, and its content may still change."""
        return self.state in {EditionState.READY, EditionState.APPROVED}

    @property
    def is_automatic(self) -> bool:
        """Tell whether no person let it go."""
        return self.approved_by == SCHEDULE

    @property
    def needs_somebody(self) -> bool:
        """Tell whether nothing will happen unless a person acts."""
        return self.is_unsent and (
            self.state is EditionState.READY or bool(self.blocked)
        )


@dataclass(frozen=True, slots=True)
class RecipeView:
    """A recipe as it stands; faults: why it can't be used, if it can't."""

    newsletter_id: int
    cron: str
    time_zone: str
    selection: Selection
    approval: Approval
    lead_minutes: int
    deadline_minutes: int
    since: datetime
    waves: Waves = Waves.TOGETHER
    expires_minutes: int | None = None  # None: as long as its kind of mail is
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotView:
    """A slot still to come: its moment in the newsletter's zone.

    edition_id is None while nothing is planned there. clocks_change: the night before
    it the clocks change, so that the moment in UTC moves.
    """

    newsletter: Newsletter
    at: datetime
    key: str
    edition_id: int | None = None
    clocks_change: bool = False


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of an edition's history."""

    at: datetime
    by: str
    verb: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Today:
    """What goes out, and what is in the way; each list by time."""

    needs_you: tuple[EditionView, ...]
    sending: tuple[EditionView, ...]
    coming: tuple[EditionView, ...]  # approved, waiting for their time
    done: tuple[EditionView, ...]  # sent, stopped, skipped or withdrawn today
    slots: tuple[SlotView, ...]  # to come, with nothing planned yet
