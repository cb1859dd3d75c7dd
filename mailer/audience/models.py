"""Tables of this room.

The view audience_reach, which delivery reads, and the triggers that keep the records of
consent append-only are in migration 0002.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value

from mailer.audience.consent import SubscriberState, SubscriptionState, Tier
from mailer.audience.suppression import Scope


def _one_of(field: str, values: Any) -> Q:
    return Q(**{f"{field}__in": [v.value for v in values]})


class Place(models.Model):
    """A municipality, a region: what results and warnings are about."""

    code = models.TextField(primary_key=True)
    name = models.TextField()
    kind = models.TextField(default="municipality")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, db_column="parent_code"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="a_place_has_a_code"),
        ]

    def __str__(self) -> str:
        return self.code


class Newsletter(models.Model):
    """A list people can be on. Its list_id never changes: a trigger sees to it."""

    id = models.AutoField(primary_key=True)
    slug = models.SlugField(unique=True, max_length=60)
    name = models.TextField()
    description = models.TextField(default="", blank=True)
    rhythm = models.TextField(default="", blank=True)
    list_id = models.TextField(unique=True)  # RFC 2919, without the brackets
    from_name = models.TextField()
    from_address = models.TextField()
    reply_to = models.TextField(default="", blank=True)
    language = models.TextField(default="en")
    subscriber_only = models.BooleanField(default=False)
    by_place = models.BooleanField(default=False)
    is_alerts = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)

    class Meta:
        constraints = [
            # In audience_reach, 0 stands for no newsletter.
            models.CheckConstraint(
                condition=Q(id__gt=0), name="newsletter_0_means_no_newsletter"
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class Subscriber(models.Model):
    """A person we may write to, by address. Erased ones keep only their number."""

    address = models.TextField()  # for the wire: ASCII, "" when erased
    address_shown = models.TextField()
    address_key = models.TextField(null=True)  # noqa: DJ001  NULL: erased
    mark = models.BinaryField(null=True)  # HMAC of the key; suppression goes by it
    state = models.TextField(default=SubscriberState.UNCONFIRMED)
    language = models.TextField(default="en")
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, db_column="place_code"
    )
    tier = models.TextField(default=Tier.FREE)
    provider_id = models.SmallIntegerField(default=0)
    hour = models.SmallIntegerField(null=True, blank=True)  # of the digest, 0…23
    time_zone = models.TextField(db_default="")  # an IANA name; "": the paper's
    is_staff = models.BooleanField(default=False)  # may get test sends
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["mark"], name="subscriber_by_mark"),
            models.Index(
                Func(F("address"), Value("@"), Value(2), function="split_part"),
                name="subscribers_of_a_domain",
            ),
            models.Index(
                fields=["created_at"],
                name="never_confirmed",
                condition=Q(state=SubscriberState.UNCONFIRMED),
            ),
        ]
        constraints = [
            # Not unique=True: that would bring a second index, for LIKE.
            models.UniqueConstraint(
                fields=["address_key"], name="one_subscriber_per_address"
            ),
            models.CheckConstraint(
                condition=_one_of("state", SubscriberState),
                name="a_subscriber_has_a_known_state",
            ),
            models.CheckConstraint(
                condition=_one_of("tier", Tier), name="a_subscriber_has_a_known_tier"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=SubscriberState.ERASED,
                    address="",
                    address_key=None,
                    mark=None,
                )
                | (
                    ~Q(state=SubscriberState.ERASED)
                    & ~Q(address="")
                    & Q(address_key__isnull=False, mark__isnull=False)
                ),
                name="only_the_erased_have_no_address",
            ),
            models.CheckConstraint(
                condition=Q(hour=None) | Q(hour__gte=0, hour__lte=23),
                name="an_hour_is_from_0_to_23",
            ),
        ]

    def __str__(self) -> str:
        return f"subscriber {self.pk}"


class MailDomain(models.Model):
    """A domain that somebody has and no table knows: who receives its mail, by DNS."""

    name = models.TextField(primary_key=True)  # lower case, A-labels
    provider_id = models.SmallIntegerField(db_default=0)
    due_at = models.DateTimeField()  # when it is looked up next

    class Meta:
        db_table = "mail_domain"
        indexes = [models.Index(fields=["due_at"], name="domains_due")]

    def __str__(self) -> str:
        return self.name


class Subscription(models.Model):
    """One person's standing with one newsletter. The moves are in consent.py."""

    pk = models.CompositePrimaryKey("newsletter_id", "subscriber_id")
    newsletter = models.ForeignKey(
        Newsletter, models.PROTECT, db_index=False, related_name="subscriptions"
    )
    subscriber = models.ForeignKey(
        Subscriber, models.CASCADE, related_name="subscriptions"
    )
    state = models.TextField()
    since = models.DateTimeField()
    paused_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=_one_of("state", SubscriptionState),
                name="a_subscription_has_a_known_state",
            ),
            models.CheckConstraint(
                condition=Q(state=SubscriptionState.PAUSED, paused_until__isnull=False)
                | (~Q(state=SubscriptionState.PAUSED) & Q(paused_until=None)),
                name="only_a_pause_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"subscription of {self.subscriber_id} to {self.newsletter_id}"


class Wording(models.Model):
    """Words that were beside a button, kept once, by their hash."""

    hash = models.CharField(primary_key=True, max_length=64)
    text = models.TextField()

    def __str__(self) -> str:
        return self.hash[:12]


class ConsentRecord(models.Model):
    """One thing somebody agreed to or took back. Append-only: a trigger refuses more.

    It holds no address. Where somebody pressed (ip, user_agent) may be blanked, and
    that is the only change the trigger lets through.
    """

    subscriber = models.ForeignKey(
        Subscriber, models.PROTECT, related_name="consent_records"
    )
    newsletter = models.ForeignKey(
        Newsletter, models.PROTECT, null=True, blank=True, db_index=False
    )
    what = models.TextField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()  # later than `at` where a list was imported
    wording = models.ForeignKey(
        Wording, models.PROTECT, db_index=False, db_column="wording_hash"
    )
    form = models.TextField(default="", blank=True)
    channel = models.TextField(default="", blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.TextField(default="", blank=True)
    detail = models.TextField(default="", blank=True)
    request_id = models.BigIntegerField(null=True, blank=True)  # of a SignUpRequest

    class Meta:
        indexes = [
            models.Index(
                fields=["recorded_at"],
                name="records_that_say_where",
                condition=Q(ip__isnull=False) | ~Q(user_agent=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.what} by {self.subscriber_id}"


class Suppression(models.Model):
    """An address we leave alone, by its mark: it outlives the address itself."""

    mark = models.BinaryField(primary_key=True)
    reason = models.TextField()
    scope = models.TextField(default=Scope.ALL)
    since = models.DateTimeField()
    detail = models.TextField(default="", blank=True)  # a code or a note, no address

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=_one_of("scope", Scope),
                name="a_suppression_has_a_known_scope",
            ),
        ]

    def __str__(self) -> str:
        return f"suppression for {self.reason}"


class FailureStreak(models.Model):
    """Failures of one kind in a row, until they suffice or something gets through."""

    pk = models.CompositePrimaryKey("subscriber_id", "blame")
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, db_index=False)
    blame = models.TextField()
    count = models.IntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.count} failures of {self.subscriber_id}"


class SignUpRequest(models.Model):
    """What somebody typed into the form, known or not: the worker answers it later.

    Also a change of address: then `moves` is who wants to move to this address.
    """

    address = models.TextField()
    address_shown = models.TextField()
    address_key = models.TextField()
    newsletter_ids = ArrayField(models.IntegerField())
    place_code = models.TextField(default="", blank=True)
    language = models.TextField(default="en")
    evidence = models.JSONField()
    asked_at = models.DateTimeField()
    moves = models.ForeignKey(
        Subscriber, models.CASCADE, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(default="", blank=True)
    subscriber = models.ForeignKey(
        Subscriber, models.CASCADE, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["address_key"], name="sign_ups_by_address"),
            models.Index(
                fields=["id"],
                name="sign_ups_to_answer",
                condition=Q(answered_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"sign-up {self.pk}"


class LinkRequest(models.Model):
    """Somebody wants the link to "my mails"; whether we know them shows later."""

    address_key = models.TextField()
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    subscriber = models.ForeignKey(
        Subscriber, models.CASCADE, null=True, blank=True, related_name="+"
    )
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["address_key"], name="links_by_address"),
            models.Index(
                fields=["id"],
                name="links_to_answer",
                condition=Q(answered_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"link request {self.pk}"


class Letter(models.Model):
    """A mail to one person that was asked for; taken once delivery has a run for it."""

    kind = models.TextField()
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="letters")
    data = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], name="letters_waiting", condition=Q(taken_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"letter {self.pk}"


class ReachDay(models.Model):
    """How many a newsletter reached on a day: what "usual" is measured by."""

    pk = models.CompositePrimaryKey("newsletter_id", "on")
    newsletter = models.ForeignKey(Newsletter, models.CASCADE, db_index=False)
    on = models.DateField()
    reach = models.IntegerField()

    def __str__(self) -> str:
        return f"reach of {self.newsletter_id} on {self.on}"
