"""Bytes from a server, cut into replies (RFC 5321 §4.2), however they are chopped."""

import re

LONGEST_REPLY = 65_536  # octets of one reply; no honest server says more
_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)


class NotSMTP(ValueError):
    """What the server said is no reply."""


class ReplyStream:
    """Collects bytes; gives whole replies, as a code and its lines of text."""

    def __init__(self) -> None:
        self._rest = b""
        self._code = b""
        self._lines: list[str] = []
        self._size = 0  # octets of them

    @property
    def is_between_replies(self) -> bool:
        """Tell whether nothing of another reply has arrived."""
        return not self._rest and not self._lines

    def feed(self, data: bytes) -> list[tuple[int, list[str]]]:
        """Take what arrived; return the replies it completes.

        Raises NotSMTP for a line without a code, codes that differ within a reply, and
        a reply that does not end.
        """
        *whole, self._rest = (self._rest + data).split(b"\n")
        replies = []
        for raw in whole:
            match = _LINE.fullmatch(raw.rstrip(b"\r"))
            if match is None:
                raise NotSMTP("a line without a reply code")
            code, mark, text = match.groups()
            if self._lines and self._code != code:
                raise NotSMTP("a reply with two codes")
            self._code = code
            self._lines.append("" if text is None else text.decode("utf-8", "replace"))
            self._size += len(raw)
            if self._size > LONGEST_REPLY:
                raise NotSMTP("a reply that does not end")
            if mark != b"-":
                replies.append((int(code), self._lines))
                self._lines, self._size = [], 0
        if self._size + len(self._rest) > LONGEST_REPLY:
            raise NotSMTP("a reply that does not end")
        return replies
