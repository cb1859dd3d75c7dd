"""The bells: every reason to wake a worker, by name.

A bell is a request to look, never the news itself: what it announces is in the
database before it rings, so that a lost or doubled ring is harmless.
"""

from enum import StrEnum


class Bell(StrEnum):
    """A name of a task. Fields only grow: old workers run beside new ones."""

    COLLECT_DUE = "sources.collect_due"  # every source whose time has come
    COLLECT = "sources.collect"  # source_id
    PLAN = "editions.plan"  # slots, results without an edition, stale ones
    RENDER = "rendering.render"  # edition_id
    OPEN = "delivery.open"  # approved editions whose time has come
    LETTERS = "delivery.letters"  # letters asked for
    URGENT = "delivery.urgent"  # relay_id: alerts and letters only
    DELIVER = "delivery.deliver"  # relay_id: most urgent first
    LOOK_URGENT = "delivery.look_urgent"  # find urgent mail no bell announced
    LOOK = "delivery.look"  # find due mail no bell announced
    HEAR = "feedback.hear"  # read reports from the Maildir
    UPKEEP = "ops.upkeep"  # recounts, old doubts, expired evidence
