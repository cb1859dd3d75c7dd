"""Whose fault a bounce is. Texts are made up after the forms that servers use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.feedback.diagnosis import diagnose
from mailer.feedback.report import Recipient
from mailer.kernel.blame import Blame


def blame(status, diagnostic="", action="failed"):
    return diagnose([Recipient(action, status, diagnostic)]).blame


@pytest.mark.parametrize(
    ("status", "diagnostic"),
    [
        ("5.1.1", "smtp; 550 5.1.1 The account does not exist"),
        ("5.1.1", "smtp;550 5.1.1 <spam@policy.example>: User unknown"),
        ("5.1.10", "smtp; 550 5.1.10 Recipient not found"),
        ("5.2.1", "smtp; 550 5.2.1 This account is closed"),
        ("5.0.0", "smtp; 550 5.1.1 no such user"),
        ("5.0.0", "smtp; 550 Unknown user"),
        (
            "5.0.0",
            "smtp; 554 delivery error: This user doesn't have a a.example account",
        ),
        ("", "smtp; 550 No such mailbox"),
        ("5.1.0", "smtp; 550 user unknown"),
    ],
)
def test_a_mailbox_that_is_not_there_is_the_addresss_fault(status, diagnostic):
    assert blame(status, diagnostic) is Blame.ADDRESS


@pytest.mark.parametrize(
    ("status", "diagnostic"),
    [
        ("5.7.1", "smtp; 554 5.7.1 blocked using zen.spamhaus.org"),
        ("5.1.1", "smtp; 550 5.1.1 rejected: your IP is on our blocklist"),
        ("5.0.0", "smtp; 550 User unknown or message looks like spam"),
        ("5.7.26", "smtp; 550 5.7.26 unauthenticated mail is not accepted: DMARC"),
        ("5.7.515", "smtp; 550 5.7.515 Access denied"),
        ("5.7.0", ""),
        ("5.5.1", "smtp; 503 bad sequence of commands"),
        ("5.6.0", "smtp; 554 message not RFC 5322 compliant"),
        ("5.3.4", "smtp; 552 5.3.4 message too big"),
        ("5.2.3", "smtp; 552 5.2.3 too big"),
        ("5.0.0", "smtp; 550 Requested action not taken: mailbox unavailable"),
        ("5.0.0", ""),
        ("", ""),
        ("nonsense", "nonsense"),
    ],
)
def test_reputation_policy_and_riddles_are_ours(status, diagnostic):
    assert blame(status, diagnostic) is Blame.US


@pytest.mark.parametrize(
    ("status", "diagnostic", "whose"),
    [
        ("5.2.2", "smtp; 552 5.2.2 over quota", Blame.MAILBOX_FULL),
        ("4.2.2", "", Blame.MAILBOX_FULL),
        ("5.0.0", "smtp; 550 mailbox is full", Blame.MAILBOX_FULL),
        ("4.4.7", "smtp; delivery time expired", Blame.RECEIVER),
        ("4.1.1", "smtp; 450 4.1.1 user unknown for now", Blame.RECEIVER),
        ("4.0.0", "smtp; 450 user unknown", Blame.RECEIVER),
        ("5.4.4", "X-Postfix; Name or service not known", Blame.DOMAIN),
        ("5.1.2", "X-Postfix; Host or domain name not found", Blame.DOMAIN),
        ("5.0.0", "Host not found", Blame.DOMAIN),
    ],
)
def test_what_may_pass_is_counted(status, diagnostic, whose):
    assert blame(status, diagnostic) is whose


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", ""])
def test_only_a_failure_is_anybodys_fault(action):
    assert blame("5.1.1", "smtp; 550 5.1.1 user unknown", action) is Blame.NOBODY


def test_one_member_who_is_gone_does_not_silence_a_group():
    gone = Recipient("failed", "5.1.1", "smtp; 550 5.1.1 user unknown")
    there = Recipient("relayed", "2.0.0", "")

    assert diagnose([gone, there]).blame is Blame.NOBODY
    assert diagnose([gone, gone]).blame is Blame.ADDRESS


@given(st.text(max_size=80), st.text(max_size=200), st.sampled_from(["failed", "x"]))
def test_law_any_words_get_an_answer(status, diagnostic, action):
    assert blame(status, diagnostic, action) in Blame


@given(
    code=st.tuples(st.just(5), st.integers(0, 9), st.integers(0, 99)),
    words=st.sampled_from(["blocked", "spam", "listed", "policy", "reputation"]),
)
def test_law_words_about_us_never_silence_a_reader(code, words):
    status = ".".join(map(str, code))

    assert blame(status, f"smtp; 550 {status} user unknown, {words}") is Blame.US
