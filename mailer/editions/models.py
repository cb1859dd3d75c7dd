"""Tables of this room: recipes, editions with their items, what was used, who did what.

Ids of newsletters, stories and results belong to other rooms: numbers here, no foreign
keys.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from mailer.editions.content import Block, EditionKind, EditionState
from mailer.editions.recipe import Approval, Waves


class Recipe(models.Model):
    """When a newsletter comes, what of, and who lets it go.

    expires_minutes: how long after its release a mail is still worth sending.
    planned_to: every slot up to here has its edition or its reason. It only grows, so
    that a clock that steps back plans nothing twice.
    results_to: how far results of elections have been looked at, by id.
    """

    newsletter_id = models.IntegerField(primary_key=True)
    cron = models.TextField(blank=True, db_default="")  # empty: no slots
    time_zone = models.TextField(db_default="UTC")
    selection = models.JSONField(default=dict)
    approval = models.TextField(db_default=Approval.EDITOR)
    lead_minutes = models.IntegerField(db_default=60)
    deadline_minutes = models.IntegerField(db_default=120)
    waves = models.TextField(db_default=Waves.TOGETHER)
    expires_minutes = models.IntegerField(null=True)  # NULL: as its kind does
    since = models.DateTimeField()
    planned_to = models.DateTimeField()
    results_to = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "recipe"
        constraints = [
            models.CheckConstraint(
                condition=Q(approval__in=list(Approval)), name="somebody_lets_it_go"
            ),
            models.CheckConstraint(
                condition=Q(lead_minutes__gte=0, deadline_minutes__gt=0),
                name="a_deadline_is_after_its_slot",
            ),
            models.CheckConstraint(
                condition=Q(waves__in=list(Waves)), name="a_digest_comes_at_some_hour"
            ),
            models.CheckConstraint(
                condition=Q(expires_minutes=None) | Q(expires_minutes__gt=0),
                name="a_mail_is_worth_sending_for_some_time",
            ),
        ]

    def __str__(self) -> str:
        return f"recipe of newsletter {self.newsletter_id}"


class Edition(models.Model):
    """One mail of one newsletter, or the reason why there is none. See states.py.

    slot: the key of its slot for a digest; "alert …" or "results …" for the others.
    subject, preheader: the editor's own, or empty for what the content says.
    said_subject: what the content says now, kept for lists.
    hash: of the content as it is; approved_hash: of what was approved, or empty.
    blocked: why it can't be rendered, or empty. held_by: who took back an approval, so
    that the schedule alone does not give it again.
    """

    newsletter_id = models.IntegerField()
    slot = models.TextField()
    kind = models.TextField(db_default=EditionKind.DIGEST)
    state = models.TextField(db_default=EditionState.READY)
    reason = models.TextField(blank=True, db_default="")
    blocked = models.TextField(blank=True, db_default="")
    slot_at = models.DateTimeField()
    time_zone = models.TextField()
    number = models.IntegerField(null=True)
    release_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    subject = models.TextField(blank=True, db_default="")
    preheader = models.TextField(blank=True, db_default="")
    note = models.TextField(blank=True, db_default="")
    note_by = models.TextField(blank=True, db_default="")
    place_code = models.TextField(blank=True, db_default="")
    alert = models.JSONField(null=True)
    alert_story_id = models.BigIntegerField(null=True)
    result_id = models.BigIntegerField(null=True)
    is_correction = models.BooleanField(db_default=False)
    request_key = models.TextField(null=True)  # noqa: DJ001  of the button; unique
    said_subject = models.TextField(blank=True, db_default="")
    hash = models.TextField(blank=True, db_default="")
    approved_hash = models.TextField(blank=True, db_default="")
    approved_by = models.TextField(blank=True, db_default="")
    approved_at = models.DateTimeField(null=True)
    held_by = models.TextField(blank=True, db_default="")
    run_id = models.IntegerField(null=True)
    filled_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "edition"
        constraints = [
            models.UniqueConstraint(
                fields=["newsletter_id", "slot"],
                name="one_edition_per_newsletter_and_slot",
            ),
            models.UniqueConstraint(
                fields=["newsletter_id", "number"],
                name="no_two_editions_share_a_number",
            ),
            models.UniqueConstraint(
                fields=["request_key"], name="one_alert_per_press_of_the_button"
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(EditionState)), name="a_state_is_drawn"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=list(EditionKind)), name="a_kind_has_a_template"
            ),
            models.CheckConstraint(
                condition=~Q(state=EditionState.SKIPPED) | ~Q(reason=""),
                name="what_is_skipped_has_its_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=EditionState.APPROVED)
                | (Q(approved_hash=F("hash")) & ~Q(hash="")),
                name="approval_is_bound_to_the_content",
            ),
        ]
        indexes = [
            models.Index(
                fields=["release_at"],
                condition=Q(state__in=["ready", "approved"]),
                name="editions_not_yet_sent",
            ),
            models.Index(fields=["slot_at"], name="editions_by_slot"),
            models.Index(
                fields=["alert_story_id", "slot_at"],
                condition=Q(alert_story_id__isnull=False),
                name="alerts_by_story",
            ),
            models.Index(
                fields=["newsletter_id", "place_code", "result_id"],
                condition=Q(result_id__isnull=False),
                name="results_editions_by_place",
            ),
        ]

    def __str__(self) -> str:
        return f"edition {self.pk}"


class EditionItem(models.Model):
    """A story in its place, as a copy of one revision of it.

    title, standfirst: the editor's own, or empty for the story's.
    withdrawn_at: the story was withdrawn at its source after the edition had gone.
    """

    edition = models.ForeignKey(
        Edition, on_delete=models.CASCADE, related_name="items", db_index=False
    )
    story_id = models.BigIntegerField()
    block = models.TextField()
    position = models.IntegerField()  # in the edition, 1…n
    story = models.JSONField()
    title = models.TextField(blank=True, db_default="")
    standfirst = models.TextField(null=True)  # noqa: DJ001  "" is empty on purpose
    pinned = models.BooleanField(db_default=False)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "edition_item"
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "story_id"], name="a_story_stands_once_in_an_edition"
            ),
            models.CheckConstraint(
                condition=Q(block__in=list(Block)), name="a_block_has_a_place"
            ),
        ]
        indexes = [models.Index(fields=["story_id"], name="items_by_story")]

    def __str__(self) -> str:
        return f"{self.block} {self.position} of edition {self.edition_id}"


class Use(models.Model):
    """A newsletter's use of a story: once, whatever its revision."""

    newsletter_id = models.IntegerField()
    story_id = models.BigIntegerField()
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="uses")

    class Meta:
        db_table = "edition_use"
        constraints = [
            models.UniqueConstraint(
                fields=["newsletter_id", "story_id"],
                name="a_story_is_used_once_per_newsletter",
            )
        ]

    def __str__(self) -> str:
        return f"story {self.story_id} in newsletter {self.newsletter_id}"


class EditionEvent(models.Model):
    """Who did what to an edition, when. Rows are only ever added."""

    edition = models.ForeignKey(
        Edition, on_delete=models.PROTECT, related_name="events"
    )
    at = models.DateTimeField(db_default=Now())
    by = models.TextField()  # a person's name, or the part of the house
    verb = models.TextField()
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "edition_event"

    def __str__(self) -> str:
        return f"{self.by} {self.verb} edition {self.edition_id}"
