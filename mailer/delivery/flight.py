"""A leased batch on its way: who is in flight, what was answered, what it means."""

from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from mailer.audience import operations as audience
from mailer.delivery import standing
from mailer.delivery.headers import Unprintable
from mailer.delivery.ledger import State, ask_stop
from mailer.delivery.reply import NOT_SPOKEN
from mailer.delivery.shaper import Shaper
from mailer.delivery.step import Answer, Asked, Hold, LeaseLost, step
from mailer.delivery.stock import Presses
from mailer.delivery.transport import Envelope, Meanwhile, RelayFault, Replies
from mailer.delivery.verdict import Verdict, judge
from mailer.kernel.blame import Blame

LINE_BROKE = "the line broke before the last reply"
ABOUT_THE_ADDRESS = frozenset({Blame.ADDRESS, Blame.MAILBOX_FULL, Blame.DOMAIN})


@dataclass(slots=True)
class Flight:
    """A leased batch on its way: who is in flight, what was answered."""

    hold: Hold
    presses: Presses
    allowance: standing.Allowance
    shaper: Shaper
    began_at: datetime
    settled: int = 0
    refused: int = 0  # since the run was looked at for it
    flying: dict[int, Asked] = field(default_factory=dict)
    answers: dict[int, Answer] = field(default_factory=dict)  # not yet written down
    about: list[tuple[Asked, Verdict]] = field(default_factory=list)  # addresses
    unsent: int | None = None  # the first position the relay never heard of
    spoken: bool = False  # a server answered

    @property
    def left(self) -> int:
        """Count whom this round has not asked yet."""
        hold = self.hold
        if hold.waiting is None:
            return hold.last - hold.next + 1
        return sum(hold.next <= position <= hold.last for position in hold.waiting)

    def per_second(self, now: datetime) -> float:
        """Return how many a second were answered; the first second counts whole."""
        return self.settled / max(1.0, (now - self.began_at).total_seconds())

    def step(
        self, *, room: int, now: datetime, meanwhile: Meanwhile | None = None
    ) -> list[Envelope]:
        """Settle and ask; return the envelopes of whom this put in flight.

        What a reply says about an address is heard in the same transaction.

        Raises LeaseLost, with the answers written down.
        """
        hold, lost, asked = self.hold, None, []
        stop = ask_stop(hold.next, hold.last, room=room, waiting=hold.waiting)
        with transaction.atomic() if self.about else nullcontext():
            try:
                asked = step(
                    hold, self.answers, stop=stop, now=now, meanwhile=meanwhile
                )
            except LeaseLost as error:  # not out of the block: it would roll back
                lost = error
            for one, verdict in self.about:
                audience.hear(
                    subscriber_id=one.subscriber_id,
                    blame=verdict.blame,
                    evidence_text=verdict.reason,
                    now=now,
                )
        self.answers.clear()
        self.about.clear()
        if lost is not None:
            raise lost
        return [envelope for one in asked for envelope in self._envelope(one)]

    def hear(self, replies: Replies, *, fault: RelayFault | None = None) -> None:
        """Judge what servers said; the next step writes it down."""
        doubt = str(fault) if fault and fault.leaves_doubt else LINE_BROKE
        for position, reply in replies.items():
            one = self.flying.pop(position, None)
            if one is None:
                continue  # a server that answers more than it was asked
            if reply is None:
                self.answers[position] = Answer(State.IN_DOUBT, reason=doubt)
                continue
            verdict = judge(reply)
            is_sent = reply.code != NOT_SPOKEN
            self.shaper.hear(self.hold, verdict, is_sent=is_sent)
            self.settled += 1
            state = State(verdict.outcome.value)
            if state is not State.ACCEPTED:
                self.allowance.used -= 1
            self.answers[position] = Answer(state, reply.code or None, verdict.reason)
            self.refused += state is State.REFUSED
            if state is State.REFUSED and verdict.blame in ABOUT_THE_ADDRESS:
                self.about.append((one, verdict))
            if not is_sent and state is State.DEFERRED:
                self.unsent = min(position, self.unsent or position)
            self.spoken = self.spoken or is_sent

    def _envelope(self, one: Asked) -> list[Envelope]:
        try:
            envelope = self.presses.envelope(one)
        except Unprintable as fault:
            self.answers[one.position] = Answer(State.REFUSED, reason=str(fault))
            return []
        self.flying[one.position] = one
        self.allowance.used += 1
        return [envelope]
