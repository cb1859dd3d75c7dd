"""Where a reader's clock stands and at which hour her digest comes: two fields of /p.

They are there only where some newsletter comes at each reader's own hour.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import available_timezones

from mailer.audience.newsletter import Newsletter
from mailer.audience.queries import SubscriberView
from mailer.editions import queries as editions
from mailer.editions.recipe import Waves
from mailer.kernel.zones import is_zone

CHOOSE = "Choose a time zone from the list, like Africa/Johannesburg, or leave it empty"
HOURS = 24


@dataclass(frozen=True, slots=True)
class Hours:
    """What was chosen; fault: why it can't be saved."""

    zone: str = ""
    hour: int | None = None
    fault: str = ""


def matter(newsletters: Iterable[Newsletter]) -> bool:
    """Tell whether any newsletter comes at each reader's own hour."""
    recipes = (editions.recipe(newsletter.id) for newsletter in newsletters)
    return any(recipe and recipe.waves is Waves.READER for recipe in recipes)


def of(person: SubscriberView) -> Hours:
    """Return what stands."""
    return Hours(person.time_zone, person.hour)


def read(post: Mapping[str, str], person: SubscriberView) -> Hours:
    """Return what a form asks for; fields that were not on it stay as they are."""
    if "time_zone" not in post:
        return of(person)
    zone = post["time_zone"].strip()[:100].replace(" ", "_")
    hour = post.get("hour", "")
    chosen = int(hour) if hour.isdecimal() and int(hour[:3]) < HOURS else None
    return Hours(zone, chosen, "" if not zone or is_zone(zone) else CHOOSE)


def fields(chosen: Hours) -> list[tuple[str, str]]:
    """Return the form fields that would bring this back."""
    hour = "" if chosen.hour is None else str(chosen.hour)
    return [("time_zone", chosen.zone), ("hour", hour)]


def options() -> list[tuple[str, str]]:
    """Return the hours to choose from."""
    return [("", "When it comes out"), *((str(n), f"{n:02}:00") for n in range(HOURS))]


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """Return the names of places whose clocks are known, Continent/City."""
    regions = {"Africa", "America", "Asia", "Atlantic", "Australia", "Europe"}
    regions |= {"Indian", "Pacific"}
    names = (name for name in available_timezones() if name.split("/")[0] in regions)
    return tuple(sorted(names))
