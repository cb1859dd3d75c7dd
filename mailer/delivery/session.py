"""One connection to a relay: messages follow each other without a pause.

The end of one message and MAIL, RCPT and DATA of the next leave in one write (RFC 2920
§3.1), so that a message costs one round trip:

    ─▶ MAIL RCPT DATA              of the first
    ◀─ 250 250 354
    ─▶ message . MAIL RCPT DATA    of the next
    ◀─ 250 250 250 354  …

Each reply belongs to the oldest command not yet answered. A reply too many would shift
all that follow, and make a refused message look accepted; so what can be noticed ends
the session: nothing may follow a 354 before the message is written, and DATA is never
answered with success.

Whatever breaks, breaks into two kinds. Before the final dot was written the message is
surely not sent. After it only the server knows.
"""

from collections import deque
from enum import StrEnum
from typing import Protocol

from mailer.delivery.greeting import Offers
from mailer.delivery.line import Line, Timeouts
from mailer.delivery.relays import Relay
from mailer.delivery.reply import Reply, Stage, not_sent, reply_of, unsendable
from mailer.delivery.transport import Envelope

SEND_NOW = 354
CLOSING = 421


class Extra(StrEnum):
    """What is asked beside the stages of a message."""

    RSET = "RSET"
    LONE_DOT = "lone dot"
    QUIT = "QUIT"


class Job:
    """An envelope on its way, and what went wrong with it so far."""

    __slots__ = ("envelope", "refusal", "tries")

    def __init__(self, envelope: Envelope) -> None:
        self.envelope = envelope
        self.refusal: Reply | None = None
        self.tries = 0


class Owner(Protocol):
    """Who gives a session its work and takes the answers."""

    def take(self) -> Job | None:
        """Return the next job, None if there is none now."""

    def answered(self, job: Job, reply: Reply | None) -> None:
        """Take the final reply of a job; None if only the server knows."""

    def broke_before(self, job: Job, reply: Reply) -> None:
        """Take back a job that surely was not sent."""

    def took(self, seconds: float) -> None:
        """Take how long one message kept a session busy."""

    def ended(self, session: "Session") -> None:
        """Hear that a session is no more; its jobs came back before."""


class Session(Line):
    """One connection. It is greeted first, by `greeting.greet`, then it works."""

    def __init__(self, relay: Relay, owner: Owner, timeouts: Timeouts) -> None:
        super().__init__(relay.id, timeouts)
        self._owner = owner
        self._jobs_left = relay.messages_a_session
        self._patience: dict[Stage | Extra, float] = {
            Stage.MAIL: timeouts.command,
            Stage.RCPT: timeouts.command,
            Stage.DATA: timeouts.data,
            Stage.DOT: timeouts.dot,
            Extra.RSET: timeouts.command,
            Extra.LONE_DOT: timeouts.dot,
            Extra.QUIT: timeouts.quit,
        }
        self._offers: Offers | None = None  # None: not greeted yet
        self._asked: deque[tuple[Stage | Extra, Job | None]] = deque()
        self._unwritten: deque[tuple[Stage | Extra, bytes, Job | None]] = deque()
        self._must_reset = False
        self._busy_since = 0.0
        self._deadline = 0.0

    def begin(self, offers: Offers) -> None:
        """Work from now on."""
        self._offers = offers
        self.go_on()

    def keep_to(self, messages: int) -> None:
        """Carry at most so many messages more."""
        self._jobs_left = min(self._jobs_left, messages)

    @property
    def is_idle(self) -> bool:
        """Tell whether it could take a job now."""
        return self._offers is not None and not self._asked and not self._has_ended

    def go_on(self) -> None:
        """Take the next job, if the session is idle and there is one."""
        if not self.is_idle:
            return
        job = self._next_job()
        if job is None:
            if not self._jobs_left:
                self.quit()
            return
        self._busy_since = self._loop.time()
        self._begin_message(job)

    def check(self, now: float) -> None:
        """End the session if the server has thought for too long."""
        if self._asked and now > self._deadline:
            self._end("the relay did not answer in time")

    def quit(self) -> None:
        """Say goodbye; the connection ends when the server has answered, or `end`."""
        if self.is_idle:
            self._ask_for(Extra.QUIT, None, b"QUIT\r\n")
        elif not self._asked:
            self._end("closed by us")

    @property
    def _pipelines(self) -> bool:
        return self._offers is not None and self._offers.pipelining

    def _next_job(self) -> Job | None:
        """Return the next job that this server's SIZE lets pass."""
        assert self._offers is not None  # noqa: S101  for the types
        if not self._jobs_left:
            return None
        largest = self._offers.largest_bytes
        while (job := self._owner.take()) is not None:
            size = job.envelope.size
            if not largest or size <= largest:
                self._jobs_left -= 1
                return job
            why = f"the message has {size} bytes, the relay takes {largest}"
            self._owner.answered(job, unsendable(why, (5, 3, 4)))
        return None

    def _begin_message(self, job: Job, *, after: tuple[bytes, ...] = ()) -> None:
        """Write the commands of a message, behind what still has to be written."""
        commands = self._commands(job)
        if not self._pipelines:
            self._unwritten.extend(commands)
            self._write_next()
            return
        if not self._asked:
            self._wait_for(commands[0][0])
        self._asked.extend((stage, owner) for stage, _, owner in commands)
        self._write(b"".join((*after, *(command for _, command, _ in commands))))

    def _commands(self, job: Job) -> list[tuple[Stage | Extra, bytes, Job | None]]:
        assert self._offers is not None  # noqa: S101  for the types
        envelope = job.envelope
        job.refusal = None
        mail = f"MAIL FROM:<{envelope.sender}>"
        if self._offers.largest_bytes is not None:
            mail += f" SIZE={envelope.size}"
        if self._offers.dsn and envelope.sender:
            # A report then brings back the headers, not forty kilobytes (RFC 3461).
            mail += f" RET=HDRS ENVID={envelope.sender.partition('@')[0]}"
        commands: list[tuple[Stage | Extra, bytes, Job | None]] = [
            (Stage.MAIL, f"{mail}\r\n".encode(), job),
            (Stage.RCPT, f"RCPT TO:<{envelope.address}>\r\n".encode(), job),
            (Stage.DATA, b"DATA\r\n", job),
        ]
        if self._must_reset:
            self._must_reset = False
            commands.insert(0, (Extra.RSET, b"RSET\r\n", None))
        return commands

    def _write_next(self) -> None:
        """Write one command: this server does not take several at once."""
        stage, command, job = self._unwritten.popleft()
        self._ask_for(stage, job, command)

    def _ask_for(self, stage: Stage | Extra, job: Job | None, data: bytes) -> None:
        self._wait_for(stage)
        self._asked.append((stage, job))
        self._write(data)

    def _on_replies(self, replies: list[tuple[int, list[str]]]) -> None:
        if self._offers is None:
            super()._on_replies(replies)
            return
        last = len(replies) - 1
        for number, (code, lines) in enumerate(replies):
            is_last = number == last and self._stream.is_between_replies
            if not self._has_ended:
                self._on_reply(code, lines, is_last=is_last)

    def _on_reply(self, code: int, lines: list[str], *, is_last: bool) -> None:
        """Match a reply with what was asked first."""
        if not self._asked:
            self._end("the relay said something unasked")
            return
        stage, job = self._asked[0]
        if code == CLOSING:
            self._on_closing(stage, job, lines)
        elif not _is_in_step(code, stage, job, is_last=is_last):
            self._end("the relay answers out of step")
        else:
            self._asked.popleft()
            self._on_answer(stage, job, code, lines)

    def _on_answer(
        self, stage: Stage | Extra, job: Job | None, code: int, lines: list[str]
    ) -> None:
        if job is None:
            self._on_extra(stage, code)
        elif stage is Stage.DOT:
            self._answer(job, _reply(code, lines, Stage.DOT))
        elif stage is Stage.DATA:
            self._on_data(job, code, lines)
        elif code // 100 != 2 and job.refusal is None:  # noqa: PLR2004
            job.refusal = _reply(code, lines, stage)
        if self._has_ended:
            return
        if self._asked:
            self._wait_for(self._asked[0][0])
        else:
            self._write_more(job)

    def _write_more(self, job: Job | None) -> None:
        """Go on once everything written so far is answered."""
        if self._unwritten and job is not None and job.refusal is not None:
            self._unwritten.clear()
            self._refuse(job, job.refusal)
        if self._unwritten:
            self._write_next()
        else:
            self.go_on()

    def _on_closing(
        self, stage: Stage | Extra, job: Job | None, lines: list[str]
    ) -> None:
        """Take 421, which ends the session wherever it comes (RFC 5321 §3.8)."""
        if stage is Stage.DOT and job is not None:
            self._asked.popleft()
            self._answer(job, _reply(CLOSING, lines, Stage.DOT))
        elif job is not None and job.refusal is None:
            job.refusal = _reply(CLOSING, lines, stage)
        self._end("the relay is closing")

    def _on_data(self, job: Job, code: int, lines: list[str]) -> None:
        if code == SEND_NOW and job.refusal is None:
            self._send(job)
            return
        if code == SEND_NOW:
            # A server that took no recipient and still waits for a message gets an
            # empty one (RFC 2920 §3.1).
            self._ask_for(Extra.LONE_DOT, None, b".\r\n")
        self._refuse(job, job.refusal or _reply(code, lines, Stage.DATA))

    def _send(self, job: Job) -> None:
        """Write the message, and behind it the commands of the next."""
        self._wait_for(Stage.DOT)
        self._asked.append((Stage.DOT, job))
        message = job.envelope.message
        if not job.envelope.has_quiet_dots:
            message = doubled(message)
        next_job = self._next_job() if self._pipelines else None
        if next_job is None:
            self._write(message + b".\r\n")
        else:
            self._begin_message(next_job, after=(message, b".\r\n"))

    def _refuse(self, job: Job, reply: Reply) -> None:
        """Answer for a message that was begun and not sent."""
        self._must_reset = True
        self._answer(job, reply)

    def _answer(self, job: Job, reply: Reply) -> None:
        now = self._loop.time()
        self._owner.took(now - self._busy_since)
        self._busy_since = now
        self._owner.answered(job, reply)

    def _on_extra(self, what: Stage | Extra, code: int) -> None:
        if what is Extra.QUIT:
            self._end("closed by us")
        elif what is Extra.RSET and code // 100 != 2:  # noqa: PLR2004
            self._end("the relay refuses to begin anew")

    def _wait_for(self, stage: Stage | Extra) -> None:
        self._deadline = self._loop.time() + self._patience[stage]

    def _end(self, why: str) -> None:
        """End the session once: jobs go back or are in doubt, then the owner hears."""
        if self._has_ended:
            return
        super()._end(why)
        under_way = {job: stage for stage, _, job in self._unwritten}
        under_way |= {job: stage for stage, job in self._asked}
        self._asked.clear()
        self._unwritten.clear()
        for job, stage in under_way.items():
            if job is None:
                continue
            if stage is Stage.DOT:
                self._owner.answered(job, None)
            elif job.refusal is None or job.refusal.code == CLOSING:
                self._owner.broke_before(job, job.refusal or not_sent(why))
            else:
                self._owner.answered(job, job.refusal)
        self._owner.ended(self)


def _is_in_step(
    code: int, stage: Stage | Extra, job: Job | None, *, is_last: bool
) -> bool:
    """Tell whether a reply may be the one to what was asked first."""
    if stage is not Stage.DATA:
        return code // 100 != 3  # noqa: PLR2004
    if code == SEND_NOW:
        return is_last
    is_refused = job is not None and job.refusal is not None
    return is_refused or code // 100 in {4, 5}


def _reply(code: int, lines: list[str], stage: Stage | Extra) -> Reply:
    return reply_of(code, " ".join(lines), stage=Stage(stage))


def doubled(message: bytes) -> bytes:
    """Return a message, its last line ended, with each dot doubled that begins one."""
    message = message.replace(b"\r\n.", b"\r\n..")
    if message.startswith(b"."):
        message = b"." + message
    return message if message.endswith(b"\r\n") else message + b"\r\n"
