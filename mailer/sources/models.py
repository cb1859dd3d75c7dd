"""Tables of this room. What a story is, and when two are one, is in identity.py."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from mailer.sources.story import Kind


class Source(models.Model):
    """A feed we read, how its items are filed, and how it has been doing.

    polled_at is when we last asked, last_ok_at when it last answered well; both None
    before the first time. ended_at: it answered 410, nobody asks again.
    """

    name = models.TextField()
    url = models.TextField()
    host = models.TextField()  # of url, in lower case: politeness is per host
    every_seconds = models.IntegerField(db_default=300)
    take_existing = models.BooleanField(db_default=False)
    # How items are filed; see filing.py.
    default_kind = models.TextField(db_default=Kind.NEWS.value)
    default_section = models.TextField(db_default="")
    paid = models.TextField(db_default="marked")
    language = models.TextField(db_default="")
    time_zone = models.TextField(db_default="UTC")
    credit = models.TextField(db_default="")
    renamed_sections = models.JSONField(default=dict)
    renamed_kinds = models.JSONField(default=dict)
    # What its server told us.
    etag = models.TextField(db_default="")
    last_modified = models.TextField(db_default="")
    body_hash = models.TextField(db_default="")
    title = models.TextField(db_default="")
    format = models.TextField(db_default="")
    # Polls have numbers: one asked before the last that answered is thrown away, so
    # that an older copy never overwrites a newer one.
    asked = models.IntegerField(db_default=0)
    answered = models.IntegerField(db_default=0)
    # How it has been doing.
    added_at = models.DateTimeField()
    polled_at = models.DateTimeField(null=True)
    last_ok_at = models.DateTimeField(null=True)
    next_poll_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True)
    failures = models.IntegerField(db_default=0)
    reason = models.TextField(db_default="")
    problems = models.JSONField(default=list)  # sentences, of the last good poll
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "source"
        constraints = [
            models.UniqueConstraint(fields=["url"], name="one_source_per_address"),
            models.CheckConstraint(
                condition=Q(failures=0, failing_since=None)
                | Q(failures__gt=0, failing_since__isnull=False),
                name="a_failing_source_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(failures=0) | ~Q(reason=""),
                name="a_failing_source_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"source {self.pk}"


class StoryRow(models.Model):
    """One story, however often and through however many feeds it came.

    source: the feed that brought it first; it and its host may revise it.
    seen: only first polls have brought it so far, so no edition picks it up by itself.
    """

    source = models.ForeignKey(Source, models.PROTECT, related_name="stories")
    current = models.IntegerField(db_default=1)  # the number of its latest revision
    published_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField()
    seen = models.BooleanField(db_default=False)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.TextField(db_default="")

    class Meta:
        db_table = "story"
        indexes = [
            models.Index(
                Coalesce("published_at", "arrived_at").desc(),
                name="story_by_its_time",
            ),
            models.Index(
                fields=["withdrawn_at"],
                condition=Q(withdrawn_at__isnull=False),
                name="story_withdrawn",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_why=""),
                name="a_withdrawn_story_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"story {self.pk}"


class Revision(models.Model):
    """What a story said at one time. Rows are only added."""

    story = models.ForeignKey(StoryRow, models.CASCADE, related_name="revisions")
    number = models.IntegerField()  # 1…n in its story
    arrived_at = models.DateTimeField()
    updated_at = models.DateTimeField(null=True)  # as the source says
    guid = models.TextField()
    url = models.TextField()
    title = models.TextField()
    standfirst = models.TextField()
    body_html = models.TextField()  # sanitised
    body_text = models.TextField()
    authors = models.JSONField()
    section = models.TextField()
    tags = models.JSONField()
    image = models.JSONField(null=True)
    language = models.TextField()
    kind = models.TextField()
    subscriber_only = models.BooleanField()
    related = models.JSONField()
    credit = models.TextField()
    starts_at = models.DateTimeField(null=True)
    venue = models.TextField()

    class Meta:
        db_table = "story_revision"
        constraints = [
            models.UniqueConstraint(
                fields=["story", "number"], name="revisions_are_numbered"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="revisions_start_at_one"
            ),
        ]

    def __str__(self) -> str:
        return f"revision {self.number} of story {self.story_id}"


class StoryKey(models.Model):
    """One name by which a story is known: a guid on its host, or a clean address.

    story None: withdrawn before we ever saw it, so that no slower feed brings it in.
    """

    key = models.TextField(primary_key=True)
    story = models.ForeignKey(
        StoryRow, models.CASCADE, null=True, related_name="known_as"
    )

    class Meta:
        db_table = "story_key"

    def __str__(self) -> str:
        return f"key of story {self.story_id}"


class Sighting(models.Model):
    """One story in one feed, and what that feed last said of it."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="sightings")
    story = models.ForeignKey(StoryRow, models.CASCADE, related_name="sightings")
    fingerprint = models.TextField()
    first_at = models.DateTimeField()

    class Meta:
        db_table = "story_sighting"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "story"], name="one_sighting_per_source_and_story"
            ),
        ]

    def __str__(self) -> str:
        return f"story {self.story_id} in source {self.source_id}"


class Poll(models.Model):
    """One look at a source and what came of it. The last hundred are kept."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="polls")
    at = models.DateTimeField()
    ok = models.BooleanField()
    reason = models.TextField(db_default="")  # why not, or "not modified"
    new = models.IntegerField(db_default=0)
    revised = models.IntegerField(db_default=0)
    unchanged = models.IntegerField(db_default=0)
    withdrawn = models.IntegerField(db_default=0)
    refused = models.IntegerField(db_default=0)

    class Meta:
        db_table = "source_poll"
        ordering = [F("at").desc(), F("id").desc()]
        indexes = [models.Index(fields=["source", "-at"], name="polls_of_a_source")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ok=True) | ~Q(reason=""), name="a_failed_poll_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"poll {self.pk} of source {self.source_id}"
