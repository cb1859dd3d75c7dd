"""What happens to sources and stories: add, collect, withdraw."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from mailer import bell
from mailer.kernel.bells import Bell
from mailer.kernel.errors import Permanent
from mailer.sources import fetch, intake
from mailer.sources.addresses import NotALink, host_of, resolve
from mailer.sources.asking import Brought, Question, ask
from mailer.sources.filing import Paid
from mailer.sources.models import Poll, Source, StoryRow
from mailer.sources.polling import (
    CLAIM,
    LEAST_SECONDS,
    MOST_SECONDS,
    next_poll_at,
    read_retry_after,
)
from mailer.sources.preview import dated_ahead
from mailer.sources.queries import rules_of
from mailer.sources.story import Kind
from mailer.sources.web import Web

log = logging.getLogger(__name__)

MOST_PROBLEMS = 50  # kept of one poll
POLLS_KEPT = 100  # of one source
NOT_MODIFIED = "not modified"
TOO_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


class BadSource(Permanent, ValueError):
    """These settings make no source; str() says which and why."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What one poll did. asked: False where it was not this source's time.

    reason: why it failed, or "not modified". problems: a sentence each; refused
    counts the items among them that did not come in.
    """

    source_id: int
    asked: bool = True
    ok: bool = True
    reason: str = ""
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    refused: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A source at the moment it is asked. number: of this poll."""

    id: int
    number: int
    question: Question


def add_source(  # noqa: PLR0913  a form with many fields, most of them optional
    *,
    url: str,
    name: str,
    now: datetime,
    every_seconds: int = 300,
    take_existing: bool = False,
    kind: Kind = Kind.NEWS,
    section: str = "",
    paid: Paid = Paid.MARKED,
    language: str = "",
    time_zone: str = "UTC",
    credit: str = "",
    sections: Mapping[str, str] | None = None,
    kinds: Mapping[str, Kind] | None = None,
) -> int:
    """Add a feed to poll, or return the id of the source that has this address.

    url may be a page that links to its feed: the first poll finds it. Nothing is
    fetched here. take_existing: what is there at the first poll counts as new, not
    as seen. Raises BadSource.
    """
    try:
        url = resolve(url, "")
        ZoneInfo(time_zone)
    except NotALink as why:
        raise BadSource(f"the address {why}") from why
    except (ZoneInfoNotFoundError, ValueError, OSError) as why:
        raise BadSource(f"“{time_zone}” is no time zone") from why
    if not LEAST_SECONDS <= every_seconds <= MOST_SECONDS:
        limits = f"{LEAST_SECONDS} to {MOST_SECONDS}"
        raise BadSource(f"it can be polled every {limits} seconds, not {every_seconds}")
    row, added = Source.objects.get_or_create(
        url=url,
        defaults={
            "name": name.strip() or host_of(url),
            "host": host_of(url),
            "every_seconds": every_seconds,
            "take_existing": take_existing,
            "default_kind": Kind(kind).value,
            "default_section": section,
            "paid": Paid(paid).value,
            "language": language,
            "time_zone": time_zone,
            "credit": credit,
            "renamed_sections": dict(sections or {}),
            "renamed_kinds": {k: Kind(v).value for k, v in (kinds or {}).items()},
            "added_at": now,
            "next_poll_at": now,
        },
    )
    if added:
        log.info("sources.source.added source=%s", row.pk)
    return row.pk


def collect(
    *, source_id: int, now: datetime, web: Web | None = None, when_due: bool = False
) -> Collected:
    """Ask a source what it has, and take it in.

    when_due: do nothing if another worker has asked meanwhile, so that a doubled bell
    is a quiet one. Raises nothing for a source that fails: that is written down, and
    the next poll put off. No transaction is open while a server thinks.
    """
    asked = _ask(source_id, now=now, when_due=when_due)
    if asked is None:
        return Collected(source_id, asked=False, reason="not its time")
    brought = ask(asked.question, web or fetch.web())
    with transaction.atomic():
        collected = _write(asked, brought, now=now)
    log.info(
        "sources.collected source=%s ok=%s new=%s revised=%s withdrawn=%s refused=%s",
        source_id,
        collected.ok,
        collected.new,
        collected.revised,
        collected.withdrawn,
        collected.refused,
    )
    return collected


def withdraw(*, story_id: int, now: datetime, by: str = "") -> bool:
    """Withdraw a story; every edition not yet sent drops it.

    by: who did it. Returns False where it already was, or there is no such story.
    """
    with transaction.atomic():
        row = StoryRow.objects.select_for_update().filter(pk=story_id).first()
        why = f"withdrawn by {by}" if by else "withdrawn by hand"
        if row is None or not intake.mark_withdrawn(row, why=why, now=now):
            return False
        bell.ring(Bell.PLAN)
    log.info("sources.story.withdrawn story=%s", story_id)
    return True


def reinstate(*, story_id: int) -> bool:
    """Take a withdrawal back; only a person does. Returns False if there was none."""
    with transaction.atomic():
        done = StoryRow.objects.filter(pk=story_id, withdrawn_at__isnull=False).update(
            withdrawn_at=None, withdrawn_why=""
        )
        if done:
            bell.ring(Bell.PLAN)
    return bool(done)


def poll_soon(*, source_id: int, now: datetime) -> bool:
    """Poll a source at the next look, even one that ended. False: no such source."""
    found = Source.objects.filter(pk=source_id)
    return bool(found.update(next_poll_at=now, ended_at=None, etag="", body_hash=""))


@transaction.atomic
def _ask(source_id: int, *, now: datetime, when_due: bool) -> _Asked | None:
    """Write down that a source is being asked, before it is."""
    row = Source.objects.select_for_update().filter(pk=source_id).first()
    if row is None or (when_due and (row.ended_at or row.next_poll_at > now)):
        return None
    row.asked += 1
    row.polled_at, row.next_poll_at = now, now + CLAIM
    row.save(update_fields=["asked", "polled_at", "next_poll_at"])
    question = Question(
        row.url, rules_of(row), row.etag, row.last_modified, row.body_hash
    )
    return _Asked(row.pk, row.asked, question)


def _write(asked: _Asked, brought: Brought, *, now: datetime) -> Collected:
    """Write down what a poll brought, unless a later one was quicker."""
    source = Source.objects.select_for_update().get(pk=asked.id)
    if source.answered > asked.number:
        return Collected(asked.id, asked=False, reason="a later poll was quicker")
    source.answered = asked.number
    if brought.failure:
        return _fail(source, brought, now=now)
    tally = intake.Tally()
    if brought.feed is not None:
        intake.lock()
        first = source.last_ok_at is None and not source.take_existing
        tally = intake.take_in(brought.feed, source, first=first, now=now)
        tally.problems = [*brought.feed.problems, *tally.problems]
        tally.problems += dated_ahead(brought.feed.drafts, now=now)
        tally.problems.sort(key=lambda problem: problem.position)
        source.problems = [str(p) for p in tally.problems[:MOST_PROBLEMS]]
        source.title, source.format = brought.feed.title, brought.feed.format
    if tally.changed:
        bell.ring(Bell.PLAN)
    _move(source, brought.url)
    if brought.answer is not None and brought.answer.status == HTTPStatus.OK:
        source.etag = brought.answer.etag
        source.last_modified = brought.answer.last_modified
    source.body_hash = brought.body_hash or source.body_hash
    source.last_ok_at, source.ended_at = now, None
    source.failing_since, source.failures, source.reason = None, 0, ""
    source.next_poll_at = _next(source, now=now)
    source.save()
    collected = Collected(
        source.pk,
        reason="" if brought.feed is not None else NOT_MODIFIED,
        new=tally.new,
        revised=tally.revised,
        unchanged=tally.unchanged,
        withdrawn=tally.withdrawn,
        refused=sum(problem.refused for problem in tally.problems),
        problems=tuple(map(str, tally.problems)),
    )
    _log_poll(collected, now=now)
    return collected


def _fail(source: Source, brought: Brought, *, now: datetime) -> Collected:
    """Write down that a source failed, why, and when to try again."""
    source.failures += 1
    source.failing_since = source.failing_since or now
    source.reason = brought.failure
    source.next_poll_at = _next(source, now=now)
    if brought.ended:
        source.ended_at = now
    if brought.answer is not None and brought.answer.status in TOO_BUSY:
        again_at = read_retry_after(brought.answer.retry_after, now=now)
        if again_at is not None:
            source.next_poll_at = again_at
            # The server speaks for the whole host.
            Source.objects.filter(host=source.host, next_poll_at__lt=again_at).exclude(
                pk=source.pk
            ).update(next_poll_at=again_at)
    source.save()
    collected = Collected(source.pk, ok=False, reason=brought.failure)
    _log_poll(collected, now=now)
    log.warning(
        "sources.source.failed source=%s failures=%s", source.pk, source.failures
    )
    return collected


def _next(source: Source, *, now: datetime) -> datetime:
    return next_poll_at(
        now,
        every_seconds=source.every_seconds,
        failures=source.failures,
        source_id=source.pk,
    )


def _move(source: Source, url: str) -> None:
    """Keep the address a source has moved to, unless another source is there."""
    if not url or url == source.url:
        return
    if Source.objects.filter(url=url).exists():
        source.problems = [*source.problems, "it moved to where another source is"]
        return
    source.url, source.host = url, host_of(url)
    source.etag = source.last_modified = ""
    log.info("sources.source.moved source=%s", source.pk)


def _log_poll(collected: Collected, *, now: datetime) -> None:
    Poll.objects.create(
        source_id=collected.source_id,
        at=now,
        ok=collected.ok,
        reason=collected.reason,
        new=collected.new,
        revised=collected.revised,
        unchanged=collected.unchanged,
        withdrawn=collected.withdrawn,
        refused=collected.refused,
    )
    kept = Poll.objects.filter(source_id=collected.source_id).order_by("-pk")
    last = kept.values_list("pk", flat=True)[POLLS_KEPT : POLLS_KEPT + 1]
    for pk in last:
        Poll.objects.filter(source_id=collected.source_id, pk__lte=pk).delete()
