"""Whether this worker was asked to stop: told to its children through shared memory.

Celery's main process hears SIGTERM; the child that drains a relay does not. A byte
that both see ends the drain with nothing in doubt: it asks no more, waits for what is
in flight and hands its batch back. A test stops a worker in the middle of a batch.
"""

import mmap

from celery.signals import worker_shutting_down

_flag = mmap.mmap(-1, 1)  # anonymous and shared: a fork sees the same byte


def wanted() -> bool:
    """Tell whether this worker is to stop."""
    return _flag[0] == 1


@worker_shutting_down.connect(weak=False)
def _end(**_: object) -> None:
    _flag[0] = 1
