"""What the demo asks of the inbox, over TCP: counts, letters, one person's mail."""

import json
import re
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlencode

LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Arrival:
    """A mail that arrived."""

    id: int
    message_id: str
    address: str
    subject: str
    arrived_at: datetime


class Postbox:
    """The inbox at an address, asked over HTTP."""

    def __init__(self, address: str) -> None:
        self.address = address

    def counts(self) -> dict[str, int]:
        """Return mails, message_ids (different ones) and doubled."""
        return {key: int(value) for key, value in self._ask("/api/counts").items()}

    def newest(self, search: str = "", *, limit: int = 50) -> list[Arrival]:
        """Return the newest mails with these words in address or subject."""
        query = urlencode({"q": search, "limit": limit})
        return [
            Arrival(**m | {"arrived_at": datetime.fromisoformat(m["arrived_at"])})
            for m in self._ask(f"/api/messages?{query}")["messages"]
        ]

    def mail(self, number: int) -> EmailMessage:
        """Return one mail, parsed."""
        raw = self._read(f"/raw/{number}")
        return message_from_bytes(raw, policy=policy.default)

    def links(self, number: int) -> list[str]:
        """Return the addresses in the text part of a mail."""
        part = self.mail(number).get_body(("plain",))
        return LINK.findall(part.get_content()) if part else []

    def one_click(self, number: int) -> str:
        """Return the https (here http) address of a mail's List-Unsubscribe."""
        header = str(self.mail(number)["List-Unsubscribe"])
        return str(LINK.findall(header)[0])

    def _ask(self, path: str) -> Any:
        return json.loads(self._read(path))

    def _read(self, path: str) -> bytes:
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:  # noqa: S310
            return bytes(answer.read())
