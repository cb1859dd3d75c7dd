"""The beat table: how often each periodic bell rings, in seconds.

Several beats may run: a doubled ring finds nothing left to do.
"""

from mailer.kernel.bells import Bell

EVERY_SECONDS: dict[Bell, float] = {
    Bell.PLAN: 5,
    Bell.OPEN: 5,
    Bell.COLLECT_DUE: 5,
    Bell.LETTERS: 5,
    Bell.LOOK_URGENT: 5,
    Bell.LOOK: 5,
    Bell.HEAR: 10,
    Bell.UPKEEP: 60,
}
