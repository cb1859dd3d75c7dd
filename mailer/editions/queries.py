"""Reads: one edition whole, the day, what may be released, the archive.

An edition's content is assembled from its own copies of stories, so that what was
approved and what was sent can be shown as it was.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from mailer.audience import queries as audience
from mailer.audience.newsletter import Newsletter
from mailer.editions import schedule, wording
from mailer.editions.content import (
    Alert,
    Block,
    Content,
    EditionKind,
    EditionState,
    Item,
)
from mailer.editions.models import Edition, EditionEvent, EditionItem, Recipe
from mailer.editions.recipe import Approval, Waves, read_selection
from mailer.editions.snapshot import story_from_json
from mailer.editions.states import GONE, UNSENT
from mailer.editions.view import EditionView, EventView, RecipeView, SlotView, Today
from mailer.elections import queries as elections
from mailer.elections import words
from mailer.elections.result import CouncilResult
from mailer.sources import queries as sources

AHEAD = timedelta(hours=36)  # of the slots shown on the desk
MOST_SLOTS = 12


class NoSuchEdition(LookupError):
    """There is no edition of this number."""


def content(*, edition_id: int) -> Content:
    """Return an edition whole, as it stands: all that rendering needs.

    Raises NoSuchEdition. Of a skipped edition, whatever it still holds.
    """
    row = _row(edition_id)
    newsletter = audience.newsletter(row.newsletter_id)
    return content_of(row, newsletter)


def content_of(
    row: Edition, newsletter: Newsletter, items_held: list[EditionItem] | None = None
) -> Content:
    """Return the content of a row of this room; its items if they are at hand."""
    held = items_of(row) if items_held is None else items_held
    items = tuple(_item(item) for item in held)
    alert = alert_of(row)
    subject, preheader = _says_of_itself(items, alert)
    result = _result(row)
    if result is not None:
        subject = words.subject(result)
        if row.is_correction:
            subject = wording.correction_subject(subject)
        preheader = words.preheader(result)
    zone = ZoneInfo(row.time_zone)
    return Content(
        edition_id=row.pk,
        kind=EditionKind(row.kind),
        newsletter=newsletter,
        number=row.number or 0,
        slot_at=row.slot_at.astimezone(zone),
        time_zone=row.time_zone,
        subject=wording.one_line(row.subject or subject, wording.LONGEST_SUBJECT),
        preheader=wording.one_line(
            row.preheader or preheader, wording.LONGEST_PREHEADER
        ),
        note=row.note,
        note_by=row.note_by,
        items=items,
        alert=alert,
        result=result,
        place_code=row.place_code,
        is_correction=row.is_correction,
    )


def items_of(row: Edition) -> list[EditionItem]:
    """Return an edition's items in their order."""
    return items_of_all([row.pk])[row.pk]


def items_of_all(edition_ids: Iterable[int]) -> dict[int, list[EditionItem]]:
    """Return the items of several editions, each in their order."""
    items: dict[int, list[EditionItem]] = {pk: [] for pk in edition_ids}
    rows = EditionItem.objects.filter(edition_id__in=list(items))
    for item in rows.order_by("position", "pk"):
        items[item.edition_id].append(item)
    return items


def alert_of(row: Edition) -> Alert | None:
    """Return what an alert says, or None if the edition is none."""
    if row.alert is None:
        return None
    values = dict(row.alert)
    values["at"] = datetime.fromisoformat(values["at"])
    values["known"] = tuple(values.get("known", ()))
    values["unknown"] = tuple(values.get("unknown", ()))
    return Alert(**values)


def edition(edition_id: int) -> EditionView:
    """Return one edition without its content. Raises NoSuchEdition."""
    _row(edition_id)
    [view] = _views(Edition.objects.filter(pk=edition_id))
    return view


def history(edition_id: int) -> list[EventView]:
    """Return who did what to an edition, oldest first."""
    return [
        EventView(e.at, e.by, e.verb, e.detail)
        for e in EditionEvent.objects.filter(edition_id=edition_id).order_by("pk")
    ]


def recipe(newsletter_id: int) -> RecipeView | None:
    """Return a newsletter's recipe, or None if it has none."""
    row = Recipe.objects.filter(pk=newsletter_id).first()
    return recipe_view(row) if row else None


def recipe_view(row: Recipe) -> RecipeView:
    """Return a row of this room as a value, with what is wrong with it."""
    selection, faults = read_selection(row.selection)
    return RecipeView(
        newsletter_id=row.newsletter_id,
        cron=row.cron,
        time_zone=row.time_zone,
        selection=selection,
        approval=Approval(row.approval),
        lead_minutes=row.lead_minutes,
        deadline_minutes=row.deadline_minutes,
        since=row.since,
        waves=Waves(row.waves),
        expires_minutes=row.expires_minutes,
        faults=tuple(faults + schedule.faults_of(row.cron, row.time_zone)),
    )


def releasable(*, now: datetime, ahead: timedelta = timedelta(0)) -> list[int]:
    """Return approved editions whose time has come and whose deadline has not passed.

    The most urgent first: alerts, results, digests, each by time. A withdrawn story
    holds its edition back until the next plan has taken it out.

    ahead: also what will be released within this time, to prepare it.
    """
    rows = list(
        Edition.objects.filter(
            state=EditionState.APPROVED,
            blocked="",
            approved_hash=F("hash"),
            release_at__lte=now + ahead,
            deadline_at__gte=now,
        )
    )
    urgency = [EditionKind.ALERT, EditionKind.RESULTS, EditionKind.DIGEST]
    rows.sort(key=lambda r: (urgency.index(EditionKind(r.kind)), r.release_at, r.pk))
    held = holding_withdrawn([row.pk for row in rows])
    return [row.pk for row in rows if row.pk not in held]


def holding_withdrawn(edition_ids: Iterable[int]) -> set[int]:
    """Return those editions that hold a story withdrawn at its source."""
    held = list(
        EditionItem.objects.filter(edition_id__in=edition_ids).values_list(
            "edition_id", "story_id"
        )
    )
    held += [
        (pk, story)
        for pk, story in Edition.objects.filter(pk__in=edition_ids).values_list(
            "pk", "alert_story_id"
        )
        if story is not None
    ]
    withdrawn = sources.withdrawn({story for _, story in held}) if held else set()
    return {edition_id for edition_id, story in held if story in withdrawn}


def next_slots(newsletter_id: int, n: int, now: datetime) -> list[SlotView]:
    """Return the next slots of a newsletter, `n` at most; none without a schedule."""
    row = Recipe.objects.filter(pk=newsletter_id).first()
    if row is None or schedule.faults_of(row.cron, row.time_zone):
        return []
    newsletter = audience.newsletter(newsletter_id)
    found = schedule.next_slots(row.cron, row.time_zone, after=now, count=n)
    planned = dict(
        Edition.objects.filter(
            newsletter_id=newsletter_id, slot__in=[slot.key for slot in found]
        ).values_list("slot", "pk")
    )
    zone = ZoneInfo(row.time_zone)
    return [
        SlotView(
            newsletter,
            slot.at.astimezone(zone),
            slot.key,
            planned.get(slot.key),
            _clocks_change(slot.at, zone),
        )
        for slot in found
    ]


def today(now: datetime) -> Today:
    """Return what goes out today, on the paper's clock, and what is in the way."""
    zone = ZoneInfo(settings.BRAND.time_zone)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    ends = midnight + timedelta(days=1)
    rows = _views(
        Edition.objects.filter(
            Q(state__in=[*UNSENT, EditionState.SENDING])
            | Q(slot_at__gte=midnight, slot_at__lt=ends)
        )
    )
    rows.sort(key=lambda view: (view.release_at, view.id))
    needs = tuple(v for v in rows if v.needs_somebody)
    sending = tuple(v for v in rows if v.state is EditionState.SENDING)
    coming = tuple(v for v in rows if v.is_unsent and not v.needs_somebody)
    rest = {v.id for v in (*needs, *sending, *coming)}
    slots = [
        slot
        for newsletter in audience.newsletters()
        for slot in next_slots(newsletter.id, MOST_SLOTS, now)
        if slot.edition_id is None and slot.at <= now + AHEAD
    ]
    slots.sort(key=lambda slot: (slot.at, slot.newsletter.id))
    return Today(
        needs,
        sending,
        coming,
        tuple(v for v in rows if v.id not in rest),
        tuple(slots[:MOST_SLOTS]),
    )


def archive(
    newsletter_id: int, *, limit: int = 50, before: datetime | None = None
) -> list[EditionView]:
    """Return what a newsletter sent, newest first, for its public archive.

    Stopped editions are in it: some have them. before: those of earlier slots only.
    """
    rows = Edition.objects.filter(newsletter_id=newsletter_id, state__in=GONE)
    if before is not None:
        rows = rows.filter(slot_at__lt=before)
    return _views(rows.order_by("-slot_at", "-pk")[:limit])


def editions(*, limit: int = 50, newsletter_id: int | None = None) -> list[EditionView]:
    """Return the latest editions in any state, newest first."""
    rows = Edition.objects.all()
    if newsletter_id is not None:
        rows = rows.filter(newsletter_id=newsletter_id)
    return _views(rows.order_by("-slot_at", "-pk")[:limit])


def uses_of(story_id: int) -> list[EditionView]:
    """Return the editions that hold a story, newest first."""
    rows = Edition.objects.filter(
        Q(items__story_id=story_id) | Q(alert_story_id=story_id)
    )
    return _views(rows.distinct().order_by("-slot_at", "-pk"))


def edition_of_run(run_id: int) -> int | None:
    """Return the edition a run sends, or None if it is a letter's."""
    return Edition.objects.filter(run_id=run_id).values_list("pk", flat=True).first()


def _row(edition_id: int) -> Edition:
    row = Edition.objects.filter(pk=edition_id).first()
    if row is None:
        raise NoSuchEdition(f"There is no edition {edition_id}.")
    return row


def _item(row: EditionItem) -> Item:
    story = story_from_json(row.story)
    return Item(
        block=Block(row.block),
        position=row.position,
        story=story,
        title=row.title or story.title,
        standfirst=story.standfirst if row.standfirst is None else row.standfirst,
        pinned=row.pinned,
    )


def _says_of_itself(items: tuple[Item, ...], alert: Alert | None) -> tuple[str, str]:
    if alert is not None:
        subject = wording.alert_subject(alert.headline, is_update=alert.is_update)
        return subject, alert.line
    return wording.digest_subject(items), wording.digest_preheader(items)


def _result(row: Edition) -> CouncilResult | None:
    """Return the result of a results edition, as its readers know the story so far.

    A result that corrects one nobody was mailed is news to them, not a correction.
    """
    result = None if row.result_id is None else elections.result(row.result_id)
    if result is None or row.is_correction:
        return result
    return replace(result, corrects=None, corrects_as_at=None, what_changed=())


def _clocks_change(at: datetime, zone: ZoneInfo) -> bool:
    before = (at - timedelta(days=1)).astimezone(zone).utcoffset()
    return before != at.astimezone(zone).utcoffset()


def _views(rows: QuerySet[Edition]) -> list[EditionView]:
    """Return rows as values, in the rows' order."""
    found = list(rows)
    newsletters = {n: audience.newsletter(n) for n in {r.newsletter_id for r in found}}
    counts = {
        edition_id: (all_, withdrawn, locked)
        for edition_id, all_, withdrawn, locked in EditionItem.objects.filter(
            edition__in=found
        )
        .values_list("edition_id")
        .annotate(
            all=Count("pk"),
            withdrawn=Count("withdrawn_at"),
            locked=Count("pk", filter=Q(story__subscriber_only=True)),
        )
    }
    return [
        _view(r, newsletters[r.newsletter_id], *counts.get(r.pk, (0, 0, 0)))
        for r in found
    ]


def _view(
    row: Edition, newsletter: Newsletter, stories: int, withdrawn: int, locked: int
) -> EditionView:
    return EditionView(
        id=row.pk,
        newsletter=newsletter,
        kind=EditionKind(row.kind),
        state=EditionState(row.state),
        slot=row.slot,
        slot_at=row.slot_at.astimezone(ZoneInfo(row.time_zone)),
        time_zone=row.time_zone,
        number=row.number,
        subject=row.said_subject,
        reason=row.reason,
        blocked=row.blocked,
        hash=row.hash,
        approved_hash=row.approved_hash,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        release_at=row.release_at,
        deadline_at=row.deadline_at,
        place_code=row.place_code,
        result_id=row.result_id,
        alert_story_id=row.alert_story_id,
        is_correction=row.is_correction,
        run_id=row.run_id,
        sent_at=row.sent_at,
        stories=stories,
        withdrawn_since=withdrawn,
        locked=locked,
    )
