"""An operator in a browser: sees queues and runs, pauses everything, closes a doubt."""

from datetime import timedelta

import pytest

from mailer.delivery import queries as delivery
from mailer.kernel.clock import utc_now
from mailer.ops import operations as ops
from tests.journeys.test_editor import (  # noqa: F401  fixtures
    SOON,
    is_well_made,
    logs_in,
    over_http,
    thandi,
)
from tests.kit.audience import fresh_keys  # noqa: F401  a fixture
from tests.kit.browser import DESKTOP, PHONE, a_person
from tests.kit.delivery import ScriptedTransport, a_run_of, at, drain

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_keys", "over_http"),
]


def workers_live():
    ops.beat(
        name="host:1",
        queues=["breaking", "deliver", "render", "collect", "feedback", "upkeep"],
        task="delivery.deliver",
        busy_seconds=2,
        now=utc_now() + timedelta(minutes=10),
    )


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_an_operator_sees_pauses_resumes_and_settles_a_doubt(thandi, width):  # noqa: F811
    now = utc_now()
    workers_live()

    with a_person(width) as her:
        logs_in(her, thandi)
        her.opens(f"{thandi}/ops")
        assert her.title == "All is well"
        assert her.says("Heard from within 15 seconds")
        is_well_made(her)

        her.page.get_by_role("button", name="Pause everything").focus()
        run = a_run_of("ann@a.example", "ben@b.example", release_at=now, now=now)
        drain(ScriptedTransport([None]), at(now))
        close = her.page.get_by_role("button", name="Close as not sent")
        close.wait_for(timeout=SOON)
        focused = "document.activeElement.innerText"
        assert her.page.evaluate(focused) == "Pause everything"
        assert her.title == "We don't know whether 1 person got their mail"
        assert her.says("agrees")
        is_well_made(her)

        her.presses("Pause everything")
        assert her.says("Everything is paused, by Thandi Mokoena")
        is_well_made(her)
        her.presses("Resume everything")
        assert delivery.pause() is None

        close.click()
        her.page.wait_for_load_state()
        assert her.says("Closed for 1 person. It is not sent again.")
        is_well_made(her)

    assert delivery.doubt() == []
    assert delivery.progress(run.pk).in_doubt == 1
