"""What the check page says before an alert leaves: rules, no tables.

Figures from pages.md §3: B2. An alarm that must be answered has a field.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailer.sources.story import Story

TYPED_ABOVE = 10_000  # people: from here on the number is typed
OLD_AFTER = timedelta(hours=6)
LONGEST_HEADLINE = 120
RECOMMENDED_HEADLINE = 46  # what a phone shows of a subject


@dataclass(frozen=True)
class Alarm:
    """A sentence before sending. blocks: it can't be sent while this is so."""

    text: str
    blocks: bool = False


def alarms(
    story: Story | None, *, people: int | None, headline: str, now: datetime
) -> list[Alarm]:
    """Return what an editor must know before the button is pressed."""
    found = []
    if people is None:
        found.append(Alarm("We can't count the audience now. Nothing is sent.", True))
    elif people == 0:
        found.append(Alarm("Nobody would get this. Choose another audience.", True))
    if len(headline) > RECOMMENDED_HEADLINE:
        found.append(
            Alarm(f"{len(headline)} characters; phones show about 46 of a subject.")
        )
    if story is None:
        return found
    if story.withdrawn_at:
        found.append(Alarm("Withdrawn at its source. It can't be sent.", True))
    if story.published_at is None:
        found.append(Alarm("This story has no date. Look whether it is new."))
    elif story.published_at > now:
        found.append(Alarm("This story is under embargo. It can't be sent yet.", True))
    elif now - story.published_at > OLD_AFTER:
        days = (now - story.published_at).days
        age = f"{days} days" if days > 1 else f"{_hours(now - story.published_at)}"
        found.append(Alarm(f"This story is {age} old."))
    return found


def number_fault(typed: str, *, people: int) -> str:
    """Return what is wrong with the typed number, or nothing.

    Separators are allowed: 182,340 and 182 340 are the same number.
    """
    if people <= TYPED_ABOVE:
        return ""
    digits = "".join(c for c in typed if c.isdigit())
    if digits == str(people):
        return ""
    return f"Type {people} to go on."


def _hours(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return "1 hour" if hours == 1 else f"{hours} hours"
