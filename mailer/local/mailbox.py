"""The store of the local inbox: one SQLite file, a row a message, indexed by address.

It is written before the sender hears 250, so that what was accepted is there even if
this process is killed in the next instruction.
"""

import sqlite3
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY, message_id TEXT NOT NULL, sender TEXT NOT NULL,
    address TEXT NOT NULL, subject TEXT NOT NULL, arrived_at TEXT NOT NULL,
    raw BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS message_address ON message (address);
CREATE INDEX IF NOT EXISTS message_message_id ON message (message_id);
"""
PAGE = 50


@dataclass(frozen=True)
class Counts:
    """mails: all that arrived; message_ids: different ones; doubled: came again."""

    mails: int
    message_ids: int

    @property
    def doubled(self) -> int:
        """Return how many arrivals were of a message that had arrived before."""
        return self.mails - self.message_ids


@dataclass(frozen=True)
class Line:
    """A message in a list."""

    id: int
    message_id: str
    address: str
    subject: str
    arrived_at: str


class Mailbox:
    """All mail that arrived. One instance a thread (SQLite's rule)."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")  # safe when a process is killed
        self.db.executescript(SCHEMA)

    def keep(self, *, sender: str, address: str, raw: bytes, arrived_at: str) -> None:
        """Write a message down; it is durable when this returns."""
        head = message_from_bytes(
            raw[: raw.find(b"\r\n\r\n") + 4], policy=policy.default
        )
        self.db.execute(
            "INSERT INTO message (message_id, sender, address, subject, arrived_at,"
            " raw) VALUES (?, ?, ?, ?, ?, ?)",
            (
                str(head.get("Message-ID", "")).strip(),
                sender,
                address.lower(),
                str(head.get("Subject", "")),
                arrived_at,
                raw,
            ),
        )

    def counts(self) -> Counts:
        """Count what arrived."""
        query = "SELECT count(*), count(DISTINCT message_id) FROM message"
        return Counts(*self.db.execute(query).fetchone())

    def lines(
        self, *, search: str = "", before: int | None = None, limit: int = PAGE
    ) -> list[Line]:
        """Return the newest messages first; search looks in addresses and subjects."""
        like = f"%{search.lower()}%"
        rows = self.db.execute(
            "SELECT id, message_id, address, subject, arrived_at FROM message"
            " WHERE (address LIKE ?1 OR lower(subject) LIKE ?1) AND id < ?2"
            " ORDER BY id DESC LIMIT ?3",
            (like, before or 2**62, limit),
        )
        return [Line(*row) for row in rows]

    def raw(self, number: int) -> bytes | None:
        """Return a message as it came over the wire, or None."""
        query = "SELECT raw FROM message WHERE id = ?"
        row = self.db.execute(query, (number,)).fetchone()
        return bytes(row[0]) if row else None


def parsed(raw: bytes) -> EmailMessage:
    """Return the message as Python's e-mail package reads it."""
    return message_from_bytes(raw, policy=policy.default)
