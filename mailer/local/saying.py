"""What the demo says while it runs: lines, and a bar where there is a terminal."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

Step = Callable[[int, int], None]
SAY_EVERY_SECONDS = 10.0


class Say:
    """Lines with the seconds since the start; progress as a bar or as lines."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self._started

    def line(self, text: str) -> None:
        """Say something."""
        print(f"{self.seconds:6.1f} s  {text}", flush=True)

    @contextmanager
    def progress(self, what: str) -> Iterator[Step]:
        """Lend a function that takes how many are done, of how many."""
        if sys.stdout.isatty():
            with tqdm(desc=what, unit=" mails", leave=False) as bar:

                def show(done: int, of: int) -> None:
                    bar.total = of
                    bar.update(done - bar.n)

                yield show
            return
        said = {"at": time.monotonic(), "done": -1.0}

        def tell(done: int, of: int) -> None:
            waited = time.monotonic() - said["at"]
            if waited > SAY_EVERY_SECONDS and done != said["done"]:
                said.update(at=time.monotonic(), done=done)
                self.line(f"{what}: {done:,} of {of:,} mails")

        yield tell
