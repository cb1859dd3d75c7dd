"""The port to a relay: envelopes in, replies out, a good part of a window at once."""

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

from mailer.delivery.parts import Parts
from mailer.delivery.reply import Reply
from mailer.delivery.signing import Unsigned
from mailer.kernel.blame import Blame
from mailer.kernel.errors import Permanent, Temporary

T = TypeVar("T")

PATIENCE_SECONDS = 10.0  # a third of operations.LEASE: a thinking server loses no lease

Replies = Mapping[int, Reply | None]
"""By position. None: the line broke after the final dot, so nobody can tell."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message on its way to one subscriber.

    printed: the very bytes, CRLF lines, the last one ended; or what becomes them as
    soon as it is signed.
    has_quiet_dots: no line of it begins with a dot, so that the transport need not look
    for one to double (RFC 5321 §4.5.2): looking costs as much as all the rest.
    parts: the same mail for a service that prints it itself; None where SMTP takes it.
    """

    run_id: int
    position: int
    address: str
    sender: str = ""  # MAIL FROM, a VERP address; empty is the null sender
    printed: bytes | Unsigned = b""
    has_quiet_dots: bool = False
    parts: Parts | None = None

    @property
    def message(self) -> bytes:
        """The very bytes. Waits for the signature, if there is to be one."""
        printed = self.printed
        return printed if isinstance(printed, bytes) else printed.sign()

    @property
    def size(self) -> int:
        """How many bytes the message has, known before it is signed."""
        printed = self.printed
        return len(printed) if isinstance(printed, bytes) else printed.size


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a pipe can carry now.

    per_second: deliveries all sessions together could do, by the time each takes. It
    does not fall because the ledger asks for few.
    """

    sessions: int
    per_second: float


class RelayFault(Exception):
    """The relay takes nothing from us now. It says nothing about any subscriber."""

    blame = Blame.RELAY
    retry_after_seconds = 0.0  # how long it asks to be left alone
    leaves_doubt = False  # what it had is in doubt, and str() says so


class RelayAway(RelayFault, Temporary):
    """No connection, or it breaks, before anything was handed over."""


class RelayRefusesUs(RelayFault, Permanent):
    """Wrong password, a certificate that does not hold, our address refused."""

    blame = Blame.US


@runtime_checkable
class Counting(Protocol):
    """A transport whose connections can be made to carry fewer messages each."""

    def keep_to(self, *, messages: int | None) -> None:
        """Let no connection carry more than so many; None: as the relay takes."""


@runtime_checkable
class Meanwhile(Protocol):
    """A transport that goes on with what is under way while something else is done."""

    def until(self, other: Coroutine[Any, Any, T]) -> T:
        """Do something else, and what is under way beside it; return what it returns.

        Replies that come meanwhile are given by the next `exchange`.
        """


class Transport(Protocol):
    """A pipe: open sessions to one relay."""

    @property
    def pace(self) -> Pace:
        """How much this pipe can carry now; the window is made from it."""

    @property
    def fault(self) -> RelayFault | None:
        """Why no session is open and none could be opened. Then ask nothing more."""

    def exchange(self, envelopes: Sequence[Envelope]) -> Replies:
        """Hand over more envelopes; return the replies come in since, by position.

        Waits while nothing is answered, for PATIENCE at most. A reply is None
        where the line broke before the final one, so that nobody can tell.
        What a server does is a reply, never an exception: without a relay, each
        envelope comes back `not_sent`, and `fault` says why.
        """

    def close(self) -> Replies:
        """End the sessions; return what nobody has been told yet, to be settled.

        None for those whose final dot was written, `not_sent` for the others. Nothing
        is unanswered after it. May be called twice.
        """
