"""The ledger and what stands around it: runs, batches, pipes, relays, tallies.

What moves is in ledger.py and run.py. Everything about a delivery names its run.
"""

from django.db import models
from django.db.models import F, Q

from mailer.delivery.ledger import State
from mailer.delivery.run import DoubtPolicy, RunKind, RunState


class Run(models.Model):
    """One edition or letter to one audience. Moves are in run.py."""

    id = models.AutoField(primary_key=True)
    kind = models.TextField()
    edition_id = models.BigIntegerField(null=True)
    letter_id = models.BigIntegerField(null=True)
    newsletter_id = models.IntegerField(db_default=0)  # whose headers it bears; 0: none
    content_hash = models.TextField(db_default="")  # of the variants it sends
    place_code = models.TextField(db_default="")  # whose readers; empty: every place
    priority = models.SmallIntegerField()
    state = models.TextField(db_default=RunState.OPEN)
    audience = models.IntegerField(db_default=0)  # rows written so far
    seeds = models.JSONField(default=list)  # subscribers of the first wave
    reached = models.BigIntegerField(null=True)  # the subscriber opening goes on after
    asked_at = models.DateTimeField()
    release_at = models.DateTimeField()  # no mail before; undo until then
    opened_at = models.DateTimeField(null=True)  # all rows are there
    finished_at = models.DateTimeField(null=True)
    give_up_at = models.DateTimeField()  # what is still deferred then is cancelled
    supersede_key = models.TextField(db_default="")  # one mail a person over all of it
    replaces_key = models.TextField(db_default="")  # a newer run of it ends this one …
    superseded_by = models.IntegerField(null=True)  # … and this is the newer one
    waves = models.JSONField(null=True)  # [zone, hour, when] …; NULL: all at once
    recounted_at = models.DateTimeField(null=True)  # its rows, against the tally
    sums_wrong = models.JSONField(null=True)  # what the recount found, until it agrees
    archived_at = models.DateTimeField(null=True)  # its rows are in a file since
    doubt_policy = models.TextField(db_default=DoubtPolicy.ASK)
    tripped = models.TextField(db_default="")  # why it was stopped short, once
    bounced = models.IntegerField(db_default=0)  # reported after it was accepted
    complained = models.IntegerField(db_default=0)
    moved_by = models.TextField(db_default="")  # who paused, resumed, stopped it last
    reason = models.TextField(db_default="")

    class Meta:
        db_table = "run"
        constraints = [
            models.UniqueConstraint(
                fields=["edition_id"],
                condition=~Q(kind=RunKind.TEST),
                name="one_run_per_edition_beside_tests",
            ),
            models.UniqueConstraint(fields=["letter_id"], name="one_run_per_letter"),
            models.CheckConstraint(
                condition=Q(kind__in=list(RunKind)), name="a_run_has_a_known_kind"
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(RunState)), name="a_run_has_a_known_state"
            ),
            models.CheckConstraint(
                condition=Q(kind=RunKind.LETTER)
                | Q(letter_id=None, edition_id__isnull=False),
                name="a_run_carries_an_edition_or_a_letter",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state"],
                condition=~Q(state__in=[RunState.DONE, RunState.STOPPED]),
                name="runs_that_are_not_over",
            ),
            models.Index(
                fields=["supersede_key"],
                condition=~Q(supersede_key=""),
                name="runs_of_one_alert",
            ),
            models.Index(
                fields=["replaces_key"],
                condition=~Q(replaces_key=""),
                name="runs_that_replace_each_other",
            ),
            models.Index(
                F("recounted_at").asc(nulls_first=True),
                condition=Q(archived_at=None),
                name="runs_least_lately_recounted",
            ),
            models.Index(
                fields=["id"],
                condition=Q(sums_wrong__isnull=False),
                name="runs_that_do_not_add_up",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"


class Delivery(models.Model):
    """One promise: this run, to this subscriber, once. Moves are in ledger.py."""

    pk = models.CompositePrimaryKey("run_id", "position")
    run_id = models.IntegerField()
    position = (
        models.IntegerField()
    )  # 1…n in its run: wave, slice, provider, subscriber
    subscriber_id = models.BigIntegerField()
    state = models.TextField(db_default=State.DUE)
    fence = models.IntegerField(db_default=0)  # of the lease that asked last
    doubted = models.BooleanField(db_default=False)  # was in doubt since it was asked
    relay_id = models.SmallIntegerField(null=True)
    code = models.SmallIntegerField(null=True)  # of the last reply
    settled_at = models.DateTimeField(null=True)
    reason = models.TextField(db_default="")  # only where not accepted

    class Meta:
        db_table = "delivery"
        # No index may name state, fence, relay_id, code or settled_at: that keeps
        # updates HOT, on pages which migration 0002 fills to 70 %. Migration 0007
        # partitions it by run_id: every query names its run.
        constraints = [
            models.UniqueConstraint(
                fields=["run_id", "subscriber_id"],
                name="one_delivery_per_run_and_subscriber",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(State)), name="a_delivery_has_a_known_state"
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.run_id}.{self.position}"


class Batch(models.Model):
    """A stretch of positions of one lane. Workers lease batches, never rows."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, db_index=False)
    priority = models.SmallIntegerField()
    relay_id = models.SmallIntegerField()
    home_id = models.SmallIntegerField(db_default=0)  # the relay it was dealt at first
    provider_id = models.SmallIntegerField()
    domain = models.TextField(db_default="")  # of its readers, where a route names it
    first = models.IntegerField()
    last = models.IntegerField()
    next = models.IntegerField()  # the first position this round has not asked
    attempt = models.SmallIntegerField(db_default=1)
    due_at = models.DateTimeField()
    wave_at = models.DateTimeField(null=True)  # its readers' own hour; NULL: no waves
    fence = models.IntegerField(db_default=0)
    lease_ends_at = models.DateTimeField(null=True)
    holder = models.IntegerField(null=True)  # the pid of its backend
    done = models.BooleanField(db_default=False)

    class Meta:
        db_table = "batch"
        constraints = [
            models.CheckConstraint(
                condition=Q(done=False) | Q(lease_ends_at=None),
                name="nobody_holds_a_batch_that_is_done",
            ),
        ]
        indexes = [
            # Not next, fence, holder or lease_ends_at: a step's update stays HOT.
            models.Index(
                fields=["relay_id", "priority", "due_at", "id"],
                condition=Q(done=False),
                name="batches_by_urgency",
            ),
            models.Index(fields=["run", "first"], name="batches_of_a_run"),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk} of run {self.run_id}"


class Tally(models.Model):
    """How many deliveries of a run stand where: deltas, a row per writer.

    Each writer (a pipe) keeps its own rows, so that none waits for another; a row
    alone may be negative, their sum is the truth.
    """

    pk = models.CompositePrimaryKey("run_id", "writer", "provider_id", "state")
    run_id = models.IntegerField()
    writer = models.IntegerField()
    provider_id = models.SmallIntegerField()
    state = models.TextField()
    n = models.IntegerField()
    began_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "run_tally"

    def __str__(self) -> str:
        return f"{self.n} {self.state} of run {self.run_id}"


class RunText(models.Model):
    """What a letter or a test says. Editions' runs send the variants of rendering."""

    pk = models.CompositePrimaryKey("run_id", "number")
    run_id = models.IntegerField()
    number = models.SmallIntegerField()
    tier = models.TextField(db_default="")
    place = models.TextField(db_default="")
    language = models.TextField(db_default="")
    subject = models.TextField()
    html = models.TextField()
    text = models.TextField()

    class Meta:
        db_table = "run_text"

    def __str__(self) -> str:
        return f"text {self.number} of run {self.run_id}"


class Pipe(models.Model):
    """A worker's hold on a relay. Number 0 is reserved for alerts and letters."""

    pk = models.CompositePrimaryKey("relay_id", "number")
    relay_id = models.SmallIntegerField()
    number = models.SmallIntegerField()
    fence = models.IntegerField(db_default=0)
    lease_ends_at = models.DateTimeField(null=True)
    holder = models.IntegerField(null=True)  # the pid of its backend

    class Meta:
        db_table = "pipe"

    def __str__(self) -> str:
        return f"pipe {self.relay_id}.{self.number}"


class Backend(models.Model):
    """A connection to the database, as PostgreSQL itself lists them."""

    pid = models.IntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "pg_stat_activity"

    def __str__(self) -> str:
        return f"backend {self.pk}"


class Relay(models.Model):
    """How a relay has answered lately; its address is in the configuration."""

    id = models.SmallIntegerField(primary_key=True)
    failures = models.IntegerField(db_default=0)  # in a row
    retry_at = models.DateTimeField(null=True)  # not tried before; NULL: it works
    probe_ends_at = models.DateTimeField(null=True)  # one worker tries until then
    failing_since = models.DateTimeField(null=True)
    last_ok_at = models.DateTimeField(null=True)
    reason = models.TextField(db_default="")
    drained_at = models.DateTimeField(null=True)  # taken out by a person
    drained_by = models.TextField(db_default="")

    class Meta:
        db_table = "relay"

    def __str__(self) -> str:
        return f"relay {self.pk}"


class RelayDay(models.Model):
    """How many mails of a day, in UTC, a relay with a cap has had or is having."""

    pk = models.CompositePrimaryKey("relay_id", "day")
    relay_id = models.SmallIntegerField()
    day = models.DateField()
    n = models.IntegerField(db_default=0)

    class Meta:
        db_table = "relay_day"

    def __str__(self) -> str:
        return f"relay {self.relay_id} on {self.day}"


class Lane(models.Model):
    """One receiver at one relay: when it had its turn, and its trouble; see lane.py."""

    pk = models.CompositePrimaryKey("relay_id", "provider_id")
    relay_id = models.SmallIntegerField()
    provider_id = models.SmallIntegerField()
    served_at = models.DateTimeField(null=True)
    rate = models.FloatField(null=True)  # a second, as halved last at changed_at
    usual = models.FloatField(null=True)  # before the trouble
    changed_at = models.DateTimeField(null=True)
    faults = models.SmallIntegerField(db_default=0)
    faults_since = models.DateTimeField(null=True)
    suspended_until = models.DateTimeField(null=True)
    reason = models.TextField(db_default="")
    since = models.DateTimeField(null=True)

    class Meta:
        db_table = "lane"

    def __str__(self) -> str:
        return f"lane {self.relay_id}.{self.provider_id}"


class LaneDay(models.Model):
    """What a lane of a relay in its warm-up did on a day, on the paper's own clock."""

    pk = models.CompositePrimaryKey("relay_id", "provider_id", "on")
    relay_id = models.SmallIntegerField()
    provider_id = models.SmallIntegerField()
    on = models.DateField()
    taken = models.IntegerField(db_default=0)  # of the day's cap
    deferred = models.IntegerField(db_default=0)
    complaints = models.IntegerField(db_default=0)

    class Meta:
        db_table = "lane_day"

    def __str__(self) -> str:
        return f"lane {self.relay_id}.{self.provider_id} on {self.on}"


class WarmUp(models.Model):
    """A relay that receivers do not know yet, and since when it is made known."""

    relay_id = models.SmallIntegerField(primary_key=True)
    begins_on = models.DateField()

    class Meta:
        db_table = "warm_up"

    def __str__(self) -> str:
        return f"warm-up of relay {self.relay_id}"


class Pause(models.Model):
    """Pause everything: while there is a row, no window is asked."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    by = models.TextField()
    reason = models.TextField(db_default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "pause"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_switch"),
        ]

    def __str__(self) -> str:
        return "everything is paused"


class Reach(models.Model):
    """Whom a newsletter reaches now: the view that audience publishes for us."""

    pk = models.CompositePrimaryKey("newsletter_id", "subscriber_id")
    newsletter_id = models.IntegerField()
    subscriber_id = models.BigIntegerField()
    address = models.TextField()
    provider_id = models.SmallIntegerField()
    language = models.TextField()
    place_code = models.TextField()
    tier = models.TextField()
    hour = models.SmallIntegerField(null=True)
    wanted = models.BooleanField()
    time_zone = models.TextField()

    class Meta:
        db_table = "audience_reach"
        managed = False

    def __str__(self) -> str:
        return f"subscriber {self.subscriber_id} of {self.newsletter_id}"
