"""What comes back is heard once, and silences whom it must."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from mailer.audience import operations as audience
from mailer.audience import queries as people
from mailer.audience.consent import Evidence, SubscriptionState
from mailer.audience.suppression import Reason
from mailer.delivery.models import Delivery, Run
from mailer.delivery.verp import Namer
from mailer.feedback import operations as feedback
from mailer.feedback import queries
from mailer.feedback.models import HeardReport
from mailer.feedback.operations import Outcome
from mailer.kernel.blame import Blame
from tests.kit.audience import a_newsletter
from tests.kit.delivery import NOW, a_run_of
from tests.kit.feedback import HOST, a_bounce, a_complaint, a_mail

pytestmark = pytest.mark.django_db


class Sent:
    """A mail of a digest to Ann, and the addresses it goes by."""

    def __init__(self, keys):
        self.newsletter = a_newsletter()
        self.run = a_run_of("ann@a.example", newsletter=self.newsletter)
        names = Namer(keys).names(self.run.pk, 1)
        self.bounce, self.leave = f"{names.bounce}@{HOST}", f"{names.leave}@{HOST}"
        row = Delivery.objects.get(run_id=self.run.pk, position=1)
        self.subscriber_id = row.subscriber_id

    def reach(self, newsletter_id=None):
        return people.count_reach(newsletter_id=newsletter_id or self.newsletter.id)


@pytest.fixture
def sent(settings):
    return Sent(settings.TOKEN_KEYS)


def take(raw, now=NOW):
    return feedback.take_report(raw=raw, now=now)


def test_what_comes_back_counts_against_its_run_once(sent):
    take(a_bounce(sent.bounce))
    take(a_bounce(sent.bounce))
    take(a_complaint(sent.bounce))

    run = Run.objects.get(pk=sent.run.pk)
    assert (run.bounced, run.complained) == (1, 1)


def test_an_address_that_does_not_exist_is_left_alone_after_one_bounce(sent):
    heard = take(a_bounce(sent.bounce))

    assert (heard.outcome, heard.blame) == (Outcome.SUPPRESSED, Blame.ADDRESS)
    assert (heard.run_id, heard.position) == (sent.run.pk, 1)
    assert people.suppression("ann@a.example").reason is Reason.NO_SUCH_ADDRESS
    assert (sent.reach(), people.count_reach(newsletter_id=0)) == (0, 0)


def test_a_block_list_with_our_name_silences_nobody(sent):
    heard = take(
        a_bounce(
            sent.bounce,
            status="5.7.1",
            diagnostic="smtp; 554 5.7.1 blocked using zen.spamhaus.org",
        )
    )

    assert (heard.outcome, heard.blame) == (Outcome.NOTED, Blame.US)
    assert sent.reach() == 1


def test_a_delay_is_no_failure(sent):
    assert take(a_bounce(sent.bounce, action="delayed")).outcome is Outcome.IGNORED
    assert sent.reach() == 1


def test_a_full_mailbox_needs_three_over_two_weeks(sent):
    outcomes = [
        take(
            a_bounce(
                sent.bounce,
                status="5.2.2",
                diagnostic="smtp; 552 5.2.2 full",
                message_id=f"<{day}@mx.a.example>",
            ),
            now=NOW + timedelta(days=day),
        ).outcome
        for day in (0, 7, 14)
    ]

    assert outcomes == [Outcome.NOTED, Outcome.NOTED, Outcome.SUPPRESSED]


def test_a_report_heard_twice_counts_once(sent):
    raw = a_bounce(sent.bounce, status="5.2.2", diagnostic="full")

    outcomes = [take(raw, now=NOW + timedelta(days=n)).outcome for n in (0, 7, 14)]

    assert outcomes == [Outcome.NOTED, Outcome.DOUBLED, Outcome.DOUBLED]
    assert HeardReport.objects.count() == 1


def test_nobody_can_silence_a_reader_by_guessing(sent):
    forged = sent.bounce[:18] + "aaaaaaaaaa" + sent.bounce[28:]

    heard = take(a_bounce(forged))

    assert (heard.outcome, heard.why) == (Outcome.SET_ASIDE, "names no mail of ours")
    assert sent.reach() == 1


def test_a_complaint_leaves_every_list_for_ever(sent):
    assert take(a_complaint(sent.bounce)).outcome is Outcome.SUPPRESSED

    person = people.subscriber(sent.subscriber_id)
    assert person.standing(sent.newsletter.id) == SubscriptionState.LEFT
    assert people.suppression("ann@a.example").reason is Reason.COMPLAINT


@pytest.mark.parametrize("kind", ["not-spam", "virus", "fraud", "other", ""])
def test_other_feedback_silences_nobody(sent, kind):
    assert take(a_complaint(sent.bounce, kind=kind)).outcome is Outcome.IGNORED
    assert sent.reach() == 1


def test_a_mail_to_the_leaving_address_leaves_that_list_alone(sent):
    assert take(a_mail(sent.leave)).outcome is Outcome.LEFT
    assert (sent.reach(), people.count_reach(newsletter_id=0)) == (0, 1)


def test_the_leaving_address_is_no_address_for_bounces(sent):
    assert take(a_bounce(sent.leave)).outcome is Outcome.LEFT
    assert people.suppression("ann@a.example") is None


def test_an_out_of_office_note_is_passed_over(sent):
    note = a_mail(sent.bounce, headers="Auto-Submitted: auto-replied\n")

    assert take(note).outcome is Outcome.IGNORED
    assert sent.reach() == 1


def test_a_bounce_of_an_old_address_spares_the_new_one(sent):
    Delivery.objects.update(settled_at=NOW)
    audience.change_address(
        subscriber_id=sent.subscriber_id,
        address="ann@new.example",
        evidence=Evidence(),
        now=NOW,
    )
    audience.answer_requests(now=NOW)
    asked = people.letters_waiting()[0]
    request = audience.confirm(
        subscriber_id=asked.subscriber_id,
        request_id=last_request(),
        evidence=Evidence(),
        now=NOW + timedelta(hours=1),
    )

    heard = take(a_bounce(sent.bounce), now=NOW + timedelta(hours=2))

    assert request.moved
    assert heard.outcome is Outcome.NOTED
    assert sent.reach() == 1


def last_request():
    from mailer.audience.models import SignUpRequest  # noqa: PLC0415

    return SignUpRequest.objects.latest("pk").pk


def test_no_address_is_kept_of_what_comes_back(sent):
    take(a_bounce(sent.bounce))

    assert "a.example" not in str(list(HeardReport.objects.values()))
    assert queries.recent()[0].status == "5.1.1"
    assert queries.counts(run_id=sent.run.pk) == {"suppressed": 1}


def test_old_reports_are_forgotten(sent):
    take(a_bounce(sent.bounce))

    assert feedback.tidy(now=NOW + timedelta(days=89)) == 0
    assert feedback.tidy(now=NOW + timedelta(days=91)) == 1


@pytest.fixture
def maildir(settings, tmp_path):
    settings.BOUNCE_MAILDIR = tmp_path
    (tmp_path / "new").mkdir()
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_the_maildir_is_read_and_what_is_not_ours_is_kept_aside(sent, maildir):
    (maildir / "new" / "1.M1.mx").write_bytes(a_bounce(sent.bounce))
    (maildir / "new" / "2.M2.mx").write_bytes(b"\x00\x01 rubbish")
    (maildir / "new" / "3.M3.mx").write_bytes(a_mail("editor@causeway.example"))

    counts = feedback.hear(now=NOW)

    assert counts == {Outcome.SUPPRESSED: 1, Outcome.SET_ASIDE: 2}
    assert names(maildir / "new") == []
    assert names(maildir / "cur") == ["1.M1.mx:2,S"]
    assert names(maildir / ".Set-aside" / "cur") == ["2.M2.mx:2,S", "3.M3.mx:2,S"]


def test_what_waits_is_counted_with_its_age(maildir):
    (maildir / "new" / "1.M1.mx").write_bytes(b"x")

    waiting = queries.waiting()

    assert waiting.messages == 1
    assert waiting.oldest_at is not None


def test_without_a_maildir_there_is_nothing_to_hear(settings):
    settings.BOUNCE_MAILDIR = None

    assert not feedback.hear(now=NOW)
    assert queries.waiting().messages == 0


def test_a_maildir_that_is_not_there_yet_is_no_fault(settings, tmp_path):
    settings.BOUNCE_MAILDIR = tmp_path / "later"

    assert not feedback.hear(now=NOW)


def test_the_command_says_what_was_made_of_a_file(sent, tmp_path):
    file = tmp_path / "bounce.eml"
    file.write_bytes(a_bounce(sent.bounce))
    out = io.StringIO()

    call_command("take_report", str(file), "--json", stdout=out)

    told = json.loads(out.getvalue())
    assert (told["outcome"], told["run"]) == ("suppressed", sent.run.pk)


def test_the_command_refuses_a_file_that_is_no_report(tmp_path):
    file = tmp_path / "x.eml"
    file.write_bytes(b"rubbish")

    with pytest.raises(CommandError, match="has no headers") as refusal:
        call_command("take_report", str(file))

    assert refusal.value.returncode == 2
