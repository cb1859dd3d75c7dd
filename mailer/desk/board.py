"""What Today shows: each edition with its people, its run, and what to know of it."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from mailer.audience import queries as audience
from mailer.audience.newsletter import Newsletter
from mailer.delivery import queries as delivery
from mailer.delivery.progress import Progress
from mailer.editions import queries as editions
from mailer.editions.content import EditionKind
from mailer.editions.view import EditionView, SlotView

MANY = 3  # results that stand alike: from here on one line that opens
EVERY_PLACE = 10_000


@dataclass(frozen=True)
class Row:
    """One edition on the board. people: of its run, or who would get it now."""

    edition: EditionView
    people: int
    progress: Progress | None
    place: str = ""
    is_group = False

    @property
    def at(self) -> datetime:
        """Return when it stands on the board."""
        return self.edition.slot_at

    @property
    def settled(self) -> int:
        """Count who needs nothing more from its run."""
        p = self.progress
        return p.audience - p.left - p.in_flight if p else 0

    @property
    def run_ids(self) -> str:
        """Return the runs behind it, as an address takes them."""
        return str(self.edition.run_id or "")


@dataclass(frozen=True)
class Group:
    """Results of many places that stand alike: one line that opens."""

    rows: tuple[Row, ...]
    is_group = True

    @property
    def edition(self) -> EditionView:
        """Return one of them: their newsletter and state are the same."""
        return self.rows[0].edition

    @property
    def at(self) -> datetime:
        """Return when the first of them stands on the board."""
        return min(row.at for row in self.rows)

    @property
    def people(self) -> int:
        """Count the people of all of them."""
        return sum(row.people for row in self.rows)

    @property
    def settled(self) -> int:
        """Count who needs nothing more from their runs."""
        return sum(row.settled for row in self.rows)

    @property
    def accepted(self) -> int:
        """Count whose mail was taken."""
        return sum(row.progress.accepted for row in self.rows if row.progress)

    @property
    def in_doubt(self) -> int:
        """Count of whom nobody knows whether they have it."""
        return sum(row.progress.in_doubt for row in self.rows if row.progress)

    @property
    def run_ids(self) -> str:
        """Return the runs behind it, as an address takes them."""
        return ",".join(row.run_ids for row in self.rows if row.run_ids)


@dataclass(frozen=True)
class Planned:
    """A slot still to come, with nothing in it yet."""

    slot: SlotView

    @property
    def at(self) -> datetime:
        """Return when it stands on the board."""
        return self.slot.at


Line = Row | Group


@dataclass(frozen=True)
class Board:
    """Today, in the order of what needs a person most. coming: by time."""

    needs_you: tuple[Line, ...]
    sending: tuple[Line, ...]
    coming: tuple[Line | Planned, ...]
    done: tuple[Line, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing happens today."""
        return not (self.needs_you or self.sending or self.coming or self.done)

    @cached_property
    def mark(self) -> str:
        """Return what changes when the board does, but for how far runs have come."""
        lines = (*self.needs_you, *self.sending, *self.coming, *self.done)
        seen: list[object] = []
        for line in lines:
            if isinstance(line, Planned):
                seen.append(line.slot)
                continue
            for row in rows_of(line):
                run = row.progress
                how = run.state if run else row.people
                seen.append((row.edition, row.place, how))
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def of_today(*, now: datetime) -> Board:
    """Return the board as it stands."""
    day = editions.today(now)
    whole = (*day.needs_you, *day.sending, *day.coming, *day.done)
    rows = {row.edition.id: row for row in rows_for(whole)}

    def lines(views: Iterable[EditionView]) -> tuple[Line, ...]:
        return gathered(rows[view.id] for view in views)

    planned = [Planned(slot) for slot in day.slots]
    return Board(
        needs_you=lines(day.needs_you),
        sending=lines(day.sending),
        coming=tuple(sorted([*lines(day.coming), *planned], key=lambda line: line.at)),
        done=lines(reversed(day.done)),
    )


def rows_of(line: Line) -> tuple[Row, ...]:
    """Return the editions of a line."""
    return line.rows if isinstance(line, Group) else (line,)


def gathered(rows: Iterable[Row]) -> tuple[Line, ...]:
    """Gather results that stand alike, where they are many, at the first's place."""
    alike: dict[object, list[Row]] = {}
    for row in rows:
        edition = row.edition
        is_result = edition.kind is EditionKind.RESULTS
        key = (edition.newsletter.id, edition.state, edition.blocked)
        alike.setdefault(key if is_result else edition.id, []).append(row)
    lines: list[Line] = []
    for found in alike.values():
        lines += [Group(tuple(found))] if len(found) >= MANY else found
    return tuple(lines)


def row_of(edition: EditionView) -> Row:
    """Return one edition with who gets it and how far it is."""
    [row] = rows_for([edition])
    return row


def rows_for(views: Sequence[EditionView]) -> list[Row]:
    """Return editions with who gets them and how far they are, in their order."""
    runs = delivery.progress_of({view.run_id for view in views if view.run_id})
    placed = any(view.place_code for view in views)
    known = audience.places(limit=EVERY_PLACE) if placed else []
    names = {place.code: place.name for place in known}
    waiting = [view for view in views if view.run_id not in runs and view.is_unsent]
    reach = {n: _reach_of(n, waiting) for n in {v.newsletter for v in waiting}}
    return [
        Row(
            edition=view,
            people=run.audience
            if (run := runs.get(view.run_id or 0))
            else reach.get(view.newsletter, {}).get(view.place_code, 0),
            progress=run,
            place=names.get(view.place_code, view.place_code),
        )
        for view in views
    ]


def _reach_of(newsletter: Newsletter, waiting: Iterable[EditionView]) -> dict[str, int]:
    """Count who would get a newsletter now: by place, and "" for all of them."""
    places = {v.place_code for v in waiting if v.newsletter == newsletter}
    reach = audience.count_reach_by_place(newsletter.id) if places - {""} else {}
    if "" in places:
        reach[""] = audience.count_reach(newsletter_id=newsletter.id)
    return reach
