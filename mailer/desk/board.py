"""What Today shows: each edition with its people, its run, and what to know of it."""

from dataclasses import dataclass
from datetime import datetime

from mailer.audience import queries as audience
from mailer.delivery import queries as delivery
from mailer.delivery.progress import Progress
from mailer.editions import queries as editions
from mailer.editions.view import EditionView, SlotView


@dataclass(frozen=True)
class Row:
    """One edition on the board. people: of its run, or who would get it now."""

    edition: EditionView
    people: int
    progress: Progress | None
    place: str = ""


@dataclass(frozen=True)
class Board:
    """Today, in the order of what needs a person most."""

    needs_you: tuple[Row, ...]
    sending: tuple[Row, ...]
    coming: tuple[Row, ...]
    done: tuple[Row, ...]
    slots: tuple[SlotView, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing happens today."""
        return not (self.needs_you or self.sending or self.coming or self.done)


def of_today(*, now: datetime) -> Board:
    """Return the board as it stands."""
    day = editions.today(now)
    return Board(
        needs_you=tuple(row_of(e) for e in day.needs_you),
        sending=tuple(row_of(e) for e in day.sending),
        coming=tuple(row_of(e) for e in day.coming),
        done=tuple(row_of(e) for e in reversed(day.done)),
        slots=day.slots,
    )


def row_of(edition: EditionView) -> Row:
    """Return one edition with who gets it and how far it is."""
    progress = delivery.progress(edition.run_id) if edition.run_id else None
    place = audience.place(edition.place_code) if edition.place_code else None
    return Row(
        edition=edition,
        people=progress.audience if progress else people_of(edition),
        progress=progress,
        place=place.name if place else edition.place_code,
    )


def people_of(edition: EditionView) -> int:
    """Count who would get an edition if it went out now."""
    return audience.count_reach(
        newsletter_id=edition.newsletter.id, place_code=edition.place_code
    )
