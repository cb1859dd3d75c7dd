"""The pictures of the newsroom: drawn when first asked for, then kept on disk."""

import os
import re
import tempfile
import threading
from pathlib import Path

from mailer.local.newsroom.drawing import SMALL_WIDTH, draw
from mailer.local.newsroom.motifs import KINDS
from mailer.local.newsroom.plate import WIDTH

NAME = re.compile(r"([a-z]+)-([a-z0-9-]{1,80})-([0-9]{3,4})\.jpg")


class Gallery:
    """Draws and keeps. One picture is drawn at a time: the machine has other work."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._one_at_a_time = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def find(self, name: str) -> bytes | None:
        """Return the picture with this file name, or None if it cannot be drawn."""
        match = NAME.fullmatch(name)
        if not match or match[1] not in KINDS:
            return None
        if int(match[3]) not in {WIDTH, SMALL_WIDTH}:
            return None
        path = self.folder / name
        with self._one_at_a_time:
            if path.exists():
                return path.read_bytes()
            made = draw(match[1], match[2], width=int(match[3]))
            handle, new = tempfile.mkstemp(dir=self.folder)
            with os.fdopen(handle, "wb") as file:
                file.write(made)
            Path(new).replace(path)
            return made
