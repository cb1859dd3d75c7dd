"""What an alert must be before it may go, and which alerts say the same again.

Pure: no clock, no table.
"""

from datetime import datetime, timedelta
from difflib import SequenceMatcher

from mailer.kernel.figures import grouped
from mailer.sources.story import Story

LONGEST_HEADLINE = 120
LONGEST_LINE = 240
TYPED_FROM = 10_000  # people: from here on the number is typed
REPEAT_WITHIN = timedelta(hours=48)
LIKE = 0.9  # of two headlines: from here on they say the same
DEADLINE = timedelta(hours=1)  # after its hold; later it is no alert
LEAST_MOVE = 50  # people an audience may move between page and button …
MOVE_PERCENT = 1  # … or this part of it, if that is more


def faults_of(
    story: Story | None, headline: str, line: str, *, now: datetime
) -> list[str]:
    """Return why this can't be an alert, a sentence each; none is fine."""
    if story is None:
        return ["There is no such story."]
    faults = []
    if story.withdrawn_at:
        faults.append("The story was withdrawn at its source. It can't be sent.")
    if story.published_at is None:
        faults.append(
            "The story has no date that can be believed, so nobody knows that it is "
            "new. It can't be sent as breaking news."
        )
    elif story.published_at > now:
        at = story.published_at
        faults.append(
            f"The story is under embargo until {at:%Y-%m-%d %H:%M} UTC. It can't be "
            "sent before."
        )
    for name, text, most in (
        ("headline", headline, LONGEST_HEADLINE),
        ("line", line, LONGEST_LINE),
    ):
        if len(text) > most:
            faults.append(f"The {name} has {len(text)} characters; it may have {most}.")
    if not headline.strip():
        faults.append("The headline is empty.")
    return faults


def byline(story: Story) -> str:
    """Return who reports it, as the alert says it below the button."""
    return f"Reporting: {', '.join(story.authors)}." if story.authors else ""


def says_the_same(headline: str, other: str) -> bool:
    """Tell whether two headlines are one to a reader."""
    one, two = (" ".join(t.casefold().split()) for t in (headline, other))
    return SequenceMatcher(None, one, two, autojunk=False).ratio() >= LIKE


def number_fault(typed: int | None, people: int) -> str:
    """Return why the typed number does not let the alert go, or an empty text.

    Below TYPED_FROM nobody types. An audience moves while a person reads: a few people
    more or less are the same audience, many are another.
    """
    if not people:
        return "Nobody would get it."
    if people < TYPED_FROM:
        return ""
    if typed is None:
        return f"It would go to {grouped(people)} people. Type the number to go on."
    allowed = max(LEAST_MOVE, people * MOVE_PERCENT // 100)
    if abs(typed - people) > allowed:
        return (
            f"It would go to {grouped(people)} people, and {grouped(typed)} was "
            "typed. Look again."
        )
    return ""
