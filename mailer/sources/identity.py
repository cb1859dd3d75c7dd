"""When two items are one story, who may change it, and what counts as a change.

A story is known by names: its guid on its source's host, and its clean address. One
name in common makes two items one story, through whatever feed they came.

Names lie. In one document, a guid on several addresses (or an address under several
guids) names nothing. Later, an item that shares one name, has another title and a
later date has taken over a name that was used before: it is a story of its own.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from mailer.sources.addresses import clean, host_of
from mailer.sources.draft import Draft, Gone, Problem

LONGEST_KEY = 300  # characters as they are; longer ones by their hash


@dataclass(frozen=True, slots=True)
class Named:
    """A draft and the names it can be known by, the strongest first."""

    draft: Draft
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What identity asks of a story in the tables. keys: all its names."""

    id: int
    title: str
    published_at: datetime | None
    keys: frozenset[str]


def guid_key(guid: str, host: str) -> str:
    """Return the name a guid is on a host; another host may use the same guid."""
    return _key("guid", f"{host} {guid}")


def url_key(url: str) -> str:
    """Return the name an address is, everywhere."""
    return _key("url", clean(url))


def name_all(
    drafts: Sequence[Draft], *, host: str
) -> tuple[tuple[Named, ...], tuple[Problem, ...]]:
    """Return the drafts of one document with their names, each story once.

    host: of the source. Where a story is there twice, its latest edit stays.
    """
    urls_of_guid, guids_of_url = defaultdict(set), defaultdict(set)
    for draft in drafts:
        if draft.guid:
            urls_of_guid[draft.guid].add(url_key(draft.url))
            guids_of_url[url_key(draft.url)].add(draft.guid)
    shared = {guid for guid, urls in urls_of_guid.items() if len(urls) > 1}
    stories: list[Named] = []
    place: dict[str, int] = {}  # of the story with this name in `stories`
    problems = []
    for draft in drafts:
        if draft.guid in shared:
            reason = "its guid is on other items too; its link tells it apart"
            problems.append(_problem(draft, reason))
        url = url_key(draft.url)
        has_guid = bool(draft.guid) and draft.guid not in shared
        keys = [guid_key(draft.guid, host)] if has_guid else []
        # A front page, or an address under several guids, names no story.
        alone = len(guids_of_url[url]) <= 1 and not _is_front_page(draft.url)
        keys += [url] if alone or not has_guid else []
        at = next((place[key] for key in keys if key in place), len(stories))
        if at == len(stories):
            stories.append(Named(draft, tuple(keys)))
        else:
            problems.append(_problem(draft, "is there twice; its latest edit is taken"))
            twin = stories[at]
            later = draft if _edited_at(draft) > _edited_at(twin.draft) else twin.draft
            stories[at] = Named(later, tuple(dict.fromkeys((*twin.keys, *keys))))
        place.update(dict.fromkeys(keys, at))
    return tuple(stories), tuple(problems)


def recognise(item: Named, by_key: Mapping[str, Known], *, host: str) -> Known | None:
    """Return the story an item is about, or None if it is a new one.

    by_key: the stories that have one of its names, by that name. Where two have, the
    younger one counts: it took the name over.
    """
    found = [by_key[key] for key in item.keys if key in by_key]
    found.sort(key=lambda story: -story.id)
    if found and len(found) == len(item.keys):
        return found[0]  # it has no name that a new story could be known by
    for story in found:
        if not _is_a_takeover(item, story, host):
            return story
    return None


def keys_gone(gone: Gone, *, host: str) -> tuple[str, ...]:
    """Return the names by which a source says a story is withdrawn."""
    keys = [guid_key(gone.guid, host)] if gone.guid else []
    for address in (gone.url, gone.guid):
        if address.startswith(("http://", "https://")):
            keys.append(url_key(address))  # noqa: PERF401
    return tuple(keys)


def is_home(source_host: str, story_url: str) -> bool:
    """Say whether a story lives where its source does.

    A feed from elsewhere may carry a paper's story; it must never be able to change
    or withdraw it.
    """
    host = host_of(story_url)
    pair = (host, source_host)
    return any(a == b or a.endswith(f".{b}") for a, b in (pair, pair[::-1]) if b)


def fingerprint(draft: Draft) -> str:
    """Return what changes whenever a reader would see a change.

    Dates are not in it: some sources write the present minute into every item at
    every poll. Nor is the query of the picture's address, which often is a token.
    """
    image = draft.image
    seen = (
        draft.title, draft.standfirst, draft.body_text, clean(draft.url),
        draft.authors, draft.section, draft.tags, draft.kind, draft.subscriber_only,
        image and (urlsplit(image.url)._replace(query="").geturl(), image.alt),
        tuple((related.title, clean(related.url)) for related in draft.related),
        draft.credit, draft.starts_at, draft.venue, draft.language,
    )  # fmt: skip
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]


def date_to_keep(
    old: datetime | None, new: datetime | None, *, now: datetime
) -> datetime | None:
    """Return when a story was published, given what its source says now.

    A story is published once: a date that has come stays. One still ahead (an
    embargo) may move, and one that was missing may be added.
    """
    if old is None or (old > now and new is not None):
        return new
    return old


def _is_a_takeover(item: Named, story: Known, host: str) -> bool:
    draft = item.draft
    theirs = {key for key in story.keys if _rank(key, host)}
    if set(item.keys) <= theirs or not draft.guid:
        return False  # every name it has is that story's
    names = {_rank(key, host) for key in item.keys if key not in story.keys}
    if not any(_rank(key, host) in names for key in theirs):
        return False  # the story never had a name of that sort: it gains one
    return (
        draft.title != story.title
        and draft.published_at is not None
        and story.published_at is not None
        and draft.published_at > story.published_at
    )


def _rank(key: str, host: str) -> str:
    """Return the sort of a name: "guid" on this host, "url", or "" for other hosts."""
    if key.startswith("url "):
        return "url"
    return "guid" if key.startswith(f"guid {host} ") else ""


def _problem(draft: Draft, reason: str) -> Problem:
    return Problem(draft.position, draft.title[:80], reason, refused=False)


def _edited_at(draft: Draft) -> float:
    at = draft.updated_at or draft.published_at
    return at.timestamp() if at else 0.0


def _is_front_page(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query


def _key(sort: str, text: str) -> str:
    if len(text) <= LONGEST_KEY:
        return f"{sort} {text}"
    # The host stays readable, so that the sort of a name can be told.
    head = text.partition(" ")[0] if sort == "guid" else ""
    return f"{sort} {head} {hashlib.sha256(text.encode()).hexdigest()}"
