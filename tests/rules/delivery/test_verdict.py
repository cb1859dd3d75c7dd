"""What replies mean: the table, and the guards around whom to blame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery.phrases import PHRASES, Signal
from mailer.delivery.reply import Reply, Stage, not_sent, reply_of, unsendable
from mailer.delivery.verdict import Outcome, judge
from mailer.kernel.blame import Blame

ACCEPTED, REFUSED, DEFERRED = Outcome.ACCEPTED, Outcome.REFUSED, Outcome.DEFERRED


@pytest.mark.parametrize(
    ("said", "outcome", "blame"),
    [
        ("250 2.0.0 Ok", ACCEPTED, Blame.NOBODY),
        ("250 Ok", ACCEPTED, Blame.NOBODY),
        ("421 4.3.2 Closing", DEFERRED, Blame.RELAY),
        ("454 4.7.0 Throttling failure", DEFERRED, Blame.RELAY),
        ("450 4.2.0 Greylisted", DEFERRED, Blame.RECEIVER),
        ("451 4.7.1 Greylisted, come back later", DEFERRED, Blame.RECEIVER),
        ("451 4.3.0 Mail server temporarily rejected", DEFERRED, Blame.RECEIVER),
        ("451 4.4.1 Time-out", DEFERRED, Blame.RECEIVER),
        ("450 4.1.2 Domain not found", DEFERRED, Blame.DOMAIN),
        ("450 4.1.1 Not checked yet", DEFERRED, Blame.RECEIVER),
        ("450 Busy", DEFERRED, Blame.RECEIVER),
        ("451 Error", DEFERRED, Blame.RECEIVER),
        ("452 Full", DEFERRED, Blame.RECEIVER),
        ("452 4.2.2 Over quota", DEFERRED, Blame.MAILBOX_FULL),
        ("552 5.2.2 Over quota", REFUSED, Blame.MAILBOX_FULL),
        ("550 5.1.1 Unknown", REFUSED, Blame.ADDRESS),
        ("550 5.1.3 Bad syntax", REFUSED, Blame.ADDRESS),
        ("550 5.1.6 Moved", REFUSED, Blame.ADDRESS),
        ("550 5.1.10 Null MX", REFUSED, Blame.ADDRESS),
        ("556 No mail here", REFUSED, Blame.ADDRESS),
        ("550 5.2.1 Disabled", REFUSED, Blame.ADDRESS),
        ("450 4.2.1 Receiving too fast", DEFERRED, Blame.RECEIVER),
        ("550 5.1.2 Domain not found", REFUSED, Blame.DOMAIN),
        ("550 5.4.4 No route", REFUSED, Blame.DOMAIN),
        ("550 5.7.1 Blocked by a list", DEFERRED, Blame.US),
        ("550 5.7.515 Not authenticated", DEFERRED, Blame.US),
        ("421 4.7.28 Too many", DEFERRED, Blame.RELAY),
        ("450 4.7.28 Too many", DEFERRED, Blame.US),
        ("552 5.3.4 Too big", REFUSED, Blame.US),
        ("552 5.2.3 Too big", REFUSED, Blame.US),
        ("550 5.1.8 Bad sender", REFUSED, Blame.US),
        ("503 5.5.1 Bad sequence", DEFERRED, Blame.US),
        ("550 No", REFUSED, Blame.US),
        ("554 No", REFUSED, Blame.US),
        ("499 What", DEFERRED, Blame.US),
        ("354 Go on", DEFERRED, Blame.US),
    ],
)
@pytest.mark.parametrize("stage", [Stage.DOT])
def test_the_table_of_replies(said, outcome, blame, stage):
    verdict = judge(reply_of(int(said[:3]), said[4:], stage=stage))

    assert (verdict.outcome, verdict.blame) == (outcome, blame)


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.DATA])
def test_a_refusal_that_names_no_recipient_never_blames_one(stage):
    verdict = judge(Reply(550, (5, 1, 1), "Unknown", stage))

    assert (verdict.outcome, verdict.blame) == (DEFERRED, Blame.US)


def test_a_message_too_big_for_the_relay_is_not_tried_again():
    assert judge(Reply(552, (5, 3, 4), "", Stage.MAIL)).outcome is REFUSED


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA])
def test_only_an_answer_to_the_whole_message_accepts_it(stage):
    assert judge(Reply(250, (2, 0, 0), "Ok", stage)).outcome is DEFERRED


@pytest.mark.parametrize("detail", [121, 122])
def test_a_mailbox_that_had_its_mail_of_the_hour_gets_ours_later(detail):
    verdict = judge(Reply(550, (5, 2, detail), "exceeded", Stage.RCPT))

    assert (verdict.outcome, verdict.blame) == (DEFERRED, Blame.RECEIVER)


def test_what_was_not_sent_is_tried_again_and_blames_the_relay():
    verdict = judge(not_sent("the line broke"))

    assert (verdict.outcome, verdict.blame) == (DEFERRED, Blame.RELAY)


def test_an_address_that_cannot_be_written_is_refused_and_blamed():
    verdict = judge(unsendable("not a valid address", (5, 1, 3)))

    assert (verdict.outcome, verdict.blame) == (REFUSED, Blame.ADDRESS)


def test_a_message_that_we_do_not_send_for_its_size_is_our_fault():
    verdict = judge(unsendable("too big", (5, 3, 4)))

    assert (verdict.outcome, verdict.blame) == (REFUSED, Blame.US)


SLOWER, DISTRUST, NONE = Signal.SLOWER, Signal.DISTRUST, Signal.NONE


@pytest.mark.parametrize(
    ("said", "outcome", "signal"),
    [
        ("421 4.7.28 Gmail has detected an unusual rate of mail", DEFERRED, SLOWER),
        ("550 5.7.28 There is an unusual rate of unsolicited mail", DEFERRED, DISTRUST),
        ("421 4.7.26 rate limited because it is unauthenticated", DEFERRED, DISTRUST),
        ("550 5.7.26 Gmail requires to authenticate with SPF", DEFERRED, DISTRUST),
        ("421 4.7.0 very low reputation of the sending domain", DEFERRED, SLOWER),
        ("450 4.2.1 is receiving mail at a rate that prevents", DEFERRED, NONE),
        ("421 4.7.0 [TSS04] temporarily deferred due to unexpected volume",
         DEFERRED, SLOWER),
        ("553 5.7.2 [TSS09] will be permanently deferred", DEFERRED, DISTRUST),
        ("421 4.7.1 [TS03] All messages permanently deferred", DEFERRED, DISTRUST),
        ("554 delivery error: dd This user doesn't have a yahoo.com account",
         REFUSED, NONE),
        ("451 4.7.650 temporarily rate limited due to IP reputation. (S775)",
         DEFERRED, SLOWER),
        ("550 5.7.1 part of their network is on our block list (S3140)",
         DEFERRED, DISTRUST),
        ("550 5.7.515 domain does not meet the required authentication level",
         DEFERRED, DISTRUST),
        ("550 5.7.515 domain doesn't meet the required authentication level",
         DEFERRED, DISTRUST),
        ("550 5.7.12 Sender was not authenticated by organization", REFUSED, NONE),
        ("550 5.7.133 sender not authenticated for group", REFUSED, NONE),
        ("550 5.7.135 not authenticated for public folder", REFUSED, NONE),
        ("550 5.7.136 Sender was not authenticated", REFUSED, NONE),
        ("421 4.7.1 Messages deferred due to excessive volume", DEFERRED, SLOWER),
        ("550 5.7.1 [CS01] Message rejected due to local policy", DEFERRED, DISTRUST),
        ("421 4.1.0 RL000001 Throttled", DEFERRED, SLOWER),
        ("421 Too many connections, slow down. LPN105_104", DEFERRED, SLOWER),
        ("454 4.7.0 Throttling failure", DEFERRED, SLOWER),
        ("450 4.7.1 Error: too much mail from 192.0.2.1", DEFERRED, SLOWER),
        ("450 4.7.1 Error: too many recipients from 192.0.2.1", DEFERRED, SLOWER),
        ("452 4.5.3 Error: too many recipients", DEFERRED, NONE),
        ("554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org",
         DEFERRED, DISTRUST),
        ("451 4.7.1 Greylisted, come back later", DEFERRED, NONE),
        ("451 4.7.1 Come back later", DEFERRED, NONE),
        ("451 4.7.500 Later", DEFERRED, SLOWER),
        ("421 4.4.2 Time-out", DEFERRED, NONE),
        ("421 Closing", DEFERRED, SLOWER),
        ("550 5.7.1 Blocked", DEFERRED, DISTRUST),
        ("550 No", REFUSED, NONE),
        ("452 4.2.2 Over quota", DEFERRED, NONE),
    ],
)  # fmt: skip
def test_what_a_reply_says_about_its_lane(said, outcome, signal):
    verdict = judge(reply_of(int(said[:3]), said[4:]))

    assert (verdict.outcome, verdict.signal) == (outcome, signal)


@pytest.mark.parametrize(
    "cause",
    [
        "Error: open resolver; https://check.spamhaus.org/returnc/pub/192.0.2.9/",
        "https://www.spamhaus.org/returnc/vol/",
        "Error: open resolver",
    ],
)
def test_a_receiver_that_cannot_ask_a_block_list_does_not_find_fault_with_us(cause):
    words = f"Client host [192.0.2.1] blocked using zen.spamhaus.org; {cause}"

    verdict = judge(reply_of(554, f"5.7.1 Service unavailable; {words}"))

    assert (verdict.outcome, verdict.blame) == (DEFERRED, Blame.RECEIVER)
    assert verdict.signal is NONE


@pytest.mark.parametrize("code", [421, 550])
def test_mail_that_came_without_tls_is_not_said_to_lack_authentication(code):
    words = "rate limited because this message wasn't sent over a TLS connection. "
    words += "Gmail requires all bulk email senders to use TLS/SSL for SMTP."

    verdict = judge(reply_of(code, f"{code // 100}.7.29 Your email has been {words}"))

    assert verdict.signal is DISTRUST
    assert "TLS" in verdict.reason


def test_words_before_the_recipient_was_named_blame_no_recipient():
    words = "dd This user doesn't have a yahoo.com account"

    verdict = judge(Reply(554, None, words, Stage.MAIL))

    assert (verdict.outcome, verdict.blame) == (DEFERRED, Blame.US)


@given(phrase=st.sampled_from(PHRASES), stage=st.sampled_from(Stage))
def test_law_words_with_a_4_are_never_final_and_their_reason_quotes_no_server(
    phrase, stage
):
    verdict = judge(Reply(450, None, f"ann@a.example {phrase.words}", stage))

    assert verdict.outcome is DEFERRED
    assert "ann" not in verdict.reason


def test_an_enhanced_code_of_another_class_is_not_believed():
    assert reply_of(450, "5.1.1 Unknown").enhanced is None


def test_a_number_in_the_text_is_no_enhanced_code():
    assert reply_of(550, "10.5.1.1 is blocked").enhanced is None


codes = st.integers(200, 599)
details = st.none() | st.tuples(st.integers(0, 9), st.integers(0, 60))


@given(code=codes, detail=details, stage=st.sampled_from(Stage))
def test_law_every_reply_has_a_verdict_and_reasons_quote_no_server(code, detail, stage):
    enhanced = None if detail is None else (code // 100, *detail)

    verdict = judge(Reply(code, enhanced, "ann@a.example is secret", stage))

    assert verdict.outcome in Outcome
    assert "ann" not in verdict.reason
    assert bool(verdict.reason) == (verdict.outcome is not ACCEPTED)


@given(code=codes, detail=details, stage=st.sampled_from(Stage))
def test_law_an_address_is_blamed_only_for_good_and_by_a_code_that_names_it(
    code, detail, stage
):
    enhanced = None if detail is None else (code // 100, *detail)

    verdict = judge(Reply(code, enhanced, "", stage))

    named = {(1, 1), (1, 3), (1, 6), (1, 10), (2, 1)}
    is_named = detail in named or (detail is None and code == 556)
    is_about_it = stage in {Stage.RCPT, Stage.DOT} and code // 100 == 5
    assert (verdict.blame is Blame.ADDRESS) == (is_named and is_about_it)


@given(code=st.integers(200, 499), detail=details, stage=st.sampled_from(Stage))
def test_law_nothing_temporary_is_refused_for_good(code, detail, stage):
    enhanced = None if detail is None else (code // 100, *detail)

    assert judge(Reply(code, enhanced, "", stage)).outcome is not REFUSED
