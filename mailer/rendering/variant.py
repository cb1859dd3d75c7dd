"""What a variant is: one rendering of an edition, for all who share tier and place."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """What a reader has paid for. Values are stored: never renamed."""

    FREE = "free"
    SUBSCRIBER = "subscriber"


@dataclass(frozen=True, slots=True)
class VariantKey:
    """Who shares a variant. Empty place or language: all of them."""

    tier: str = Tier.FREE
    place: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the lint says: rule ("S01"), severity, a sentence, and where."""

    rule: str
    blocks: bool  # an error: the edition is not sent until it is gone
    text: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail before personal values: the marks of `kernel.personal` are still in it."""

    subject: str
    html: str
    text: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """A stored rendering. `number` counts the edition's variants from 1."""

    id: int
    edition_id: int
    content_hash: str
    number: int
    key: VariantKey
    subject: str
    html: str
    text: str
    findings: tuple[Finding, ...] = ()


def variant_for(
    variants: Sequence[Variant], *, tier: str, place: str = "", language: str = ""
) -> Variant:
    """Return the variant a reader gets: of their tier if there is one, else the free.

    A variant without a place or a language suits every one. Raises LookupError where
    nothing suits: such a reader must get nothing rather than another's mail.
    """
    suited = [
        v
        for v in variants
        if v.key.place in {"", place}
        and v.key.language in {"", language}
        and v.key.tier in {Tier.FREE, tier}
    ]
    if not suited:
        raise LookupError(f"no variant for tier {tier!r}, place {place!r}")
    return max(
        suited,
        key=lambda v: (v.key.tier == tier, v.key.place != "", v.key.language != ""),
    )
