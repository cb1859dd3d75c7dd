"""Breaking a story: an alert, approved by whoever pressed the button, after a hold."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from mailer.audience import queries as audience
from mailer.audience.newsletter import Newsletter
from mailer.editions import alerts, wording
from mailer.editions.content import EditionKind, EditionState
from mailer.editions.guard import Refused
from mailer.editions.journal import approve_row, note, number_of_next, settle
from mailer.editions.models import Edition, Recipe, Use
from mailer.editions.resulting import recipe_row
from mailer.sources import queries as sources


@transaction.atomic
def break_story(  # noqa: PLR0913  keywords
    *,
    story_id: int,
    headline: str,
    line: str,
    newsletter_id: int,
    by: str,
    key: str,
    now: datetime,
    place_code: str = "",
    typed_count: int | None = None,
    update: bool = False,
    advice_for: str = "",
    advice: str = "",
    known: tuple[str, ...] = (),
    unknown: tuple[str, ...] = (),
    byline: str = "",
) -> int:
    """Make an alert of a story and return its edition; it leaves after the hold.

    key: of the button's press. The same key again returns the same edition, whatever
    else is said. typed_count: the number a large audience asks for.

    Raises Refused, with all that is wrong: the story, the words, the audience, or that
    the story, or nearly the same headline, went out within 48 hours and this is no
    update of it.
    """
    # One alert at a time: of two editors, the second sees the first one's.
    recipe_row(newsletter_id, now=now)
    recipe = Recipe.objects.select_for_update().get(pk=newsletter_id)
    before = Edition.objects.filter(request_key=key).first()
    if before is not None:
        return before.pk
    newsletter = audience.newsletter(newsletter_id)
    story = sources.story(story_id)
    headline, line = (" ".join(text.split()) for text in (headline, line))
    faults = alerts.faults_of(story, headline, line, now=now)
    faults += _faults_of_audience(newsletter, place_code, typed_count)
    if not key:
        faults.append("The button's press has no key.")
    if not update:
        faults += _repeats(newsletter_id, story_id, headline, place_code, now)
    if faults or story is None:
        raise Refused(" ".join(faults))
    hold = timedelta(seconds=settings.BREAKING_HOLD_SECONDS)
    row = Edition(
        newsletter_id=newsletter_id,
        slot=f"alert {key}",
        request_key=key,
        kind=EditionKind.ALERT,
        slot_at=now,
        time_zone=recipe.time_zone,
        release_at=now + hold,
        deadline_at=now + hold + alerts.DEADLINE,
        filled_at=now,
        place_code=place_code,
        alert_story_id=story_id,
        number=number_of_next(newsletter_id),
        alert={
            "headline": headline,
            "line": line,
            "url": story.url,
            "at": now.isoformat(),
            "is_update": update,
            "advice_for": wording.one_line(advice_for, 200),
            "advice": advice.strip(),
            "known": [k.strip() for k in known if k.strip()],
            "unknown": [u.strip() for u in unknown if u.strip()],
            "byline": byline.strip() or alerts.byline(story),
        },
    )
    row.save()
    note(row, "broke", by=by, now=now, story=story_id, typed=typed_count)
    Use.objects.get_or_create(
        newsletter_id=newsletter_id, story_id=story_id, defaults={"edition": row}
    )
    settle(row, newsletter, now=now)
    approve_row(row, by=by, now=now)
    row.save()
    return row.pk


def _faults_of_audience(
    newsletter: Newsletter, place_code: str, typed: int | None
) -> list[str]:
    faults = []
    if newsletter.archived or not newsletter.is_alerts:
        faults.append(f"{newsletter.name} is no newsletter for breaking news.")
    if place_code and audience.place(place_code) is None:
        faults.append(f"There is no place {place_code}.")
    if not faults:
        people = audience.count_reach(
            newsletter_id=newsletter.id, place_code=place_code
        )
        wrong = alerts.number_fault(typed, people)
        faults += [wrong] if wrong else []
    return faults


def said_before(
    *, newsletter_id: int, story_id: int, headline: str, place_code: str, now: datetime
) -> tuple[datetime, str] | None:
    """Return when this went out already and as what, None if it is news.

    Within 48 hours, the same story or nearly the same headline, to an audience that
    meets this one.
    """
    earlier = Edition.objects.filter(
        newsletter_id=newsletter_id,
        kind=EditionKind.ALERT,
        slot_at__gt=now - alerts.REPEAT_WITHIN,
    ).exclude(state__in=[EditionState.WITHDRAWN, EditionState.SKIPPED])
    for row in earlier.order_by("-slot_at"):
        apart = row.place_code and place_code and row.place_code != place_code
        said = (row.alert or {}).get("headline", "")
        same = row.alert_story_id == story_id or alerts.says_the_same(headline, said)
        if same and not apart:
            return row.slot_at, said
    return None


def _repeats(
    newsletter_id: int, story_id: int, headline: str, place_code: str, now: datetime
) -> list[str]:
    before = said_before(
        newsletter_id=newsletter_id,
        story_id=story_id,
        headline=headline,
        place_code=place_code,
        now=now,
    )
    if before is None:
        return []
    at, said = before
    when = f"{at:%Y-%m-%d %H:%M} UTC"
    return [f"This went out at {when}, as “{said}”. Send it as an update."]
