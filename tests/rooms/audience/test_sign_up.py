"""Sign-up: one answer for everybody, double opt-in, evidence."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from mailer.audience import operations as audience
from mailer.audience import queries
from mailer.audience.address import BadAddress
from mailer.audience.consent import (
    Evidence,
    Happened,
    SubscriberState,
    SubscriptionState,
)
from mailer.audience.joining import LETTERS_A_DAY
from mailer.audience.letter import LetterKind
from mailer.audience.models import ConsentRecord, SignUpRequest, Subscriber
from mailer.audience.operations import NothingChosen, Outcome
from mailer.kernel.tokens import unseal
from tests.kit.audience import a_newsletter, a_place, a_reader_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
SHOWN = Evidence(
    wording="Sign up. We send one message first.",
    form="sign-up",
    ip="198.51.100.7",
    user_agent="Firefox",
)


def sign_up(address, *lists, now=NOW, place=""):
    audience.sign_up(
        address=address,
        newsletter_ids=[one.id for one in lists],
        place_code=place,
        evidence=Evidence(wording=SHOWN.wording, form="sign-up"),
        now=now,
    )
    audience.answer_requests(now=now)


def confirm(letter, settings, now=NOW):
    token = letter.data["url"].rpartition("/")[2]
    subscriber_id, request_id = unseal("confirm", token, settings.TOKEN_KEYS)
    return audience.confirm(
        subscriber_id=subscriber_id, request_id=request_id, evidence=SHOWN, now=now
    )


def test_nothing_is_sent_before_the_button_in_the_mail_is_pressed():
    digest = a_newsletter()

    sign_up("ann@a.example", digest)

    (letter,) = queries.letters_waiting()
    assert letter.kind is LetterKind.CONFIRM
    assert letter.data["newsletters"] == ["Morning digest"]
    assert queries.count_reach(newsletter_id=digest.id) == 0


def test_the_button_starts_the_newsletters_and_says_where_the_reader_lives(settings):
    digest, place = a_newsletter(), a_place("TAMBA")
    sign_up("ann@a.example", digest, place=place)
    (letter,) = queries.letters_waiting()

    done = confirm(letter, settings)

    assert done.outcome is Outcome.STARTED
    assert done.newsletter_ids == (digest.id,)
    assert queries.count_reach(newsletter_id=digest.id, place_code="TAMBA") == 1


def test_a_second_press_is_answered_kindly_and_changes_nothing(settings):
    digest = a_newsletter()
    sign_up("ann@a.example", digest)
    (letter,) = queries.letters_waiting()
    confirm(letter, settings)
    audience.unsubscribe(
        subscriber_id=letter.subscriber_id,
        newsletter_id=digest.id,
        how="page",
        evidence=SHOWN,
        now=NOW,
    )

    again = confirm(letter, settings)

    assert again.outcome is Outcome.ALREADY
    assert queries.count_reach(newsletter_id=digest.id) == 0


def test_a_confirmation_works_for_seven_days(settings):
    digest = a_newsletter()
    sign_up("ann@a.example", digest)
    (letter,) = queries.letters_waiting()

    late = confirm(letter, settings, now=NOW + timedelta(days=7, seconds=1))

    assert late.outcome is Outcome.EXPIRED
    assert queries.count_reach(newsletter_id=digest.id) == 0


def test_numbers_that_do_not_belong_together_confirm_nothing():
    digest = a_newsletter()
    sign_up("ann@a.example", digest)
    ben = a_reader_of(digest)

    done = audience.confirm(
        subscriber_id=ben.id,
        request_id=SignUpRequest.objects.get().pk,
        evidence=SHOWN,
        now=NOW,
    )

    assert done.outcome is Outcome.UNKNOWN


def test_who_gets_it_already_is_sent_a_link_instead():
    digest = a_newsletter()
    a_reader_of(digest, address="ann@a.example")

    sign_up("Ann@A.example", digest)

    (letter,) = queries.letters_waiting()
    assert letter.kind is LetterKind.LINK
    assert letter.data["already_on"] == ["Morning digest"]


def test_an_active_reader_confirms_a_further_newsletter_too():
    digest, business = a_newsletter(), a_newsletter()
    ann = a_reader_of(digest, address="ann@a.example")

    sign_up("ann@a.example", digest, business)

    assert [one.kind for one in queries.letters_waiting()] == [LetterKind.CONFIRM]
    assert queries.subscriber(ann.id).standing(business.id) == SubscriptionState.PENDING


def test_a_suppressed_address_gets_nothing():
    digest = a_newsletter()
    audience.suppress(address="ann@a.example", evidence=SHOWN, now=NOW)

    sign_up("ann@a.example", digest)

    assert queries.letters_waiting() == []
    assert Subscriber.objects.count() == 0


def test_nobodys_mailbox_is_bombed_through_the_form():
    digest = a_newsletter()

    for minute in range(5):
        sign_up("ann@a.example", digest, now=NOW + timedelta(minutes=minute))

    assert len(queries.letters_waiting()) == LETTERS_A_DAY


def test_the_day_after_a_lost_letter_can_be_asked_for_again():
    digest = a_newsletter()
    for minute in range(3):
        sign_up("ann@a.example", digest, now=NOW + timedelta(minutes=minute))

    sign_up("ann@a.example", digest, now=NOW + timedelta(hours=25))

    assert len(queries.letters_waiting()) == LETTERS_A_DAY + 1


def test_a_sign_up_does_the_same_work_for_every_address():
    digest = a_newsletter()
    a_reader_of(digest, address="known@a.example")
    left = a_reader_of(digest, address="left@a.example")
    audience.stop_everything(subscriber_id=left.id, evidence=SHOWN, now=NOW)
    audience.suppress(address="gone@a.example", evidence=SHOWN, now=NOW)
    work = []

    for who in ("new", "known", "left", "gone"):
        with CaptureQueriesContext(connection) as seen:
            audience.sign_up(
                address=f"{who}@a.example",
                newsletter_ids=[digest.id],
                evidence=Evidence(),
                now=NOW,
            )
        said = [q["sql"].replace(f"{who}@", "…@") for q in seen.captured_queries]
        work.append([sql for sql in said if "SAVEPOINT" not in sql])

    assert work[0]
    assert work == [work[0]] * 4


def test_each_consent_is_written_down_with_the_words_that_were_shown(settings):
    digest = a_newsletter()
    sign_up("ann@a.example", digest)
    (letter,) = queries.letters_waiting()
    confirm(letter, settings)

    records = queries.records_of(letter.subscriber_id)

    assert [r.what for r in records] == [Happened.ASKED, Happened.CONFIRMED]
    assert {r.wording for r in records} == {SHOWN.wording}
    assert {r.newsletter_id for r in records} == {digest.id}


def test_records_of_consent_can_neither_be_changed_nor_deleted():
    digest = a_newsletter()
    sign_up("ann@a.example", digest)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ConsentRecord.objects.update(what="confirmed")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ConsentRecord.objects.all().delete()


def test_nothing_chosen_means_nobody():
    with pytest.raises(NothingChosen, match="at least one"):
        sign_up("ann@a.example")


def test_an_archived_newsletter_cannot_be_joined():
    old = a_newsletter(archived=True)

    with pytest.raises(NothingChosen):
        sign_up("ann@a.example", old)


def test_what_is_no_address_is_refused_without_repeating_it():
    with pytest.raises(BadAddress) as refusal:
        sign_up("ann at a.example", a_newsletter())

    assert "ann" not in str(refusal.value)


def test_who_left_and_signs_up_anew_stays_left_until_the_button_is_pressed(settings):
    digest = a_newsletter()
    ann = a_reader_of(digest, address="ann@a.example", state=SubscriptionState.LEFT)
    sign_up("ann@a.example", digest)
    before = queries.subscriber(ann.id).standing(digest.id)
    (letter,) = queries.letters_waiting()

    confirm(letter, settings)

    after = queries.subscriber(ann.id).standing(digest.id)
    assert (before, after) == (SubscriptionState.LEFT, SubscriptionState.ACTIVE)


def test_who_complained_meanwhile_is_not_started(settings):
    digest = a_newsletter()
    sign_up("ann@a.example", digest)
    (letter,) = queries.letters_waiting()
    audience.suppress(address="ann@a.example", evidence=SHOWN, now=NOW)

    assert confirm(letter, settings).outcome is Outcome.STOPPED


def test_an_address_that_kept_failing_may_come_back_by_its_own_button(settings):
    digest = a_newsletter()
    ann = a_reader_of(digest, address="ann@a.example")
    for day in (0, 7, 14):
        audience.hear(
            subscriber_id=ann.id,
            blame="mailbox_full",
            evidence_text="5.2.2",
            now=NOW + timedelta(days=day),
        )
    stopped = queries.count_reach(newsletter_id=digest.id)
    later = NOW + timedelta(days=20)
    business = a_newsletter()
    sign_up("ann@a.example", business, now=later)
    (letter,) = queries.letters_waiting()

    confirm(letter, settings, now=later)

    assert stopped == 0
    assert queries.count_reach(newsletter_id=digest.id) == 1
    assert queries.count_reach(newsletter_id=business.id) == 1


def test_mails_move_to_a_new_address_when_its_own_mailbox_says_so(settings):
    digest = a_newsletter()
    ann = a_reader_of(digest, address="ann@old.example")
    audience.change_address(
        subscriber_id=ann.id, address="ann@new.example", evidence=SHOWN, now=NOW
    )
    audience.answer_requests(now=NOW)
    told = queries.letters_waiting()
    before = queries.subscriber(ann.id).address

    done = confirm(told[0], settings)

    assert [one.kind for one in told] == [LetterKind.ADDRESS_CHANGE] * 2
    assert told[1].subscriber_id == ann.id
    assert told[1].data["to"] == "a•••@new.example"
    assert before == "ann@old.example"
    assert (done.outcome, done.moved, done.subscriber_id) == (
        Outcome.STARTED,
        True,
        ann.id,
    )
    assert queries.subscriber(ann.id).address == "ann@new.example"
    assert queries.count_reach(newsletter_id=digest.id) == 1


def test_moving_to_an_address_of_ones_own_brings_its_newsletters_along(settings):
    digest, business = a_newsletter(), a_newsletter()
    ann = a_reader_of(digest, address="ann@old.example")
    other = a_reader_of(business, address="ann@new.example")
    audience.change_address(
        subscriber_id=ann.id, address="ann@new.example", evidence=SHOWN, now=NOW
    )
    audience.answer_requests(now=NOW)

    confirm(queries.letters_waiting()[0], settings)

    moved = queries.subscriber(ann.id)
    assert moved.standing(digest.id) == SubscriptionState.ACTIVE
    assert moved.standing(business.id) == SubscriptionState.ACTIVE
    assert queries.subscriber(other.id).state is SubscriberState.ERASED
    assert queries.subscriber_by_address("ann@old.example") is None
