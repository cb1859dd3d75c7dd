"""Tables of this room."""

from django.db import models


class HeardReport(models.Model):
    """One mail that came back and what was made of it. Holds no address."""

    # Of the Message-ID and the delivery it is about: one report counts once.
    key = models.BinaryField(unique=True)
    heard_at = models.DateTimeField()
    kind = models.TextField()
    outcome = models.TextField()
    run_id = models.IntegerField(null=True, blank=True)
    position = models.IntegerField(null=True, blank=True)
    subscriber_id = models.BigIntegerField(null=True, blank=True)
    blame = models.TextField(default="", blank=True)
    status = models.TextField(default="", blank=True)  # 5.1.1, RFC 3463

    class Meta:
        indexes = [models.Index(fields=["heard_at"], name="reports_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} heard: {self.outcome}"
