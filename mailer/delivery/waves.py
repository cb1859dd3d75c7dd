"""Local-time waves: a digest comes at six where the reader is.

One run, released once, at the newsletter's own time. Readers whose clocks are behind
wait for their hour; whose hour is past gets it at once. Rules first, then the one read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mailer.delivery.models import Reach, Run
from mailer.editions.content import EditionKind
from mailer.editions.recipe import Waves
from mailer.editions.view import EditionView, RecipeView
from mailer.kernel.zones import is_zone, moment_of

ITS_OWN = -1  # the hour of whoever chose none


@dataclass(frozen=True, slots=True)
class Wave:
    """Readers of one zone who chose one hour, and when their mail may leave.

    hour: ITS_OWN for the newsletter's.
    """

    zone: str
    hour: int
    at: datetime


def waves_of(
    edition: EditionView, groups: Iterable[tuple[str, int | None]]
) -> list[Wave]:
    """Return the wave of each zone and hour that readers have, none before the release.

    The day is the slot's own, on the newsletter's wall clock. A zone nobody knows, or
    none, is the newsletter's.
    """
    slot = edition.slot_at.astimezone(ZoneInfo(edition.time_zone))
    wall = slot.replace(tzinfo=None, fold=0)
    found = []
    for zone, hour in groups:
        lives = ZoneInfo(zone if zone and is_zone(zone) else edition.time_zone)
        wished = wall if hour is None else wall.replace(hour=hour, minute=0)
        at = max(edition.release_at, moment_of(wished, lives))
        found.append(Wave(zone, ITS_OWN if hour is None else hour, at))
    return found


def plan_waves(edition: EditionView, recipe: RecipeView | None) -> list[Wave]:
    """Return the waves of an edition; none where it goes to all at once.

    Reads the newsletter's readers once a run; each slice then looks a reader's up.
    """
    if edition.kind is not EditionKind.DIGEST or recipe is None:
        return []
    if recipe.waves is not Waves.READER:
        return []
    readers = Reach.objects.filter(newsletter_id=edition.newsletter.id, wanted=True)
    groups = readers.values_list("time_zone", "hour").distinct()
    return waves_of(edition, sorted(groups, key=str))


def delay_of(waves: Sequence[Wave], release_at: datetime) -> timedelta:
    """Return how long after the release the last wave leaves; zero without waves."""
    last = max((wave.at for wave in waves), default=release_at)
    return last - release_at


def as_stored(waves: Sequence[Wave]) -> list[list[str | int]] | None:
    """Return waves as a run keeps them; None without any."""
    return [[one.zone, one.hour, one.at.isoformat()] for one in waves] or None


def stored(run: Run) -> list[Wave]:
    """Return the waves of a run."""
    return [
        Wave(zone, hour, datetime.fromisoformat(at))
        for zone, hour, at in run.waves or ()
    ]
