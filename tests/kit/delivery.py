"""Builders for runs, a scripted relay, and a look into the ledger.

A run built here is a digest that is already open, with its texts beside it; the way
from an approved edition to a run is `a_released_edition` and `open_due`.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from mailer.audience.newsletter import Newsletter
from mailer.delivery import models, opening, partitions
from mailer.delivery import operations as delivery
from mailer.delivery.ledger import State
from mailer.delivery.reply import Reply, not_sent
from mailer.delivery.run import LIFETIMES, PRIORITIES, DoubtPolicy, RunKind, RunState
from mailer.delivery.transport import (
    Envelope,
    Pace,
    RelayAway,
    RelayFault,
    Replies,
    Transport,
)
from mailer.editions import operations as editing
from mailer.editions import queries as editions
from mailer.editions.content import EditionState
from mailer.editions.models import Edition
from mailer.editions.view import EditionView
from mailer.kernel.clock import Clock
from mailer.rendering.models import StoredVariant
from tests.kit.audience import NOW, a_newsletter, a_reader_of
from tests.kit.editions import NOW as MORNING
from tests.kit.editions import (
    a_digest_newsletter,
    a_recipe_for,
    a_stored_story,
    planned,
    stored_stories,
)

_numbers = itertools.count(1)

OK = Reply(250)
NO_SUCH_USER = Reply(550, (5, 1, 1), "no such user")
BUSY = Reply(451, (4, 3, 2), "busy")


def at(moment: datetime) -> Clock:
    """Return a clock that stands still."""
    return lambda: moment


class Hands:
    """A clock that tests move: it stands still until somebody turns it."""

    def __init__(self, moment: datetime = NOW) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        """Return the time."""
        return self.moment

    def turn(self, **by: float) -> None:
        """Move on by some seconds, minutes …"""
        self.moment += timedelta(**by)


class ScriptedTransport:
    """A relay that answers from a script, then says 250 to everything.

    script: a Reply for each envelope in turn, or None: the line breaks after its final
    dot. at_once: how many it answers in one exchange; window: how many it carries.
    before_reply: what happens meanwhile, called before each exchange answers.
    away: it has a fault and takes nothing.
    """

    def __init__(
        self,
        script: Iterable[Reply | None] = (),
        *,
        window: int = 64,
        at_once: int | None = None,
        before_reply: Callable[[], object] = lambda: None,
        away: bool = False,
    ) -> None:
        self.heard: list[str] = []
        self.envelopes: list[Envelope] = []
        self.transactions: list[bool] = []  # was one open while the server thought
        self.most_in_flight = 0
        self.pace = Pace(sessions=max(1, window), per_second=2.0 * window)
        self.fault: RelayFault | None = None
        self._away = away
        self._script = iter(script)
        self._at_once = window if at_once is None else at_once
        self._before_reply = before_reply
        self._waiting: list[Envelope] = []

    def exchange(self, envelopes: Sequence[Envelope]) -> Replies:
        """Take envelopes and answer some of those that wait, first come first."""
        self.transactions.append(connection.in_atomic_block)
        if self._away:
            self.fault = RelayAway("no connection")
            return {e.position: not_sent("no connection") for e in envelopes}
        self._waiting += envelopes
        self.envelopes += envelopes
        self.most_in_flight = max(self.most_in_flight, len(self._waiting))
        self._before_reply()
        now, self._waiting = (
            self._waiting[: self._at_once],
            self._waiting[self._at_once :],
        )
        return {envelope.position: self._answer(envelope) for envelope in now}

    def close(self) -> Replies:
        """End: nobody will know what became of those that still wait."""
        left, self._waiting = self._waiting, []
        return {envelope.position: None for envelope in left}

    def _answer(self, envelope: Envelope) -> Reply | None:
        self.heard.append(envelope.address)
        return next(self._script, OK)


class Killed(BaseException):
    """The process ends here: nothing after it runs, as after SIGKILL."""


class DyingTransport(ScriptedTransport):
    """A relay whose worker dies on the way: after `after` exchanges, before replies."""

    def __init__(self, *, after: int = 1, window: int = 64) -> None:
        super().__init__(window=window)
        self._left = after

    def exchange(self, envelopes: Sequence[Envelope]) -> Replies:
        """Take the envelopes and answer, until the end comes."""
        self._left -= 1
        if self._left < 0:
            self.heard += [envelope.address for envelope in envelopes]
            raise Killed
        return super().exchange(envelopes)

    def close(self) -> Replies:
        """Say nothing more: the process is gone."""
        raise Killed


def a_run_of(
    *addresses: str,
    newsletter: Newsletter | None = None,
    **fields: Any,
) -> models.Run:
    """Return an open run to new readers with these addresses, in their order."""
    newsletter = newsletter or a_newsletter()
    for address in addresses:
        a_reader_of(newsletter, address=address)
    return a_run_for(newsletter, **fields)


def a_run_for(  # noqa: PLR0913  a builder: all may be left out
    newsletter: Newsletter,
    *,
    kind: RunKind = RunKind.DIGEST,
    state: RunState = RunState.OPEN,
    policy: DoubtPolicy = DoubtPolicy.ASK,
    place_code: str = "",
    supersede_key: str = "",
    replaces_key: str = "",
    seeds: Sequence[int] = (),
    opened: bool = True,
    html: str = "<p>News</p>",
    release_at: datetime = NOW,
    now: datetime = NOW,
) -> models.Run:
    """Return a run to whoever gets this newsletter now; opened: all rows are there."""
    partitions.make_room(now=now)
    edition_id = an_edition_on_its_way(newsletter, release_at=release_at)
    some_text(edition_id, html=html)
    run = models.Run.objects.create(
        kind=kind,
        edition_id=edition_id,
        newsletter_id=newsletter.id,
        content_hash="as built",
        place_code=place_code,
        priority=PRIORITIES[kind],
        state=state,
        seeds=list(seeds),
        asked_at=now,
        release_at=release_at,
        give_up_at=release_at + LIFETIMES[kind],
        supersede_key=supersede_key,
        replaces_key=replaces_key,
        doubt_policy=policy,
    )
    if opened:
        opening.open_run(run_id=run.pk, now=now)
    return models.Run.objects.get(pk=run.pk)


def an_edition_on_its_way(newsletter: Newsletter, *, release_at: datetime = NOW) -> int:
    """Return an edition that a run is sending, without anything in it."""
    row = Edition.objects.create(
        newsletter_id=newsletter.id,
        slot=f"built {next(_numbers)}",
        state=EditionState.SENDING,
        slot_at=release_at,
        time_zone="UTC",
        release_at=release_at,
        deadline_at=release_at + timedelta(hours=2),
        hash="as built",
        approved_hash="as built",
    )
    return row.pk


def an_approved_digest(*addresses: str, approve: bool = True) -> EditionView:
    """Return a digest with two stories, approved, for new readers; see its release."""
    newsletter = a_digest_newsletter(f"morning-{next(_numbers)}")
    for address in addresses:
        a_reader_of(newsletter, address=address)
    stored_stories(f"The dam holds {next(_numbers)}", f"Rain {next(_numbers)}")
    edition = planned(newsletter)
    if approve:
        editing.approve(
            edition_id=edition.id, seen_hash=edition.hash, by="Sipho", now=MORNING
        )
    return editions.edition(edition.id)


def an_alert(*addresses: str) -> EditionView:
    """Return an alert an editor has just sent off, for new readers: it is held."""
    newsletter = a_recipe_for(a_newsletter(name="Breaking news", is_alerts=True))
    for address in addresses:
        a_reader_of(newsletter, address=address)
    edition_id = editing.break_story(
        story_id=a_stored_story(f"The dam breaks {next(_numbers)}"),
        headline="The dam breaks",
        line="Leave low ground now.",
        newsletter_id=newsletter.id,
        by="Thandi",
        key=f"press {next(_numbers)}",
        now=MORNING,
    )
    return editions.edition(edition_id)


def some_text(edition_id: int, *, html: str = "<p>News</p>", **key: str) -> None:
    """Store a variant for an edition, whatever it is."""
    StoredVariant.objects.create(
        edition_id=edition_id,
        content_hash="as built",
        number=1,
        tier=key.get("tier", "free"),
        subject="Tonight",
        html=html,
        text="News\n@@UNSUBSCRIBE@@\n",
        rendered_at=NOW,
    )


def drain(
    transport: Transport,
    clock: Clock | None = None,
    *,
    relay_id: int = 1,
    urgent_only: bool = False,
    nap: Callable[[float], None] | None = None,
) -> None:
    """Drain a relay, the first, through a scripted one.

    nap: what happens while nothing can leave for want of tokens; else a clock that
    tests move is turned on by so much.
    """
    hands = clock if isinstance(clock, Hands) else Hands()
    delivery.drain(
        relay_id=relay_id,
        connect=lambda: nullcontext(transport),
        clock=clock or at(NOW),
        urgent_only=urgent_only,
        nap=nap or (lambda seconds: hands.turn(seconds=seconds)),
    )


def states(run: models.Run) -> dict[str, State]:
    """Return where each address of a run stands, by position."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(nullif(s.address, ''), d.subscriber_id::text), d.state"
            "  FROM delivery d LEFT JOIN audience_subscriber s"
            "    ON s.id = d.subscriber_id"
            " WHERE d.run_id = %s ORDER BY d.position",
            [run.pk],
        )
        return {address: State(state) for address, state in cursor.fetchall()}


def nothing() -> None:
    """Let a moment pass."""


def meanwhile(*steps: Callable[[], object]) -> Callable[[], None]:
    """Return what to call at each exchange: the steps in turn, then nothing."""
    left = iter(steps)

    def do() -> None:
        next(left, nothing)()

    return do


def dies(do: Callable[[], object]) -> None:
    """Run something that ends as if its process had been killed."""
    try:
        do()
    except Killed:
        return
    raise AssertionError("it lived")
