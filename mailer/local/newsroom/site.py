"""What of the newsroom is out at this moment, and the controls that change it.

The state is one small file in a folder, replaced whole under a lock: the demo's runner
and the server may both write, and a killed server comes back with what was out.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mailer.local.newsroom.harbour_log import log_of
from mailer.local.newsroom.piece import Piece, pieces

ZONE = ZoneInfo("Africa/Johannesburg")  # Karanda time: UTC+2 all year


@dataclass(frozen=True)
class Out:
    """A piece that is out: its present version and its times, aware, UTC."""

    piece: Piece
    published_at: datetime
    updated_at: datetime | None = None
    withdrawn_at: datetime | None = None
    starts_at: datetime | None = None


class NothingLeft(LookupError):
    """There is nothing of that kind to publish, edit or withdraw."""


class Site:
    """The newsroom's site: read what is out, publish more.

    folder: for the state and drawn pictures, made if missing. opened_at: when the
    newsroom opened; kept from the first time, so that a second start goes on.
    """

    def __init__(self, folder: Path, *, opened_at: datetime) -> None:
        self.folder = folder
        self._file = folder / "state.json"
        folder.mkdir(parents=True, exist_ok=True)
        with self._changing() as state:
            state.setdefault("opened_at", opened_at.astimezone(UTC).isoformat())
            for key in ("published", "edited", "withdrawn", "results"):
                state.setdefault(key, {})
            for piece in pieces():
                if piece.batch == "archive":
                    at = self._at(state) - timedelta(minutes=piece.ago)
                    state["published"].setdefault(piece.slug, at.isoformat())

    @property
    def opened_at(self) -> datetime:
        """Return when the newsroom opened for the first time."""
        return self._at(self._read())

    def out(self) -> list[Out]:
        """Return every piece that was ever out, newest first, withdrawn ones too."""
        state = self._read()
        known = {piece.slug: piece for piece in pieces()}
        found = []
        for slug, moment in state["published"].items():
            at = datetime.fromisoformat(moment)
            piece = known.get(slug) or log_of(slug, at)
            edited = state["edited"].get(slug)
            withdrawn = state["withdrawn"].get(slug)
            found.append(
                Out(
                    piece.edited if edited else piece,
                    at,
                    datetime.fromisoformat(edited) if edited else None,
                    datetime.fromisoformat(withdrawn) if withdrawn else None,
                    self._starts_at(piece, self._at(state)),
                )
            )
        return sorted(found, key=lambda o: (o.published_at, o.piece.slug), reverse=True)

    def find(self, path: str) -> Out | None:
        """Return the piece whose page is at a path, if it was ever out."""
        return next((o for o in self.out() if o.piece.path == path), None)

    def waiting(self, batch: str = "later") -> list[Piece]:
        """Return what is held back of a batch, in the order it will come."""
        published = self._read()["published"]
        return [p for p in pieces() if p.batch == batch and p.slug not in published]

    def publish_batch(self, batch: str = "morning") -> list[str]:
        """Publish a whole batch with the times its pieces name; return its slugs."""
        waiting = self.waiting(batch)
        with self._changing() as state:
            for piece in waiting:
                at = self._at(state) - timedelta(minutes=piece.ago)
                state["published"][piece.slug] = at.isoformat()
        return [piece.slug for piece in waiting]

    def publish_next(self, *, now: datetime) -> str:
        """Publish the next piece that was held back; return its slug.

        When all are out, the harbour log goes on for ever.
        """
        waiting = self.waiting("later")
        with self._changing() as state:
            if waiting:
                slug = waiting[0].slug
            else:
                logs = [s for s in state["published"] if s.startswith("harbour-log-")]
                slug = f"harbour-log-{len(logs) + 1}"
            state["published"][slug] = now.astimezone(UTC).isoformat()
        return slug

    def break_story(self, *, now: datetime) -> str:
        """Publish the breaking story; return its slug. Raises NothingLeft."""
        return self._publish_first("breaking", now)

    def edit(self, *, now: datetime, slug: str = "") -> str:
        """Publish the second version of a piece that has one; return its slug.

        Raises NothingLeft.
        """
        state = self._read()
        found = [
            p.slug
            for p in pieces()
            if p.edit
            and p.slug in state["published"]
            and p.slug not in state["edited"]
            and slug in {"", p.slug}
        ]
        return self._mark("edited", found, now)

    def withdraw(self, *, now: datetime, slug: str = "") -> str:
        """Withdraw a piece at its source; return its slug. Raises NothingLeft.

        Without a slug it is the one the newsroom regrets: the tag `regretted`.
        """
        state = self._read()
        found = [
            p.slug
            for p in pieces()
            if p.slug in state["published"]
            and p.slug not in state["withdrawn"]
            and (p.slug == slug if slug else "regretted" in p.tags)
        ]
        return self._mark("withdrawn", found, now)

    def publish_results(self, number: int, *, now: datetime) -> datetime:
        """Put a results file out; return the time its counts are as at.

        A file that is out stays as it is. File 2 is later than file 1 always.
        """
        with self._changing() as state:
            key = str(number)
            moment = now.astimezone(UTC).replace(second=0, microsecond=0)
            earlier = state["results"].get(str(number - 1))
            if earlier:
                least = datetime.fromisoformat(earlier) + timedelta(minutes=1)
                moment = max(moment, least)
            state["results"].setdefault(key, moment.isoformat())
            return datetime.fromisoformat(state["results"][key])

    def results_at(self, number: int) -> datetime | None:
        """Return the time of a results file, or None while it is not out."""
        moment = self._read()["results"].get(str(number))
        return datetime.fromisoformat(moment) if moment else None

    def state(self) -> dict[str, Any]:
        """Return the state with what is still to come, for the demo's runner."""
        return self._read() | {
            "waiting": [p.slug for p in self.waiting("later")],
            "waiting_morning": [p.slug for p in self.waiting("morning")],
        }

    def _publish_first(self, batch: str, now: datetime) -> str:
        waiting = [p.slug for p in self.waiting(batch)]
        return self._mark("published", waiting, now)

    def _mark(self, what: str, slugs: list[str], now: datetime) -> str:
        if not slugs:
            raise NothingLeft(f"nothing left to be {what}")
        with self._changing() as state:
            state[what][slugs[0]] = now.astimezone(UTC).isoformat()
        return slugs[0]

    def _starts_at(self, piece: Piece, opened_at: datetime) -> datetime | None:
        if not piece.at:
            return None
        hour, minute = map(int, piece.at.split(":"))
        day = opened_at.astimezone(ZONE) + timedelta(days=piece.day)
        local = day.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return local.astimezone(UTC)

    @staticmethod
    def _at(state: dict[str, Any]) -> datetime:
        return datetime.fromisoformat(state["opened_at"])

    def _read(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
        return state

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        """Lend the state to be changed; it is written whole or not at all."""
        with (self.folder / "state.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = self._read() if self._file.exists() else {}
            yield state
            new = self._file.with_suffix(".new")
            new.write_text(json.dumps(state, indent=1), encoding="utf-8")
            new.replace(self._file)
