"""What a mail server answered: the code, the enhanced code, and to which command."""

import re
from dataclasses import dataclass
from enum import StrEnum

ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?:\s|$)")  # RFC 2034 §3
NOT_SPOKEN = 0  # the code of what no server said: we know it without asking


class Stage(StrEnum):
    """The command a reply answers. The same code means different things at each."""

    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    DOT = "."  # the end of the message: the only stage that can accept it


@dataclass(frozen=True, slots=True)
class Reply:
    """A final answer about one message.

    code: 200 to 599, or NOT_SPOKEN where the message never reached a server.
    text: what the server said, without the codes. It may hold the address: it is
    evidence for the database, never for a log.
    """

    code: int
    enhanced: tuple[int, int, int] | None = None  # (5, 1, 1), RFC 3463
    text: str = ""
    stage: Stage = Stage.DOT


def reply_of(code: int, text: str, *, stage: Stage = Stage.DOT) -> Reply:
    """Return the reply with the enhanced code taken from the front of its text.

    An enhanced code of another class than the code is not believed (RFC 2034 §4).
    """
    match = ENHANCED.match(text)
    if match is None or int(match[1]) != code // 100:
        return Reply(code, None, text, stage)
    enhanced = (int(match[1]), int(match[2]), int(match[3]))
    return Reply(code, enhanced, text[match.end() :].strip(), stage)


def not_sent(why: str, *, stage: Stage = Stage.MAIL) -> Reply:
    """Return what to settle where the message surely did not leave: it may be retried.

    Surely means that its final dot was not written. After that, only the server knows,
    and the reply is None.
    """
    return Reply(NOT_SPOKEN, (4, 4, 2), why, stage)


def unsendable(why: str, enhanced: tuple[int, int, int]) -> Reply:
    """Return what to settle where we refuse to send, for good, without asking."""
    return Reply(NOT_SPOKEN, enhanced, why, Stage.MAIL)
