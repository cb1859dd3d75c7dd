"""The port to other people's web servers, and what they answer."""

from dataclasses import dataclass
from typing import Protocol

from mailer.kernel.errors import Permanent, Temporary


class Unreachable(Temporary):
    """There is no whole answer; str() says why: "took longer than 20 s"."""


class Forbidden(Permanent):
    """We do not go there, whoever asks; str() says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A final answer, after redirects. url: where it came from.

    moved_to: the address to keep, where every redirect on the way was permanent.
    retry_after: the server's own words.
    """

    status: int
    url: str
    body: bytes = b""
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""
    retry_after: str = ""


class Web(Protocol):
    """Whoever fetches a document."""

    def get(self, url: str, *, etag: str = "", last_modified: str = "") -> Answer:
        """Ask for a document, or whether it changed.

        What a server says is an Answer, also a bad one. Raises Unreachable where it
        says nothing whole in time, Forbidden where it must not be asked.
        """
