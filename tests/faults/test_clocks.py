"""A machine's clock is wrong: nothing leaves before its time for that."""

from datetime import timedelta

import pytest

from mailer.delivery import queries
from mailer.kernel.clock import utc_now
from tests.kit.audience import a_newsletter, many_readers
from tests.kit.editions import stored_stories
from tests.kit.processes import give_slot, until
from tests.kit.stepping_clock import SteppingClock

pytestmark = [pytest.mark.slow, pytest.mark.clock]


def test_workers_an_hour_ahead_send_nothing_before_its_time(install):
    here = install()
    newsletter = a_newsletter()
    many_readers(20, newsletter)
    stored_stories("The dam holds", "Rain until Friday", now=utc_now())
    give_slot(newsletter, ago=timedelta(minutes=-30))
    clock = SteppingClock(here.home.folder)
    clock.set_ahead(3600)

    here.start(clock.worn_by(here.worker("worker")), clock.worn_by(here.beat()))
    done = "Task delivery.open["
    until(lambda: here.log("worker").count(done) >= 6, "three looks")

    assert "succeeded" in here.log("worker")
    assert here.in_the_inbox() == 0
    assert queries.runs(limit=1) == []
