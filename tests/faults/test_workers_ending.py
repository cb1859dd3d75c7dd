"""A worker ends in the middle of a send: asked to, or killed."""

import pytest

from tests.kit.audience import many_readers
from tests.kit.processes import a_due_digest, until

pytestmark = pytest.mark.slow
READERS = 400
SESSIONS = 4
WINDOW = 4 * SESSIONS  # see delivery.ledger.window_size


def a_send_in_the_middle(install):
    """Let a digest go out that takes 5 seconds and more, by one worker."""
    here = install(delay=0.05, RELAY_SESSIONS=str(SESSIONS))
    newsletter = a_due_digest()
    many_readers(READERS, newsletter)
    here.start(
        here.worker("first", "deliver"),
        here.worker("rest", "breaking,render,upkeep"),
        here.beat(),
    )
    until(lambda: here.in_the_inbox() >= 40, "the digest going out")
    return here, newsletter


def test_a_worker_asked_to_end_leaves_nothing_in_doubt_and_another_goes_on(install):
    here, newsletter = a_send_in_the_middle(install)

    status = here.ask_to_end("first")
    left = here.run(newsletter)
    here.start(here.worker("second", "deliver"))
    run = here.ended_run(newsletter)

    assert status == 0
    assert left.in_flight == left.in_doubt == 0
    assert 40 <= left.accepted < READERS
    assert (run.accepted, run.in_doubt) == (READERS, 0)
    assert here.postbox.counts() == {
        "mails": READERS,
        "message_ids": READERS,
        "doubled": 0,
    }
    assert here.doubled() == {}


def test_a_worker_killed_leaves_a_window_in_doubt_at_most_and_another_goes_on(install):
    here, newsletter = a_send_in_the_middle(install)

    here.kill("first")
    here.start(here.worker("second", "deliver"))
    run = here.ended_run(newsletter)

    counts = here.postbox.counts()
    assert run.accepted + run.in_doubt == READERS
    assert run.in_doubt <= WINDOW
    assert run.accepted <= counts["mails"] <= READERS
    assert counts["doubled"] == 0
    assert here.doubled() == {}
