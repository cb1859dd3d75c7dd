"""Read the stored variants of an edition."""

from mailer.rendering.models import StoredVariant
from mailer.rendering.variant import Finding, Variant, VariantKey


def variants(*, edition_id: int, content_hash: str) -> list[Variant]:
    """Return the variants of this content, by number; empty until it is rendered."""
    rows = StoredVariant.objects.filter(
        edition_id=edition_id, content_hash=content_hash
    )
    return [_as_value(row) for row in rows.order_by("number")]


def variant(*, variant_id: int) -> Variant | None:
    """Return one stored variant, or None if there is none of this id."""
    row = StoredVariant.objects.filter(pk=variant_id).first()
    return _as_value(row) if row else None


def _as_value(row: StoredVariant) -> Variant:
    return Variant(
        id=row.pk,
        edition_id=row.edition_id,
        content_hash=row.content_hash,
        number=row.number,
        key=VariantKey(tier=row.tier, place=row.place_code, language=row.language),
        subject=row.subject,
        html=row.html,
        text=row.text,
        findings=tuple(Finding(**finding) for finding in row.findings),
    )
