"""The real transport: many sessions to one SMTP relay, driven from ordinary code.

The loop runs only inside a call; between two calls the kernel's buffers hold what the
server says. Sessions take envelopes from one queue, so a slow one holds nobody up.
"""

import asyncio
import contextlib
import logging
import os
import socket
import ssl
from collections import deque
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings

from mailer.delivery.greeting import Offers, context_for, greet, tls_fault
from mailer.delivery.headers import ADDRESS
from mailer.delivery.line import Timeouts
from mailer.delivery.relays import Relay, Security, read_relays
from mailer.delivery.reply import Reply, Stage, not_sent, unsendable
from mailer.delivery.session import Job, Session
from mailer.delivery.transport import (
    PATIENCE_SECONDS,
    Envelope,
    Pace,
    RelayAway,
    RelayFault,
    RelayRefusesUs,
    Replies,
)

OPEN_SECONDS = 15.0  # of the first session: less than a worker's hold on its pipe
REFILLS = 3  # of a window: at half, sessions have begun all there is (docs/wire.md)
LINGER_SECONDS = 0.05  # after a first reply, for more of its window
TRIES = 2  # of an envelope whose session broke before its final dot
MORE_BREAKS = 4  # beyond two a session, with no answer between: the relay is away
INERTIA = 0.9  # how much the past counts in the time a message takes

T = TypeVar("T")

log = logging.getLogger(__name__)


@contextlib.contextmanager
def connect(*, relay_id: int) -> Iterator["SmtpTransport"]:
    """Give a pipe to a relay of the settings, with one session open, and close it.

    Call `close` yourself before the end: what it returns wants to be settled.

    Raises RelayAway or RelayRefusesUs if no session can be opened.
    """
    relays = read_relays(settings.RELAYS, sessions=settings.RELAY_SESSIONS)
    found = [relay for relay in relays if relay.id == relay_id]
    if not found:
        raise RelayRefusesUs(f"there is no relay {relay_id}: RELAYS has {len(relays)}")
    name = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    transport = SmtpTransport(found[0], name=name)
    try:
        transport.open()
        yield transport
    finally:
        transport.close()


class SmtpTransport:
    """A pipe to one SMTP relay. It belongs to one thread."""

    def __init__(
        self,
        relay: Relay,
        *,
        name: str,
        timeouts: Timeouts | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """Prepare; nothing is opened yet. name: what we call ourselves in EHLO."""
        self.offers = Offers()  # of the session opened last
        self._relay = relay
        self._name = name
        self._timeouts = timeouts or Timeouts()
        self._patience_seconds = patience_seconds
        self._context = context_for(relay)
        self._loop = asyncio.new_event_loop()
        self._queue: deque[Job] = deque()
        self._sessions: set[Session] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._most_sessions = relay.sessions
        self._messages = relay.messages_a_session
        self._handed_over = 0  # envelopes whose reply nobody has been told
        self._replies: dict[int, Reply | None] = {}
        self._wanted = 1
        self._enough: asyncio.Future[None] | None = None
        self._linger: asyncio.TimerHandle | None = None
        self._breaks = 0
        self._message_seconds = 0.0
        self._fault: RelayFault | None = None
        self._has_told_fault = False
        self._is_closed = False

    # ── the port ──

    @property
    def pace(self) -> Pace:
        """How much this pipe can carry: its sessions, by the time a message takes."""
        sessions = self._most_sessions
        per_second = 8.0 * sessions  # until there is a measurement: a full window
        if self._message_seconds:
            per_second = sessions / self._message_seconds
        return Pace(sessions, per_second)

    @property
    def fault(self) -> RelayFault | None:
        """Why no session is open and none could be opened."""
        return self._fault

    @property
    def line_in_words(self) -> str:
        """How the line is protected, and whether we gave a password."""
        relay = self._relay
        words = {
            Security.TLS: "TLS from the start",
            Security.STARTTLS: "TLS by STARTTLS",
            Security.NONE: "a plain line on this machine or network",
        }[relay.security]
        return f"{words}, {'logged in' if relay.user else 'without a password'}"

    def open(self) -> None:
        """Open the first session. Raises RelayAway or RelayRefusesUs."""
        self._loop.run_until_complete(self._open_in_time())

    def keep_to(self, *, messages: int | None) -> None:
        """Let no connection carry more than so many; None: as the relay takes."""
        usual = self._relay.messages_a_session
        most = min(messages or usual, usual)
        if most < self._messages:
            for session in self._sessions:
                session.keep_to(most)
        self._messages = most

    def exchange(self, envelopes: Sequence[Envelope]) -> Replies:
        """Hand over more envelopes; return the replies come in since, by position.

        Returns when a third of what was under way is answered, soon after a first
        reply, or when PATIENCE is over.
        """
        return self._loop.run_until_complete(self._exchange(envelopes))

    def until(self, other: Coroutine[Any, Any, T]) -> T:
        """Do something else, and what is under way beside it."""
        if self._is_closed:
            return asyncio.run(other)
        return self._loop.run_until_complete(other)

    def close(self) -> Replies:
        """End the sessions; return what nobody has been told yet, to be settled."""
        if self._is_closed:
            return {}
        self._is_closed = True
        self._loop.run_until_complete(self._close())
        self._loop.close()
        return self._taken_replies()

    async def _exchange(self, envelopes: Sequence[Envelope]) -> Replies:
        if envelopes and self._has_told_fault:
            self._fault = None
        for envelope in envelopes:
            self._accept(envelope)
        if self._fault is not None:  # since the last call: nobody asked again yet
            self._send_back(self._fault)
        self._wanted = max(1, self._handed_over // REFILLS)
        for session in tuple(self._sessions):
            session.go_on()
        self._open_more()
        if not self._has_enough:
            await self._wait()
        self._has_told_fault = self._fault is not None
        return self._taken_replies()

    def _accept(self, envelope: Envelope) -> None:
        self._handed_over += 1
        job = Job(envelope)
        if ADDRESS.fullmatch(envelope.address) is None:
            self.answered(job, unsendable("not a valid address", (5, 1, 3)))
        elif envelope.sender and ADDRESS.fullmatch(envelope.sender) is None:
            self.answered(job, unsendable("no valid envelope sender", (5, 1, 7)))
        else:
            self._queue.append(job)

    # ── waiting ──

    @property
    def _has_enough(self) -> bool:
        answered = len(self._replies)
        return answered >= min(self._wanted, self._handed_over)

    async def _wait(self) -> None:
        self._enough = self._loop.create_future()
        patience = self._loop.call_later(self._patience_seconds, self._stop_waiting)
        watch = self._loop.create_task(self._watch())
        if self._replies:
            self._linger = self._loop.call_later(LINGER_SECONDS, self._stop_waiting)
        await self._enough
        patience.cancel()
        watch.cancel()
        if self._linger is not None:
            self._linger.cancel()
        self._enough = self._linger = None

    async def _watch(self) -> None:
        """Look for servers that think too long."""
        while True:
            await asyncio.sleep(self._timeouts.shortest / 4)
            for session in tuple(self._sessions):
                session.check(self._loop.time())

    def _stop_waiting(self) -> None:
        if self._enough is not None and not self._enough.done():
            self._enough.set_result(None)

    def _taken_replies(self) -> dict[int, Reply | None]:
        replies, self._replies = self._replies, {}
        self._handed_over -= len(replies)
        return replies

    # ── what sessions ask and tell ──

    def take(self) -> Job | None:
        """Return the next job, None if there is none now."""
        return self._queue.popleft() if self._queue else None

    def answered(self, job: Job, reply: Reply | None) -> None:
        """Take the final reply of a job; None if only the server knows."""
        self._replies[job.envelope.position] = reply
        if reply is not None and reply.stage is Stage.DOT:
            self._breaks = 0
        if self._has_enough:
            self._stop_waiting()
        elif self._linger is None and self._enough is not None:
            self._linger = self._loop.call_later(LINGER_SECONDS, self._stop_waiting)

    def broke_before(self, job: Job, reply: Reply) -> None:
        """Take back a job that surely was not sent; try it once more elsewhere."""
        job.tries += 1
        self._breaks += 1
        if job.tries < TRIES and not self._is_closed:
            self._queue.appendleft(job)
        else:
            self.answered(job, reply)

    def took(self, seconds: float) -> None:
        """Take how long one message kept a session busy."""
        past = self._message_seconds or seconds
        self._message_seconds = INERTIA * past + (1 - INERTIA) * seconds

    def ended(self, session: Session) -> None:
        """Hear that a session is no more; its jobs came back before."""
        self._sessions.discard(session)
        if self._is_closed:
            return
        if self._breaks > 2 * self._relay.sessions + MORE_BREAKS:
            self._give_up(RelayAway(f"relay {self._relay.id} takes nothing, it breaks"))
        self._open_more()

    # ── opening and closing ──

    def _open_more(self) -> None:
        """Open a session for each job that waits, as far as the relay lets us."""
        while (
            len(self._queue) > len(self._opening)
            and len(self._sessions) + len(self._opening) < self._most_sessions
        ):
            self._opening.add(self._loop.create_task(self._try_to_open()))

    async def _try_to_open(self) -> None:
        fault = None
        try:
            await self._open()
        except RelayFault as error:
            fault = error
        finally:
            self._opening = {
                t for t in self._opening if t is not asyncio.current_task()
            }
        if fault is None:
            return
        left = len(self._sessions) + len(self._opening)
        if left:  # it takes no more of us: be content with what is open
            self._most_sessions = left
            log.info("relay.sessions_fewer relay=%s why=%s", self._relay.id, fault)
        else:
            self._give_up(fault)

    def _give_up(self, fault: RelayFault) -> None:
        log.warning("relay.fault relay=%s why=%s", self._relay.id, fault)
        self._fault, self._has_told_fault = fault, False
        self._breaks = 0
        self._send_back(fault)

    def _send_back(self, fault: RelayFault) -> None:
        while self._queue:
            self.answered(self._queue.popleft(), not_sent(str(fault)))

    async def _open_in_time(self) -> None:
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                await self._open()
        except TimeoutError as error:
            raise RelayAway("it took a connection and did not greet") from error

    async def _open(self) -> None:
        session = await self._connected()
        try:
            self.offers = await greet(
                session, self._relay, name=self._name, context=self._context
            )
        except BaseException:
            session.end()
            raise
        self._sessions.add(session)
        session.begin(self.offers)

    async def _connected(self) -> Session:
        relay, seconds = self._relay, self._timeouts.connect
        is_tls = relay.security is Security.TLS

        def session() -> Session:
            made = Session(relay, self, self._timeouts)
            made.keep_to(self._messages)
            return made

        try:
            async with asyncio.timeout(seconds):
                if relay.path:
                    made = await self._loop.create_unix_connection(session, relay.path)
                else:
                    made = await self._loop.create_connection(
                        session,
                        relay.host,
                        relay.port,
                        ssl=self._context if is_tls else None,
                        server_hostname=relay.host if is_tls else None,
                    )
        except ssl.SSLError as error:
            raise tls_fault(relay, error) from error
        except (OSError, TimeoutError) as error:
            raise _away(relay, error) from error
        return made[1]

    async def _close(self) -> None:
        for task in tuple(self._opening):
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        while self._queue:
            self.answered(self._queue.popleft(), not_sent("closed before it was sent"))
        leaving = {session for session in self._sessions if session.is_idle}
        for session in tuple(self._sessions):
            session.quit() if session in leaving else session.end()
        if leaving:
            waits = [session.closed for session in leaving]
            await asyncio.wait(waits, timeout=self._timeouts.quit)
        for session in tuple(self._sessions):
            session.end()
        await asyncio.sleep(0)  # the loop drops the connections


def _away(relay: Relay, error: OSError | TimeoutError) -> RelayAway:
    """Return why a relay cannot be reached, without its name or address."""
    if isinstance(error, socket.gaierror):
        why = "its name is not known"
    elif isinstance(error, TimeoutError):
        why = "it does not answer"
    else:
        why = os.strerror(error.errno) if error.errno else type(error).__name__
    return RelayAway(f"relay {relay.id} cannot be reached: {why}")
