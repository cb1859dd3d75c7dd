"""A Maildir that a mail server fills: new is unread, cur is read, aside is not ours.

Each message is a file of its own, moved by renaming, so that any number of readers and
the server may use it at once. Reading is at least once: who dies in between finds the
message again.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mailer.feedback.report import LARGEST_BYTES

log = logging.getLogger(__name__)

ASIDE = ".Set-aside"  # a folder as Maildir++ names them, so that mail programs show it


@dataclass(frozen=True, slots=True)
class Waiting:
    """What nobody has read yet."""

    messages: int
    oldest_at: datetime | None


@dataclass(frozen=True)
class Maildir:
    """One Maildir by its folder."""

    folder: Path

    def unread(self, limit: int) -> Iterator[tuple[str, bytes]]:
        """Yield names and contents of unread messages, oldest names first."""
        for path in sorted(self._new())[:limit]:
            try:
                with path.open("rb") as file:
                    yield path.name, file.read(LARGEST_BYTES)
            except FileNotFoundError:
                continue  # another reader was quicker

    def read(self, name: str) -> None:
        """Mark a message as read."""
        self._move(name, self.folder / "cur")

    def set_aside(self, name: str) -> None:
        """Keep a message that is not ours where a person can look at it."""
        aside = self.folder / ASIDE
        for part in ("tmp", "new", "cur"):
            (aside / part).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._move(name, aside / "cur")

    def waiting(self) -> Waiting:
        """Return how many messages wait and since when."""
        times = [t for t in map(_changed_at, self._new()) if t is not None]
        return Waiting(len(times), min(times, default=None))

    def _new(self) -> list[Path]:
        new = self.folder / "new"
        if not new.is_dir():
            return []
        return [
            path
            for path in new.iterdir()
            if not path.name.startswith(".") and path.is_file()
        ]

    def _move(self, name: str, to: Path) -> None:
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        base = name.partition(":")[0]
        try:
            (self.folder / "new" / name).rename(to / f"{base}:2,S")
        except FileNotFoundError:
            log.info("feedback.maildir.moved_by_another")


def _changed_at(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    except FileNotFoundError:
        return None
