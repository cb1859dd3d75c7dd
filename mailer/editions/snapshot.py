"""A story as an edition keeps it: one revision, whole, as JSON.

An edition holds copies, not references: what was approved stays what it was until a
look at the source says otherwise, and what was sent can be shown as it was sent.

Pure: no clock, no table.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from mailer.sources.story import Image, Kind, Related, Story

MOMENTS = frozenset(
    {"published_at", "updated_at", "arrived_at", "starts_at", "withdrawn_at"}
)
KNOWN = frozenset(f.name for f in fields(Story))


def story_to_json(story: Story) -> dict[str, Any]:
    """Return a story as plain JSON values."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(story).items()
    }


def story_from_json(values: Mapping[str, Any]) -> Story:
    """Return the story of `story_to_json`.

    A field this release does not know is left out: an edition may have been kept by a
    newer worker.
    """
    known: dict[str, Any] = {}
    for name, value in values.items():
        if name in MOMENTS and value is not None:
            known[name] = datetime.fromisoformat(value)
        elif name in KNOWN:
            known[name] = tuple(value) if isinstance(value, list) else value
    if known.get("image"):
        known["image"] = Image(**known["image"])
    known["related"] = tuple(Related(**r) for r in known.get("related", ()))
    known["kind"] = Kind(known.get("kind", Kind.NEWS))
    return Story(**known)


def same_to_readers(one: Story, other: Story) -> bool:
    """Tell whether two revisions differ only in what no reader sees."""
    return replace(one, revision=0, arrived_at=None, seen=False) == replace(
        other, revision=0, arrived_at=None, seen=False
    )
