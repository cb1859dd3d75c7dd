"""Ask a source and understand the answer. No tables: what goes wrong is a value."""

import hashlib
from dataclasses import dataclass, replace
from http import HTTPStatus

from mailer.sources.draft import Feed
from mailer.sources.filing import Rules
from mailer.sources.reader import IsAPage, NotAFeed, read
from mailer.sources.web import Answer, Forbidden, Unreachable, Web


@dataclass(frozen=True, slots=True)
class Question:
    """What we ask, and what we remember of the last answer."""

    url: str
    rules: Rules
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""


@dataclass(frozen=True, slots=True)
class Brought:
    """What an answer amounts to: a feed, nothing new, or a failure.

    url: the address to keep from now on, "" for the one that was asked. ended: the
    source says it is over.
    """

    answer: Answer | None = None
    feed: Feed | None = None
    failure: str = ""
    url: str = ""
    body_hash: str = ""
    ended: bool = False


def ask(question: Question, web: Web) -> Brought:
    """Return what a source brought. Where a page links to its feed, that is asked."""
    try:
        answer = web.get(
            question.url, etag=question.etag, last_modified=question.last_modified
        )
        brought = _understood(question, answer)
        if not isinstance(brought, IsAPage):
            return brought
        if not brought.links:
            return Brought(answer, failure=str(brought))
        feed_url = brought.links[0].url
        answer = web.get(feed_url)
        brought = _understood(replace(question, body_hash=""), answer)
    except (Unreachable, Forbidden) as why:
        return Brought(failure=str(why))
    if isinstance(brought, IsAPage):
        return Brought(answer, failure="the feed its page links to is a page as well")
    return replace(brought, url=brought.url or feed_url)


def _understood(question: Question, answer: Answer) -> Brought | IsAPage:
    if answer.status == HTTPStatus.NOT_MODIFIED:
        return Brought(answer, url=answer.moved_to)
    if answer.status != HTTPStatus.OK:
        ended = answer.status == HTTPStatus.GONE
        ends = ": the source has ended" if ended else ""
        return Brought(
            answer, failure=f"answered {_named(answer.status)}{ends}", ended=ended
        )
    body_hash = hashlib.sha256(answer.body).hexdigest()[:32]
    same = Brought(answer, url=answer.moved_to, body_hash=body_hash)
    if body_hash == question.body_hash:
        return same
    try:
        feed = read(
            answer.body,
            rules=question.rules,
            url=answer.url,
            content_type=answer.content_type,
        )
    except IsAPage as page:
        return page
    except NotAFeed as why:
        return Brought(answer, failure=str(why))
    unusable = why_nothing(feed)
    return replace(same, failure=unusable) if unusable else replace(same, feed=feed)


def why_nothing(feed: Feed) -> str:
    """Return why a feed that has items brings none, or "" where it brings some."""
    refused = [problem for problem in feed.problems if problem.refused]
    if not refused or feed.drafts or feed.gone:
        return ""
    return f"none of its {len(refused)} items can be used; {refused[0]}"


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
