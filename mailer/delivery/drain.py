"""A drain: one worker on one pipe, batch after batch, for some seconds.

Never more than one window is in flight, and the window slides: a slow session holds
nobody. No transaction is open while a server thinks.
"""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from django.conf import settings

from mailer import bell
from mailer.delivery import dealing, lease, standing
from mailer.delivery.errand import Errand, rest_after
from mailer.delivery.shaper import shaper_of
from mailer.delivery.step import LeaseLost
from mailer.delivery.transport import RelayFault, Transport
from mailer.kernel.bells import Bell
from mailer.kernel.clock import Clock

log = logging.getLogger(__name__)

LAST_NAP = 1.0  # seconds, when a drain is over and tokens come soon

Connect = Callable[[], AbstractContextManager[Transport]]


def never() -> bool:
    """Tell that nobody asked this process to stop."""
    return False


def drain(  # noqa: PLR0913  two of them for tests and edges
    *,
    relay_id: int,
    connect: Connect,
    clock: Clock,
    urgent_only: bool = False,
    stopping: Callable[[], bool] = never,
    nap: Callable[[float], None] = time.sleep,
) -> None:
    """Deliver what is due on one relay, most urgent first, for DRAIN at most.

    connect: opens a pipe to the relay, once it is sure that something is due.
    urgent_only: alerts and letters alone, on the pipe that is reserved for them.
    stopping: whether this process was asked to end; then nothing more is asked, what
    is in flight is waited for, and the batch goes back.
    nap: passes so many seconds, while all that is due waits for tokens.

    Ends at once where no pipe is free, or the relay failed and is not to be tried yet.
    """
    now = clock()
    if not standing.may_try(relay_id=relay_id, now=now):
        return
    pipe = lease.lease_a_pipe(
        relay_id=relay_id,
        pipes=settings.RELAY_PIPES,
        now=now,
        urgent_only=urgent_only,
    )
    if pipe is None:
        return
    is_probe, shaper = False, shaper_of(relay_id)
    try:
        entry = standing.enter(relay_id=relay_id, now=now)
        is_probe = entry is not None and entry.is_probe
        if is_probe:
            dealing.bring_one_home(relay_id=relay_id, now=now)
        if is_probe or (
            entry and lease.is_due(relay_id=relay_id, now=now, urgent_only=urgent_only)
        ):
            with connect() as transport:
                errand = Errand(
                    pipe=pipe,
                    transport=transport,
                    shaper=shaper,
                    clock=clock,
                    urgent_only=urgent_only,
                    stopping=stopping,
                    is_probe=is_probe,
                )
                while errand.go() and errand.waits_for_tokens():
                    nap(errand.nap_seconds())
    except RelayFault as fault:
        rest_after(relay_id, fault, now=clock(), is_probe=is_probe)
    except LeaseLost as lost:  # overslept; this pipe may yet answer for others' rows
        log.warning("delivery.lease.lost relay=%s what=%s", relay_id, lost)
    finally:
        lease.let_go(pipe)
    # After letting go: a bell that found this pipe held has rung for nothing. What has
    # tokens in a moment is rung for then: the next look is seconds away.
    if 0 < (rest := shaper.rest_seconds(clock())) <= LAST_NAP and not stopping():
        nap(rest)
    if lease.is_due(relay_id=relay_id, now=clock(), urgent_only=urgent_only):
        bell.ring(Bell.URGENT if urgent_only else Bell.DELIVER, relay_id=relay_id)
