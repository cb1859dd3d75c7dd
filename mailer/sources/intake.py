"""Write what one poll brought into the tables. Called inside a transaction.

One writer at a time, over all sources: a story may come through several, and each
must see what the others wrote. It takes milliseconds; fetching and reading are done.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from django.db import connection

from mailer.sources.draft import Draft, Feed, Problem
from mailer.sources.identity import (
    Known,
    Named,
    date_to_keep,
    fingerprint,
    is_home,
    keys_gone,
    name_all,
    recognise,
)
from mailer.sources.models import Revision, Sighting, Source, StoryKey, StoryRow
from mailer.sources.queries import said_by

ONE_WRITER = 7_301  # advisory lock: an arbitrary number, ours alone


@dataclass(slots=True)
class Tally:
    """What one poll did, counted as it happens."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Say whether anything happened that an edition may care about."""
        return bool(self.new or self.revised or self.withdrawn)


def lock() -> None:
    """Wait until no other collector writes stories; lasts for the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_WRITER])


def take_in(feed: Feed, source: Source, *, first: bool, now: datetime) -> Tally:
    """Write down each draft of a document, and who it says is withdrawn.

    first: everything in it was there before us, and counts as seen.
    """
    return _Intake(source, first=first, now=now).take(feed)


def mark_withdrawn(row: StoryRow, *, why: str, now: datetime) -> bool:
    """Mark a story withdrawn; return False where it already was."""
    if row.withdrawn_at is not None:
        return False
    row.withdrawn_at, row.withdrawn_why = now, why
    row.save(update_fields=["withdrawn_at", "withdrawn_why"])
    return True


class _Intake:
    """One document on its way into the tables."""

    def __init__(self, source: Source, *, first: bool, now: datetime) -> None:
        self.source, self.first, self.now = source, first, now
        self.tally = Tally()
        self.rows: dict[int, StoryRow] = {}
        self.current: dict[int, Revision] = {}
        self.by_key: dict[str, Known] = {}
        self.pulled: set[str] = set()  # names withdrawn before they came
        self.sightings: dict[int, Sighting] = {}
        self.changed_sightings: list[Sighting] = []
        self.keys: list[StoryKey] = []
        self.revisions: list[Revision] = []
        self.seen_now: set[int] = set()

    def take(self, feed: Feed) -> Tally:
        named, problems = name_all(feed.drafts, host=self.source.host)
        self.tally.problems += problems
        gone = [keys_gone(one, host=self.source.host) for one in feed.gone]
        self._load(
            [key for item in named for key in item.keys] + [k for g in gone for k in g]
        )
        fresh: list[Named] = []
        for item in named:
            story = recognise(item, self.by_key, host=self.source.host)
            if item.draft.withdrawn:
                self._withdraw(item.keys, story)
            elif story is not None:
                self._meet(item, story)
            elif self.pulled.isdisjoint(item.keys):
                fresh.append(item)
            else:
                self._complain(item.draft, "was withdrawn at its source before it came")
        self._begin(fresh)
        for keys in gone:
            found = (self.by_key[key] for key in keys if key in self.by_key)
            self._withdraw(keys, next(found, None))
        self._write()
        return self.tally

    def _load(self, keys: Sequence[str]) -> None:
        """Read the stories that have any of these names, and all their names."""
        named = list(StoryKey.objects.filter(key__in=keys))
        self.pulled = {name.key for name in named if name.story_id is None}
        ids = {name.story_id for name in named if name.story_id is not None}
        self.rows = StoryRow.objects.select_related("source").in_bulk(ids)
        for revision in Revision.objects.filter(story_id__in=ids):
            if revision.number == self.rows[revision.story_id].current:
                self.current[revision.story_id] = revision
        all_keys: dict[int, set[str]] = defaultdict(set)
        for row in StoryKey.objects.filter(story_id__in=ids):
            all_keys[row.story_id or 0].add(row.key)
        for story_id, its_keys in all_keys.items():
            known = Known(
                story_id,
                self.current[story_id].title,
                self.rows[story_id].published_at,
                frozenset(its_keys),
            )
            self.by_key.update(dict.fromkeys(its_keys, known))
        found = Sighting.objects.filter(source=self.source, story_id__in=ids)
        self.sightings = {sighting.story_id: sighting for sighting in found}

    def _meet(self, item: Named, known: Known) -> None:
        """A story we know is in the document again: the same, or edited."""
        row, draft = self.rows[known.id], item.draft
        if known.id in self.seen_now:
            return self._complain(draft, "is there twice under other names")
        self.seen_now.add(known.id)
        if row.withdrawn_at is not None:
            self._complain(draft, "was withdrawn; it stays so until a person says else")
        self._add_keys(item.keys, row)
        print_ = fingerprint(draft)
        sighting = self.sightings.get(known.id)
        edited = self._edit(row, draft, sighting, print_)
        if sighting is None or sighting.fingerprint != print_:
            self._see(row, print_)
        fields = []
        if sighting is None and row.seen and not self.first:
            row.seen = False  # a feed that is past its first poll brings it as new
            fields.append("seen")
        kept = date_to_keep(row.published_at, draft.published_at, now=self.now)
        if self._has_a_say(row, draft) and kept != row.published_at:
            row.published_at = kept
            fields.append("published_at")
        if edited is None:
            self.tally.unchanged += 1
        else:
            row.current += 1
            fields += ["current", "source"]
            self.tally.revised += 1
            self.revisions.append(_revision(edited, row, now=self.now))
        if fields:
            row.save(update_fields=fields)
        return None

    def _edit(
        self, row: StoryRow, draft: Draft, sighting: Sighting | None, print_: str
    ) -> Draft | None:
        """Return what the story says from now on, or None where it stays as it is.

        Its own feed edits it. A feed where the story lives takes it over from one
        where it does not. Another feed of the same host may bring a later edit, or
        the section that was missing; any other one only has the story as well.
        """
        current = self.current[row.pk]
        changed = sighting is None or sighting.fingerprint != print_
        section = draft.section or current.section
        if row.source_id == self.source.pk:
            return replace(draft, section=section) if changed else None
        at_home = is_home(self.source.host, draft.url)
        if at_home and not is_home(row.source.host, current.url):
            row.source = self.source
            return replace(draft, section=section)
        if row.source.host != self.source.host or not changed:
            return None
        later = (
            draft.updated_at is not None
            and current.updated_at is not None
            and draft.updated_at > current.updated_at
        )
        if later and sighting is not None:
            return replace(
                draft,
                section=section,
                body_html=draft.body_html or current.body_html,
                body_text=draft.body_text or current.body_text,
            )
        if draft.section and not current.section:
            return replace(Draft(**said_by(current)), section=draft.section)
        return None

    def _has_a_say(self, row: StoryRow, draft: Draft) -> bool:
        """Say whether this source may date or withdraw this story."""
        same = row.source_id == self.source.pk or row.source.host == self.source.host
        return same or is_home(self.source.host, draft.url)

    def _withdraw(self, keys: Sequence[str], known: Known | None) -> None:
        if known is None:
            free = [k for k in keys if k not in self.pulled and k not in self.by_key]
            # Only names on this source's own host: it cannot bar what others publish.
            own = [key for key in free if _is_own(key, self.source.host)]
            self.keys += [StoryKey(key=key, story=None) for key in own]
            self.pulled.update(own)
            return
        row = self.rows[known.id]
        draft = Draft(**said_by(self.current[known.id]))
        if self._has_a_say(row, draft):
            why = f"withdrawn by {self.source.name}"
            self.tally.withdrawn += mark_withdrawn(row, why=why, now=self.now)

    def _begin(self, fresh: Sequence[Named]) -> None:
        """Write stories that are new."""
        rows = [
            StoryRow(
                source=self.source,
                current=1,
                published_at=item.draft.published_at,
                arrived_at=self.now,
                seen=self.first,
            )
            for item in fresh
        ]
        StoryRow.objects.bulk_create(rows)
        for item, row in zip(fresh, rows, strict=True):
            revision = _revision(item.draft, row, now=self.now)
            self.rows[row.pk], self.current[row.pk] = row, revision
            self.revisions.append(revision)
            self._see(row, fingerprint(item.draft))
            self._add_keys(item.keys, row)
        self.tally.new += len(rows)

    def _see(self, row: StoryRow, print_: str) -> None:
        sighting = Sighting(
            source=self.source, story=row, fingerprint=print_, first_at=self.now
        )
        self.changed_sightings.append(sighting)

    def _add_keys(self, keys: Sequence[str], row: StoryRow) -> None:
        """Give a story the names nobody has yet."""
        for key in keys:
            if key not in self.by_key and key not in self.pulled:
                self.keys.append(StoryKey(key=key, story=row))
                known = Known(row.pk, "", None, frozenset(keys))
                self.by_key[key] = known

    def _write(self) -> None:
        Revision.objects.bulk_create(self.revisions)
        StoryKey.objects.bulk_create(self.keys)
        Sighting.objects.bulk_create(
            self.changed_sightings,
            update_conflicts=True,
            unique_fields=["source", "story"],
            update_fields=["fingerprint"],
        )

    def _complain(self, draft: Draft, reason: str) -> None:
        problem = Problem(draft.position, draft.title[:80], reason, refused=False)
        self.tally.problems.append(problem)


def _is_own(key: str, host: str) -> bool:
    sort, _, rest = key.partition(" ")
    if sort == "guid":
        return rest.startswith(f"{host} ")
    return is_home(host, f"https://{rest}")


def _revision(draft: Draft, row: StoryRow, *, now: datetime) -> Revision:
    return Revision(
        story=row,
        number=row.current,
        arrived_at=now,
        updated_at=draft.updated_at,
        guid=draft.guid,
        url=draft.url,
        title=draft.title,
        standfirst=draft.standfirst,
        body_html=draft.body_html,
        body_text=draft.body_text,
        authors=list(draft.authors),
        section=draft.section,
        tags=list(draft.tags),
        image=asdict(draft.image) if draft.image else None,
        language=draft.language,
        kind=draft.kind,
        subscriber_only=draft.subscriber_only,
        related=[asdict(link) for link in draft.related],
        credit=draft.credit,
        starts_at=draft.starts_at,
        venue=draft.venue,
    )
