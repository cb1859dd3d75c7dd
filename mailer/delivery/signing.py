"""Signing ahead of the wire: a few threads sign what is printed and not yet sent.

A signature takes ten times as long as printing, and OpenSSL lets other threads run
meanwhile. So an envelope may be handed to the relay before it is signed: its size is
known, and its bytes are asked for a round trip later. Whoever asks first signs, unless
a thread has begun; nothing depends on the pool but speed.
"""

import os
import threading
from collections.abc import Sequence
from queue import SimpleQueue

from mailer.delivery.canonical import BodyHash
from mailer.delivery.dkim import Signer

THREADS = 2


class Signing:
    """What is needed to sign the mails of one press for one kind of relay."""

    def __init__(
        self, signer: Signer, body: BodyHash, before: bytes, after: bytes
    ) -> None:
        self.signer, self.body, self.before, self.after = signer, body, before, after


class Unsigned:
    """A printed message and the signature it is going to have."""

    __slots__ = ("_body", "_lock", "_message", "_own", "_signing", "size")

    def __init__(self, signing: Signing, own: bytes, body: Sequence[bytes]) -> None:
        """Take the fields of this mail alone, and the parts of its body."""
        self._signing, self._own, self._body = signing, own, body
        self._lock = threading.Lock()
        self._message = b""
        parts = (signing.before, own, signing.after, *body)
        self.size = signing.signer.size + sum(map(len, parts))

    def sign(self) -> bytes:
        """Return the whole message, signed now or before; any thread may ask."""
        with self._lock:
            if not self._message:
                made, own, body = self._signing, self._own, self._body
                fields = made.signer.fields(own, made.body.digest(body))
                self._message = b"".join((fields, made.before, own, made.after, *body))
                self._body = ()
            return self._message


class Pool:
    """Threads that sign in the order in which mails were printed.

    They start with the first mail, so that a process which never signs has none.
    """

    def __init__(self, threads: int = THREADS) -> None:
        self._threads = threads
        self._queue: SimpleQueue[Unsigned] = SimpleQueue()
        self._is_running = False

    def put(self, one: Unsigned) -> None:
        """Have a message signed soon."""
        self._queue.put(one)
        if not self._is_running:
            self._is_running = True
            for number in range(self._threads):
                name = f"signing {number}"
                threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while True:
            self._queue.get().sign()


_pool = Pool()


def _forget() -> None:
    """Begin anew in a child: threads are not forked with a process."""
    global _pool  # noqa: PLW0603
    _pool = Pool()


os.register_at_fork(after_in_child=_forget)


def sign_ahead(one: Unsigned) -> None:
    """Have a message signed by the threads of this process."""
    _pool.put(one)
