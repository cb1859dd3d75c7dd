"""A connection to a relay before mail flows: one question, one answer."""

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass

from mailer.delivery.replystream import NotSMTP, ReplyStream
from mailer.delivery.transport import RelayAway


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds a server may think (RFC 5321 §4.5.3.2: a shorter dot makes doubles)."""

    connect: float = 30
    greeting: float = 300
    command: float = 300
    data: float = 120
    dot: float = 600
    quit: float = 2  # ours; nothing depends on its answer

    @property
    def shortest(self) -> float:
        """The shortest of them, so that a watch knows how often to look."""
        return min(self.greeting, self.command, self.data, self.dot, self.quit)


class Line(asyncio.Protocol):
    """The conversation of `greeting.greet`. A Session takes over when it is done."""

    def __init__(self, relay_id: int, timeouts: Timeouts) -> None:
        self._relay_id = relay_id
        self._timeouts = timeouts
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._stream = ReplyStream()
        self._inbox: deque[tuple[int, list[str]]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._has_ended = False
        self.closed: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  for the types
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Notice that the relay is gone."""
        del exc
        self._end("the relay ended the connection")

    def data_received(self, data: bytes) -> None:
        """Collect replies."""
        if self._has_ended:
            return  # late, after a time-out or a 421: what it answers is settled
        try:
            self._on_replies(self._stream.feed(data))
        except NotSMTP as error:
            self._end(f"the relay sent {error}")

    async def ask(self, command: bytes) -> tuple[int, list[str]]:
        """Write a command, or nothing, and return the next reply.

        Raises RelayAway if the line breaks, nothing comes in time, or more comes than
        was asked.
        """
        self._write(command)
        seconds = self._timeouts.command if command else self._timeouts.greeting
        await self._reply_within(seconds)
        if not self._inbox:
            raise RelayAway(f"relay {self._relay_id} ends the connection")
        code, lines = self._inbox.popleft()
        is_starttls = command.startswith(b"STARTTLS")  # throws away what came with it
        if not is_starttls and (self._inbox or not self._stream.is_between_replies):
            self._end("the relay said more than it was asked")
            raise RelayAway(f"relay {self._relay_id} says more than it was asked")
        return code, lines

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Begin TLS. What arrived before it is thrown away unread (CVE-2011-0411)."""
        assert self._transport is not None  # noqa: S101  for the types
        self._inbox.clear()
        self._stream = ReplyStream()
        seconds = self._timeouts.connect
        try:
            transport = await self._loop.start_tls(
                self._transport,
                self,
                context,
                server_hostname=host,
                ssl_handshake_timeout=seconds,
            )
        except BaseException:
            self._end("TLS could not begin")
            raise
        if transport is None:
            self._end("TLS could not begin")
            raise ConnectionResetError
        self._transport = transport

    def end(self) -> None:
        """End the connection now."""
        self._end("closed by us")

    def _on_replies(self, replies: list[tuple[int, list[str]]]) -> None:
        self._inbox.extend(replies)
        self._wake()

    async def _reply_within(self, seconds: float) -> None:
        ends_at = self._loop.time() + seconds
        while not (self._inbox or self._has_ended):
            self._waiter = self._loop.create_future()
            try:
                await asyncio.wait_for(self._waiter, ends_at - self._loop.time())
            except TimeoutError:
                self._end("the relay did not answer in time")

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _write(self, data: bytes) -> None:
        if self._transport is not None and data:
            self._transport.write(data)

    def _end(self, why: str) -> None:
        """End the line, once."""
        del why
        if self._has_ended:
            return
        self._has_ended = True
        self._wake()
        if self._transport is not None:
            self._transport.abort()
        if not self.closed.done():
            self.closed.set_result(None)
