"""What would come in from a feed, before it is a source. Nothing is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from mailer.sources.addresses import host_of
from mailer.sources.asking import Question, ask, why_nothing
from mailer.sources.draft import Draft, Feed, Problem
from mailer.sources.fetch import LARGEST
from mailer.sources.filing import Rules
from mailer.sources.identity import name_all
from mailer.sources.reader import IsAPage, NotAFeed, read
from mailer.sources.web import Web


class NothingToPreview(ValueError):
    """There is no feed here that anybody could read; str() says why."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A feed as a first poll would find it. url: where it is, "" for a file."""

    url: str
    format: str
    title: str
    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...]


def preview(target: str, *, rules: Rules, web: Web, now: datetime) -> Preview:
    """Return what a file or an address offers, each story once.

    A page that links to a feed leads to that feed, on disk as on the web.
    Raises NothingToPreview.
    """
    if urlsplit(target).scheme.lower() in {"http", "https"}:
        feed, url = _from_web(target, rules, web)
    else:
        feed, url = _from_file(Path(target), rules, web)
    named, doubled = name_all(feed.drafts, host=host_of(url))
    drafts = [item.draft for item in named]
    problems = [*feed.problems, *doubled, *dated_ahead(drafts, now=now)]
    problems += [
        Problem(draft.position, draft.title[:80], "is withdrawn", refused=True)
        for draft in drafts
        if draft.withdrawn
    ]
    return Preview(
        url,
        feed.format,
        feed.title,
        tuple(draft for draft in drafts if not draft.withdrawn),
        tuple(sorted(problems, key=lambda problem: problem.position)),
    )


def dated_ahead(drafts: Sequence[Draft], *, now: datetime) -> list[Problem]:
    """Return a problem for each draft whose time has not come: none picks it yet."""
    return [
        Problem(
            draft.position,
            draft.title[:80],
            f"is dated ahead; it waits until {draft.published_at:%Y-%m-%d %H:%M} UTC",
            refused=False,
        )
        for draft in drafts
        if draft.published_at is not None and draft.published_at > now
    ]


def _from_web(url: str, rules: Rules, web: Web) -> tuple[Feed, str]:
    brought = ask(Question(url, rules), web)
    if brought.feed is None or brought.answer is None:
        raise NothingToPreview(brought.failure or "it answered that nothing is new")
    return brought.feed, brought.answer.url


def _from_file(path: Path, rules: Rules, web: Web) -> tuple[Feed, str]:
    body = _bytes_of(path)
    try:
        return _usable(read(body, rules=rules)), ""
    except IsAPage as page:
        if not page.links:
            raise NothingToPreview(str(page)) from page
        linked = page.links[0].url
    except NotAFeed as why:
        raise NothingToPreview(str(why)) from why
    if urlsplit(linked).scheme:
        return _from_web(linked, rules, web)
    try:
        return _usable(read(_bytes_of(path.parent / linked), rules=rules)), ""
    except NotAFeed as why:
        raise NothingToPreview(f"the feed its page links to: {why}") from why


def _bytes_of(path: Path) -> bytes:
    try:
        if path.is_file() and path.stat().st_size > LARGEST:
            raise NothingToPreview(f"is larger than {LARGEST // 1_000_000} MB")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "cannot be read"
        raise NothingToPreview(str(why)) from error


def _usable(feed: Feed) -> Feed:
    nothing = why_nothing(feed)
    if nothing:
        raise NothingToPreview(nothing)
    return feed
