"""Tables of this room."""

from django.db import models


class StoredVariant(models.Model):
    """One rendering of one edition's content. Written once, read by every window."""

    edition_id = models.BigIntegerField()
    content_hash = models.CharField(max_length=32)
    number = models.SmallIntegerField()  # 1…n in its edition and content
    tier = models.TextField()
    place_code = models.TextField(blank=True, default="")
    language = models.TextField(blank=True, default="")
    subject = models.TextField()
    html = models.TextField()
    text = models.TextField()
    findings = models.JSONField(default=list)
    rendered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["edition_id", "content_hash", "number"],
                name="one_variant_per_edition_content_and_number",
            ),
            models.CheckConstraint(
                condition=models.Q(number__gte=1), name="variants_count_from_one"
            ),
        ]

    def __str__(self) -> str:
        return f"variant {self.number} of edition {self.edition_id}"
