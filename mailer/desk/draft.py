"""An alert while it is being written: what was typed, who would get it, how it looks.

Nothing of it is stored before the last button; the form carries it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from mailer.audience import queries as audience
from mailer.audience.newsletter import Newsletter
from mailer.editions import alerts
from mailer.editions import operations as editions
from mailer.editions.content import Alert, Content, EditionKind
from mailer.kernel import moments
from mailer.kernel.figures import grouped
from mailer.rendering.mail import render_content
from mailer.rendering.variant import Rendered, VariantKey
from mailer.sources import queries as sources
from mailer.sources.story import Story

RECOMMENDED_HEADLINE = 46  # characters: what a phone shows of a subject
OLD_AFTER = timedelta(hours=6)


@dataclass(frozen=True)
class Draft:
    """An alert not yet sent. key makes a second press of its button the same press."""

    story: Story | None
    newsletter: Newsletter | None
    headline: str
    line: str
    place_code: str
    key: str
    is_update: bool = False

    @property
    def people(self) -> int:
        """Count who would get it now; nobody where nothing is chosen."""
        if self.newsletter is None:
            return 0
        return audience.count_reach(
            newsletter_id=self.newsletter.id, place_code=self.place_code
        )


def read_draft(typed: Mapping[str, str], *, new_key: str) -> Draft:
    """Return what a form or a link says; what it leaves out comes from the story."""
    number = typed.get("story", "")
    story = sources.story(int(number)) if number.isdecimal() else None
    lists = [n for n in audience.newsletters() if n.is_alerts]
    return Draft(
        story=story,
        newsletter=lists[0] if lists else None,
        headline=typed.get("headline", story.title if story else "").strip(),
        line=typed.get("line", story.standfirst if story else "").strip(),
        place_code=typed.get("place", ""),
        key=typed.get("key", "") or new_key,
        is_update=typed.get("update") == "yes",
    )


def faults_of(draft: Draft) -> dict[str, str]:
    """Return what keeps a draft from being checked, by field."""
    faults = {}
    if not draft.headline:
        faults["headline"] = "Write a headline: it is the subject of the mail."
    for field, text, most in (
        ("headline", draft.headline, alerts.LONGEST_HEADLINE),
        ("line", draft.line, alerts.LONGEST_LINE),
    ):
        if len(text) > most:
            faults[field] = f"{len(text)} characters; the most is {most}."
    if not draft.line:
        faults["line"] = "Write one line that says what happened."
    if draft.place_code and audience.place(draft.place_code) is None:
        faults["place"] = "Choose a place from the list."
    return faults


def hindrances(draft: Draft, *, people: int, now: datetime) -> list[str]:
    """Return why it can't be sent at all, a sentence each."""
    until = draft.story.published_at if draft.story else None
    if until and until > now:
        zone = ZoneInfo(settings.PAGE_TIME_ZONE)
        faults = [f"Embargo until {moments.near(until, zone, now)}. Not sent before."]
    else:
        faults = alerts.faults_of(draft.story, draft.headline, draft.line, now=now)
    return faults if people else [*faults, "Nobody would get it."]


def said_before(draft: Draft, *, now: datetime) -> str:
    """Return that this went out already, or nothing: then it is news."""
    if draft.story is None or draft.newsletter is None:
        return ""
    before = editions.said_before(
        newsletter_id=draft.newsletter.id,
        story_id=draft.story.id,
        headline=draft.headline,
        place_code=draft.place_code,
        now=now,
    )
    if before is None:
        return ""
    at = moments.near(before[0], ZoneInfo(settings.PAGE_TIME_ZONE), now)
    return f"This went out at {at}, as “{before[1]}”."


def warnings(draft: Draft, *, now: datetime) -> list[str]:
    """Return what to look at before sending, a sentence each."""
    found = []
    if len(draft.headline) > RECOMMENDED_HEADLINE:
        found.append(
            f"The subject has {len(draft.headline)} characters; phones show about "
            f"{RECOMMENDED_HEADLINE}."
        )
    at = draft.story.published_at if draft.story else None
    if at and now - at > OLD_AFTER:
        hours = int((now - at).total_seconds() // 3600)
        age = f"{hours // 24} days" if hours >= 48 else f"{hours} hours"  # noqa: PLR2004
        found.append(f"This story is {age} old.")
    return found


def typed_number(text: str) -> int | None:
    """Return the number somebody typed; separators are allowed: 182,340 or 182 340."""
    digits = "".join(c for c in text if c.isdecimal())
    return int(digits) if digits and len(digits) <= 12 else None  # noqa: PLR2004


def number_asked(people: int) -> str:
    """Return how the number is asked for, or nothing where nobody types one."""
    return f"Type {grouped(people)} to go on" if people >= alerts.TYPED_FROM else ""


def rendered(draft: Draft, *, now: datetime) -> Rendered | None:
    """Return the mail as it would be, or None where there is nothing to show."""
    if draft.story is None or draft.newsletter is None:
        return None
    alert = Alert(
        headline=draft.headline,
        line=draft.line,
        url=draft.story.url,
        at=now,
        is_update=draft.is_update,
        byline=alerts.byline(draft.story),
    )
    zone = settings.BRAND.time_zone
    content = Content(
        edition_id=0,
        kind=EditionKind.ALERT,
        newsletter=draft.newsletter,
        number=0,
        slot_at=now.astimezone(ZoneInfo(zone)),
        time_zone=zone,
        subject=draft.headline,
        preheader=draft.line,
        alert=alert,
        place_code=draft.place_code,
    )
    key = VariantKey(place=draft.place_code)
    return render_content(content, key, settings.BRAND, settings.PUBLIC_URL)
