"""Render an edition's variants, once for a content, and keep them."""

import logging
from dataclasses import asdict, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from mailer.editions import operations as editions
from mailer.editions import queries
from mailer.editions.content import Content
from mailer.kernel.errors import Permanent
from mailer.rendering.mail import render_content
from mailer.rendering.models import StoredVariant
from mailer.rendering.queries import variants
from mailer.rendering.variant import Finding, Rendered, Tier, Variant, VariantKey

log = logging.getLogger(__name__)


def render(*, edition_id: int, now: datetime) -> list[Variant]:
    """Render what an edition holds now; return its variants, stored.

    What is stored for a content stays: a second call, or a second caller at the same
    moment, gets the same bytes. Only a rendering that may not be sent is made anew,
    for the template or the brand may have been mended meanwhile.

    A fault in a template, or a finding that blocks, stops this edition alone, with the
    reason kept for the desk; after a template's fault the answer is empty.
    """
    content = queries.content(edition_id=edition_id)
    stored = variants(edition_id=edition_id, content_hash=content.hash)
    if stored and not _reason(stored):
        return stored
    try:
        made = [(key, _render(content, key)) for key in keys_of(content)]
    except Permanent as fault:
        log.warning("rendering.edition.stopped edition=%s %s", edition_id, fault)
        editions.block(edition_id=edition_id, reason=str(fault))
        return []
    kept = _keep(content, made, now=now)
    reason = _reason(kept)
    log.info("rendering.edition.rendered edition=%s variants=%s", edition_id, len(kept))
    if reason:
        log.warning("rendering.edition.stopped edition=%s %s", edition_id, reason)
    editions.block(edition_id=edition_id, reason=reason)
    return kept


def render_test(*, edition_id: int) -> list[Rendered]:
    """Return the edition as a test: marked in subject and mail, stored nowhere."""
    content = replace(queries.content(edition_id=edition_id), is_test=True)
    return [_render(content, key) for key in keys_of(content)]


def keys_of(content: Content) -> list[VariantKey]:
    """Return who gets a variant of their own: subscribers, if anything is locked."""
    tiers = [Tier.FREE]
    if any(item.story.subscriber_only for item in content.items):
        tiers.append(Tier.SUBSCRIBER)
    return [VariantKey(tier=tier, place=content.place_code) for tier in tiers]


def _render(content: Content, key: VariantKey) -> Rendered:
    return render_content(
        content,
        key,
        settings.BRAND,
        settings.PUBLIC_URL,
        templates=settings.TEMPLATE_DIR / "email",
    )


@transaction.atomic
def _keep(
    content: Content, made: list[tuple[VariantKey, Rendered]], *, now: datetime
) -> list[Variant]:
    """Store the variants unless another worker was quicker; return what is stored."""
    mine = StoredVariant.objects.filter(
        edition_id=content.edition_id, content_hash=content.hash
    )
    for row in mine.select_for_update():
        if any(finding["blocks"] for finding in row.findings):
            row.delete()
    StoredVariant.objects.bulk_create(
        [
            StoredVariant(
                edition_id=content.edition_id,
                content_hash=content.hash,
                number=number,
                tier=key.tier,
                place_code=key.place,
                language=key.language,
                subject=rendered.subject,
                html=rendered.html,
                text=rendered.text,
                findings=[asdict(finding) for finding in rendered.findings],
                rendered_at=now,
            )
            for number, (key, rendered) in enumerate(made, start=1)
        ],
        ignore_conflicts=True,
    )
    return variants(edition_id=content.edition_id, content_hash=content.hash)


def _reason(kept: list[Variant]) -> str:
    """Return why these may not be sent, the first finding first, or ""."""
    blocking: list[Finding] = [f for v in kept for f in v.findings if f.blocks]
    if not blocking:
        return ""
    first = blocking[0]
    where = f" ({first.where})" if first.where else ""
    more = f", and {len(blocking) - 1} more" if len(blocking) > 1 else ""
    return f"{first.rule}: {first.text}{where}{more}"
