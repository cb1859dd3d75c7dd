"""Bytes from a server, cut into replies (RFC 5321 §4.2), however they are chopped."""

LONGEST_REPLY = 65_536  # octets of one reply not yet ended; no honest server says more


class NotSMTP(ValueError):
    """What the server said is no reply."""


class ReplyStream:
    """Collects bytes; gives whole replies, as a code and its lines of text."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[str] = []

    @property
    def is_between_replies(self) -> bool:
        """Tell whether nothing of another reply has arrived."""
        return not self._rest and not self._lines

    def feed(self, data: bytes) -> list[tuple[int, list[str]]]:
        """Take what arrived; return the replies it completes.

        Raises NotSMTP for a line without a code, codes that differ within a reply, and
        a reply without an end.
        """
        *whole, self._rest = (self._rest + data).split(b"\n")
        replies = []
        for raw in whole:
            line = raw.rstrip(b"\r").decode("utf-8", "replace")
            code, mark = line[:3], line[3:4]
            if not (code.isascii() and code.isdecimal() and mark in {"", " ", "-"}):
                raise NotSMTP("a line without a reply code")
            if self._lines and self._lines[0] != code:
                raise NotSMTP("a reply with two codes")
            self._lines = self._lines or [code]
            self._lines.append(line[4:])
            if mark != "-":
                replies.append((int(code), self._lines[1:]))
                self._lines = []
        if len(self._rest) + sum(map(len, self._lines)) > LONGEST_REPLY:
            raise NotSMTP("a reply without an end")
        return replies
