"""When the next edition of a newsletter comes, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mailer.audience import queries as audience
from mailer.editions import queries as editions
from mailer.kernel import moments


@dataclass(frozen=True, slots=True)
class Next:
    """A newsletter's name and when it comes: "Wednesday at 06:00"."""

    name: str
    words: str


def next_ones(newsletter_ids: Iterable[int], now: datetime) -> list[Next]:
    """Return those that have a time; alerts and results come when they come."""
    found = []
    for newsletter_id in newsletter_ids:
        words = next_words(newsletter_id, now)
        if words:
            found.append(Next(audience.newsletter(newsletter_id).name, words))
    return found


def next_words(newsletter_id: int, now: datetime) -> str:
    """Return when a newsletter comes next, "" where nobody can tell."""
    for slot in editions.next_slots(newsletter_id, 1, now):
        zone = slot.at.tzinfo
        if zone is not None:
            return moments.coming(slot.at, zone, now)
    return ""
