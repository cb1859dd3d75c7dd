"""The table of queues, the bells and the tasks say the same."""

from mailer.kernel.bells import Bell
from mailer.ops.status import QUEUES as SHOWN
from workers import tasks
from workers.app import app
from workers.queues import QUEUES
from workers.schedule import EVERY_SECONDS


def test_every_bell_is_a_task_and_has_a_queue():
    registered = {name for name in tasks.app.tasks if not name.startswith("celery.")}

    assert registered == {bell.value for bell in Bell} == set(QUEUES)


def test_the_operators_page_shows_every_queue():
    assert set(SHOWN) == set(QUEUES.values())


def test_what_rings_by_itself_is_a_bell():
    assert set(EVERY_SECONDS) <= set(Bell)
    assert set(app.conf.beat_schedule) == {bell.value for bell in EVERY_SECONDS}
