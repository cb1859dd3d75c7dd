"""How fast mail may leave: buckets of tokens, kept by the generic cell rate algorithm.

A bucket is one number: when it will be full again if nobody takes from it (the
"theoretical arrival time" of ITU-T I.371, annex A). Taking a token moves that time on
by one interval; a bucket of depth d may be d intervals away from being full, no more.

Tokens are taken for a window at once: ask for n, get k of them, and if k is 0 when to
come back. Who takes from two buckets gets what both can give.

Pure: no clock, no server. Times are microseconds, whole, from any origin. The script
in buckets.py says the same in Lua; a contract test holds the two together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """How fast a bucket fills and how much it holds.

    interval: between two tokens, in microseconds, above 0. depth: tokens it holds.
    """

    interval: int
    depth: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What somebody got: how many tokens, and if none, how long to wait for some.

    wait: in microseconds, 0 if anything was granted. full_at: of each bucket, after it.
    """

    granted: int
    wait: int
    full_at: tuple[int, ...]


def bucket_of(per_second: float, *, urgent: bool) -> Bucket:
    """Return the bucket of a rate.

    It holds half a second's mail: so much a window may take at once. Urgent mail may
    go twice as deep: while it takes all there is, nothing is left for the rest.
    """
    half = max(1, int(per_second / 2))
    interval = max(1, round(SECOND / per_second))
    return Bucket(interval, 2 * half if urgent else half)


def take(
    buckets: Sequence[Bucket], full_at: Sequence[int], *, wanted: int, now: int
) -> Taken:
    """Take up to `wanted` tokens from each of some buckets, the same number from all.

    full_at: of each bucket, as it was left; in the past means that it is full. If none
    can be had, `wait` is as long as it takes for half a bucket, or what is wanted.
    """
    granted, wait = wanted, 0
    debts = [max(0, at - now) for at in full_at]
    for bucket, debt in zip(buckets, debts, strict=True):
        left = (bucket.depth * bucket.interval - debt) // bucket.interval
        granted = max(0, min(granted, left))
    if not granted and wanted:
        for bucket, debt in zip(buckets, debts, strict=True):
            worth_it = min(wanted, max(1, bucket.depth // 2))
            free = bucket.depth - worth_it
            wait = max(wait, debt - free * bucket.interval)
    return Taken(
        granted,
        wait,
        tuple(
            now + debt + granted * bucket.interval
            for bucket, debt in zip(buckets, debts, strict=True)
        ),
    )
