"""What other rooms ask about stories and sources. Frozen values, nothing written."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce

from mailer.sources.filing import Paid, Rules
from mailer.sources.hosts import is_named
from mailer.sources.models import Poll, Revision, Source, StoryRow
from mailer.sources.polling import HOST_GAP, LONGEST_RETRY_AFTER
from mailer.sources.story import Image, Kind, Related, Story


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source and how it has been doing. Times are None for "not yet".

    reason: why it fails; "" while it does not. problems: sentences about single
    items of its last good poll. ended_at: it said 410, nobody asks again.
    """

    id: int
    name: str
    url: str
    last_ok_at: datetime | None
    failing_since: datetime | None
    failures: int
    reason: str
    next_poll_at: datetime
    stories: int
    every_seconds: int
    problems: tuple[str, ...] = ()
    ended_at: datetime | None = None
    polled_at: datetime | None = None
    format: str = ""
    default_section: str = ""
    default_kind: Kind = Kind.NEWS


@dataclass(frozen=True, slots=True)
class PollView:
    """One look at a source and what came of it."""

    at: datetime
    ok: bool
    reason: str
    new: int
    revised: int
    unchanged: int
    withdrawn: int
    refused: int


def story(story_id: int) -> Story | None:
    """Return a story's latest revision, or None for no such story."""
    return stories([story_id]).get(story_id)


def stories(ids: Iterable[int]) -> dict[int, Story]:
    """Return the latest revision of each of these stories, withdrawn ones too."""
    found = _latest().filter(story_id__in=list(ids))
    return {revision.story_id: _story(revision) for revision in found}


def candidates(
    *,
    source_ids: Collection[int],
    published_after: datetime | None,
    now: datetime,
    limit: int = 500,
    kinds: Collection[Kind] = (),
) -> list[Story]:
    """Return the stories an edition may pick from, newest first.

    Those that came through any of these sources (no sources, no stories), are not
    withdrawn, not `seen`, not dated later than now, and newer than published_after.
    A story without a date counts from its arrival. kinds: only these; empty: all.
    """
    found = (
        _latest()
        .annotate(at=Coalesce("story__published_at", "story__arrived_at"))
        .filter(
            Q(story__published_at=None) | Q(story__published_at__lte=now),
            story__withdrawn_at=None,
            story__seen=False,
            story__in=StoryRow.objects.filter(
                sightings__source_id__in=list(source_ids)
            ),
        )
        .order_by("-at", "-story_id")
    )
    if published_after is not None:
        found = found.filter(at__gt=published_after)
    if kinds:
        found = found.filter(kind__in=list(kinds))
    return [_story(revision) for revision in found[:limit]]


def recent(*, limit: int, search: str = "") -> list[Story]:
    """Return stories for people to look through, newest first, of every state.

    search: words that all have to be in the title or standfirst.
    """
    found = _latest().annotate(at=Coalesce("story__published_at", "story__arrived_at"))
    for word in search.split():
        found = found.filter(Q(title__icontains=word) | Q(standfirst__icontains=word))
    return [_story(r) for r in found.order_by("-at", "-story_id")[:limit]]


def revisions(story_id: int) -> list[Story]:
    """Return what a story said at each time, the latest first."""
    found = Revision.objects.filter(story_id=story_id).order_by("-number")
    return [_story(r) for r in found.select_related("story__source")]


def withdrawn(ids: Iterable[int]) -> set[int]:
    """Return which of these stories have been withdrawn."""
    found = StoryRow.objects.filter(pk__in=list(ids), withdrawn_at__isnull=False)
    return set(found.values_list("pk", flat=True))


def sources() -> list[SourceView]:
    """Return every source, failing ones first, then by name."""
    found = Source.objects.annotate(story_count=Count("sightings"))
    ordered = found.order_by(F("failing_since").asc(nulls_last=True), "name", "pk")
    return [_source(row) for row in ordered]


def source(source_id: int) -> SourceView | None:
    """Return one source, or None for no such source."""
    found = Source.objects.annotate(story_count=Count("sightings"))
    row = found.filter(pk=source_id).first()
    return _source(row) if row else None


def polls(source_id: int, *, limit: int = 20) -> list[PollView]:
    """Return the last looks at a source, the latest first."""
    found = Poll.objects.filter(source_id=source_id).order_by("-at", "-pk")[:limit]
    return [
        PollView(
            p.at, p.ok, p.reason, p.new, p.revised, p.unchanged, p.withdrawn, p.refused
        )
        for p in found
    ]


def due(now: datetime) -> list[int]:
    """Return the sources to poll now, the longest waiting first, one for each host.

    A host that was asked a moment ago waits for the next look. Hosts that a person
    named as private are our own: they are asked as often as their sources say. A
    next time beyond every patience was written by a clock gone wrong.
    """
    beyond = now + LONGEST_RETRY_AFTER + timedelta(hours=1)
    waiting = Source.objects.filter(
        Q(next_poll_at__lte=now) | Q(next_poll_at__gt=beyond), ended_at=None
    ).order_by("next_poll_at", "pk")
    lately = Source.objects.filter(polled_at__gt=now - HOST_GAP, polled_at__lte=now)
    asked = set(lately.values_list("host", flat=True))
    found = []
    for row in waiting.only("pk", "url", "host"):
        parts = urlsplit(row.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        ours = is_named(parts.hostname or "", port, settings.FETCH_PRIVATE_HOSTS)
        if ours or row.host not in asked:
            found.append(row.pk)
            asked.add(row.host)
    return found


def rules_of(row: Source) -> Rules:
    """Return what a newsroom has settled for a source (this room only)."""
    return Rules(
        kind=Kind(row.default_kind),
        section=row.default_section,
        paid=Paid(row.paid),
        language=row.language,
        credit=row.credit,
        zone=ZoneInfo(row.time_zone),
        sections={k.casefold(): v for k, v in row.renamed_sections.items()},
        kinds={k.casefold(): Kind(v) for k, v in row.renamed_kinds.items()},
    )


def _latest() -> QuerySet[Revision]:
    found = Revision.objects.filter(number=F("story__current"))
    return found.select_related("story__source")


def _source(row: Any) -> SourceView:
    return SourceView(
        id=row.pk,
        name=row.name,
        url=row.url,
        last_ok_at=row.last_ok_at,
        failing_since=row.failing_since,
        failures=row.failures,
        reason=row.reason,
        next_poll_at=row.next_poll_at,
        stories=row.story_count,
        every_seconds=row.every_seconds,
        problems=tuple(row.problems),
        ended_at=row.ended_at,
        polled_at=row.polled_at,
        format=row.format,
        default_section=row.default_section,
        default_kind=Kind(row.default_kind),
    )


def said_by(revision: Revision) -> dict[str, Any]:
    """Return what a revision says, as a Draft and a Story have it alike."""
    return {
        "guid": revision.guid,
        "url": revision.url,
        "title": revision.title,
        "standfirst": revision.standfirst,
        "body_html": revision.body_html,
        "body_text": revision.body_text,
        "authors": tuple(revision.authors),
        "section": revision.section,
        "tags": tuple(revision.tags),
        "image": Image(**revision.image) if revision.image else None,
        "updated_at": revision.updated_at,
        "language": revision.language,
        "kind": Kind(revision.kind),
        "subscriber_only": revision.subscriber_only,
        "related": tuple(Related(**link) for link in revision.related),
        "credit": revision.credit,
        "starts_at": revision.starts_at,
        "venue": revision.venue,
    }


def _story(revision: Revision) -> Story:
    row = revision.story
    return Story(
        id=row.pk,
        revision=revision.number,
        source_id=row.source_id,
        source_name=row.source.name,
        published_at=row.published_at,
        arrived_at=row.arrived_at,
        seen=row.seen,
        withdrawn_at=row.withdrawn_at,
        **said_by(revision),
    )
