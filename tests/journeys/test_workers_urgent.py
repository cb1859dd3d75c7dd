"""What cannot wait overtakes a digest that a slow relay takes its time for."""

from datetime import timedelta

import pytest

from mailer.editions import operations as editing
from mailer.kernel.clock import utc_now
from mailer.local import acts, programs
from mailer.local.visitor import Visitor
from tests.kit.audience import a_newsletter, a_reader_of, many_readers
from tests.kit.editions import a_stored_story
from tests.kit.processes import a_due_digest, until

pytestmark = pytest.mark.slow
READERS = 300
NEWCOMER = "nadia@readers.example"
ALERT = "The dam breaks"


def test_letters_and_alerts_overtake_a_digest(install, settings):
    settings.BREAKING_HOLD_SECONDS = 2
    here = install(delay=0.2, RELAY_SESSIONS="2")  # 300 readers take 30 s and more
    digest = a_due_digest()
    alerts = a_newsletter("breaking", "Breaking news", is_alerts=True)
    many_readers(READERS, digest)
    for number in range(10):
        a_reader_of(alerts, address=f"alert{number}@readers.example")
    story = a_stored_story(ALERT, now=utc_now())
    here.start(
        programs.web(here.home),
        here.worker("breaking", "breaking"),
        here.worker("deliver", "deliver"),
        here.worker("rest", "collect,render,feedback,upkeep"),
        here.beat(),
    )

    until(lambda: here.in_the_inbox() >= 10, "the digest going out")
    reader = Visitor(here.home.web)
    acts.sign_up(reader, NEWCOMER, [digest.id])
    signed_up_at = utc_now()
    letter = here.the_mail(NEWCOMER)
    editing.break_story(
        story_id=story,
        headline=ALERT,
        line="Leave low ground now.",
        newsletter_id=alerts.id,
        by="Thandi",
        key="pressed once",
        now=utc_now(),
    )
    pressed_at = utc_now()
    alert = here.the_mail("alert")
    here.ended_run(digest)
    here.ended_run(alerts)

    of_the_digest = [mail for mail in here.mails() if "many" in mail.address]
    letter_s = (letter.arrived_at - signed_up_at).total_seconds()
    alert_s = (alert.arrived_at - pressed_at - timedelta(seconds=2)).total_seconds()
    assert len(of_the_digest) == READERS
    digest_ended_at = of_the_digest[-1].arrived_at
    assert letter.arrived_at < digest_ended_at, f"letter after {letter_s} s"
    assert alert.arrived_at < digest_ended_at, f"alert {alert_s} s after its hold"
    assert here.doubled() == {}
