"""Thin tasks: translate a bell, call one room once. Their names are the bells.

Fields of a bell only grow: a task takes what it knows and lets the rest pass, so that
old and new workers run side by side.
"""

from datetime import datetime
from functools import partial

from mailer.delivery import connecting
from mailer.delivery import operations as delivery
from mailer.editions import operations as editions
from mailer.feedback import operations as feedback
from mailer.kernel.bells import Bell
from mailer.ops import operations as ops
from mailer.rendering import operations as rendering
from mailer.sources import operations as sources
from workers import stopping
from workers.app import app


def now() -> datetime:
    """Return the database's time, so that machines may disagree.

    A task hands it on to its one call: a release, a lease, a deadline.
    """
    return delivery.ledger_now()


@app.task(name=Bell.COLLECT_DUE)
def collect_due(**_newer: object) -> None:
    """Ring for each source whose time has come."""
    ops.ring_for_sources(now=now())


@app.task(name=Bell.COLLECT)
def collect(*, source_id: int, **_newer: object) -> None:
    """Ask one source what it has."""
    sources.collect(source_id=source_id, now=now(), when_due=True)


@app.task(name=Bell.PLAN)
def plan(**_newer: object) -> None:
    """Give each slot its edition or its reason."""
    editions.plan(now=now())


@app.task(name=Bell.RENDER)
def render(*, edition_id: int, **_newer: object) -> None:
    """Render an edition's variants."""
    rendering.render(edition_id=edition_id, now=now())


@app.task(name=Bell.OPEN)
def open_(**_newer: object) -> None:
    """Open a run for each edition whose time has come."""
    delivery.open_due(now=now())


@app.task(name=Bell.LETTERS)
def letters(**_newer: object) -> None:
    """Make a run of each letter asked for."""
    delivery.open_letters(now=now())


@app.task(name=Bell.URGENT)
def urgent(*, relay_id: int, **_newer: object) -> None:
    """Drain alerts and letters of one relay, on the pipe reserved for them."""
    drain(relay_id, urgent_only=True)


@app.task(name=Bell.DELIVER)
def deliver(*, relay_id: int, **_newer: object) -> None:
    """Drain one relay, most urgent batch first."""
    drain(relay_id, urgent_only=False)


@app.task(name=Bell.LOOK_URGENT)
def look_urgent(**_newer: object) -> None:
    """Find urgent mail that no bell announced."""
    delivery.look(now=now(), urgent_only=True)


@app.task(name=Bell.LOOK)
def look(**_newer: object) -> None:
    """Find due mail that no bell announced."""
    delivery.look(now=now())


@app.task(name=Bell.HEAR)
def hear(**_newer: object) -> None:
    """Read the reports that came back."""
    feedback.hear(now=now())


@app.task(name=Bell.UPKEEP)
def upkeep(**_newer: object) -> None:
    """Count again, close what is old, forget what is no longer needed."""
    ops.upkeep(now=now())


def drain(relay_id: int, *, urgent_only: bool) -> None:
    """Drain one relay, on the ledger's clock, until this worker is to stop."""
    delivery.drain(
        relay_id=relay_id,
        connect=partial(connecting.connect, relay_id=relay_id),
        clock=delivery.ledger_clock(),
        urgent_only=urgent_only,
        stopping=stopping.wanted,
    )
