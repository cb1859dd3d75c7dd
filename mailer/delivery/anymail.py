"""The transport to a mail service: a call of many messages at a time, by anymail.

A thread of its own makes the calls, since a service may think for a minute and the
lease is renewed meanwhile. Two calls never run at once: a pipe has one in flight.
"""

import contextlib
import json
import math
import threading
import time
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue

from mailer.delivery.headers import ADDRESS
from mailer.delivery.parts import Sheet
from mailer.delivery.relays import Relay
from mailer.delivery.reply import Reply, not_sent, unsendable
from mailer.delivery.servicecall import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    TAKEN,
    Caller,
    Outcome,
)
from mailer.delivery.services import Service
from mailer.delivery.transport import (
    PATIENCE_SECONDS,
    Envelope,
    Pace,
    RelayFault,
    Replies,
)

FIRST_CALL = 10  # messages: what a service that is not well leaves in doubt is little
FIELDS_BYTES = 4_000  # of one message in a call, beside its texts: more than ever seen
CLOSE_SECONDS = 5.0  # for a call that runs, at the end

Call = list[Envelope]


class AnymailTransport:
    """A pipe to one mail service. It belongs to one thread, and has another."""

    def __init__(
        self,
        relay: Relay,
        service: Service,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """Prepare; nothing is asked yet."""
        self._service = service
        self._most = relay.messages_a_session
        self._patience_seconds = patience_seconds
        self._caller = Caller(
            relay,
            service,
            connect_seconds=connect_seconds,
            answer_seconds=answer_seconds,
        )
        self._calls: SimpleQueue[Call] = SimpleQueue()
        self._outcomes: SimpleQueue[Outcome | Exception] = SimpleQueue()
        self._told: dict[int, Reply | None] = {}  # answered without a call
        self._under_way: set[int] = set()
        self._has_answered = False
        self._fault: RelayFault | None = None
        self._thread: threading.Thread | None = None
        self._is_closed = False

    @property
    def pace(self) -> Pace:
        """How much it can carry: a window is one call, and the first one is small."""
        most = self._most if self._has_answered else min(self._most, FIRST_CALL)
        return Pace(sessions=math.ceil(most / 4), per_second=2.0 * most)

    @property
    def fault(self) -> RelayFault | None:
        """Why the last call came to nothing."""
        return self._fault

    @property
    def line_in_words(self) -> str:
        """How it is reached."""
        return f"{self._service.name} by https, {self._most} messages in a call"

    def check(self) -> str:
        """Ask whether we are let in; nothing is sent. Raises a RelayFault."""
        return self._caller.check()

    def exchange(self, envelopes: Sequence[Envelope]) -> Replies:
        """Hand over more envelopes; return the replies come in since, by position."""
        if envelopes:
            self._fault = None
        for call in self._calls_of(envelopes):
            self._under_way |= {envelope.position for envelope in call}
            self._calls.put(call)
        if self._under_way and not self._told:
            self._start()
            self._hear(timeout=self._patience_seconds)
        while self._hear(timeout=0):
            pass
        told, self._told = self._told, {}
        return told

    def close(self) -> Replies:
        """Start no call any more; return what nobody has been told yet."""
        if self._is_closed:
            return {}
        self._is_closed = True
        with contextlib.suppress(Empty):
            while True:
                self._answer(self._calls.get_nowait(), "closed before it was sent")
        ends_at = time.monotonic() + CLOSE_SECONDS
        while (
            self._under_way
            and self._thread
            and (left := ends_at - time.monotonic()) > 0
        ):
            with contextlib.suppress(Exception):  # it was raised before, or we end
                self._hear(timeout=left)
        self._calls.put([])  # the thread ends
        in_doubt = dict.fromkeys(self._under_way)
        self._under_way.clear()
        told, self._told = self._told, {}
        return {**told, **in_doubt}

    def _calls_of(self, envelopes: Sequence[Envelope]) -> Iterator[Call]:
        """Yield calls: one sheet each, each address once, no more than it takes."""
        open_calls: dict[int, tuple[Call, set[str]]] = {}
        fits: dict[int, int] = {}
        for envelope in envelopes:
            if ADDRESS.fullmatch(envelope.address) is None:
                bad = unsendable("not a valid address", (5, 1, 3))
                self._told[envelope.position] = bad
                continue
            sheet = envelope.parts.sheet if envelope.parts else None
            address = envelope.address.lower()
            call, known = open_calls.setdefault(id(sheet), ([], set()))
            if not call:
                fits[id(sheet)] = self._fit(sheet)
            if address in known or len(call) >= fits[id(sheet)]:
                yield call
                call, known = open_calls[id(sheet)] = ([], set())
            call.append(envelope)
            known.add(address)
        yield from (call for call, _ in open_calls.values())

    def _fit(self, sheet: Sheet | None) -> int:
        """Return how many messages of a sheet a call can hold, by number and bytes."""
        text_bytes = len(json.dumps([sheet.html, sheet.text])) if sheet else 0
        each = FIELDS_BYTES if self._service.mark else FIELDS_BYTES + text_bytes
        return max(1, min(self._most, (self._service.most_bytes - text_bytes) // each))

    def _hear(self, *, timeout: float) -> bool:
        """Take the outcome of one call; False if there is none in time."""
        try:
            outcome = (
                self._outcomes.get(timeout=timeout)
                if timeout
                else (self._outcomes.get_nowait())
            )
        except Empty:
            return False
        if isinstance(outcome, Exception):
            self._thread = None
            raise outcome
        self._told |= outcome.replies
        self._under_way -= set(outcome.replies)
        self._fault = outcome.fault or self._fault
        self._has_answered |= TAKEN in outcome.replies.values()
        return True

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        """Make calls, in the thread, until an empty one comes.

        After a fault those that wait are answered unsent, untried.
        """
        while call := self._calls.get():
            try:
                outcome = self._caller.hand_over(call)
            except Exception as error:  # noqa: BLE001  raised where it is waited for
                self._outcomes.put(error)
                return
            self._outcomes.put(outcome)
            if outcome.fault is not None:
                self._refuse_waiting(str(outcome.fault))

    def _refuse_waiting(self, why: str) -> None:
        with contextlib.suppress(Empty):
            while call := self._calls.get_nowait():
                replies = {one.position: not_sent(why) for one in call}
                self._outcomes.put(Outcome(dict(replies)))
            self._calls.put([])  # the end, which was not for us

    def _answer(self, call: Call, why: str) -> None:
        for envelope in call:
            self._told[envelope.position] = not_sent(why)
            self._under_way.discard(envelope.position)
