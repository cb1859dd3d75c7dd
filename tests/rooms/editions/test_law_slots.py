"""The law of slots, on 200 generated histories with three schedulers in threads."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.rooms.editions import feed_histories
from tests.rooms.editions.feed_histories import STEPS, begin, end, step, threads

HISTORIES = 200
AT_ONCE = 50


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", range(0, HISTORIES, AT_ONCE))
def test_law_each_slot_has_one_edition_or_reason_and_no_story_is_lost(first):
    with threads() as pool:
        faults = {
            seed: found
            for seed in range(first, first + AT_ONCE)
            if (found := faults_of_history(seed, pool))
        }

    assert faults == {}


def faults_of_history(seed: int, pool: ThreadPoolExecutor) -> list[str]:
    """Return what does not hold in the history of a seed."""
    history = begin(seed)
    found = []
    for _ in range(STEPS):
        step(history, pool)
        found += feed_histories.faults_now(history)
    found += feed_histories.lost_at_last(history)
    found += feed_histories.faults_of_slots(history)
    found += feed_histories.faults_of_use(history)
    end(history)
    return found
