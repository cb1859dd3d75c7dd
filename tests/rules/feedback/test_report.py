"""Reading what comes back."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailer.feedback.report import (
    LARGEST_BYTES,
    Kind,
    NotAReport,
    Recipient,
    read_report,
)
from tests.kit.feedback import a_bounce, a_complaint, a_mail

OURS = "b-aaaaaahaaaaaam-vlbkwtoffo@bounce.news.causeway.example"
LEAVE = "u-aaaaaahaaaaaam-u3gr24sbum@bounce.news.causeway.example"
OTHERS = "b-bbbbbbbbbbbbbb-cccccccccc@bounce.news.causeway.example"


def test_a_bounce_says_who_and_why():
    report = read_report(a_bounce(OURS))

    assert (report.kind, report.addresses[0]) == (Kind.BOUNCE, OURS)
    assert report.recipients == (
        Recipient("failed", "5.1.1", "smtp; 550 5.1.1 User unknown"),
    )


def test_whom_it_was_sent_to_counts_before_what_it_quotes():
    report = read_report(a_bounce(OURS, returned=f"<{OTHERS}>"))

    assert report.addresses == (OURS, OTHERS)


def test_an_address_in_the_text_of_a_mail_counts_for_nothing():
    report = read_report(a_mail("editor@news.causeway.example", body=f"see {OURS}"))

    assert report.addresses == ()


def test_a_complaint_is_about_the_mail_it_quotes():
    report = read_report(a_complaint(OURS))

    assert (report.kind, report.addresses) == (Kind.COMPLAINT, (OURS,))
    assert report.feedback_type == "abuse"


def test_a_mail_to_the_leaving_address_leaves():
    assert read_report(a_mail(LEAVE)).kind is Kind.LEAVE


def test_a_server_that_shouts_is_understood():
    report = read_report(a_mail(LEAVE.upper()))

    assert report.addresses == (LEAVE,)


def test_an_out_of_office_note_is_automatic():
    note = a_mail(OURS, headers="Auto-Submitted: auto-replied\n")

    assert read_report(note).kind is Kind.AUTOMATIC


def test_a_bounce_that_quotes_the_leaving_address_does_not_leave():
    quoting = a_bounce(OURS, returned=f"<{LEAVE}>")

    assert read_report(quoting).kind is Kind.BOUNCE


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "no headers"),
        (b"\x00\xff\xfe", "no headers"),
        (
            b"".join(
                b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n)
                for n in range(200)
            ),
            "too deeply",
        ),
        (
            a_bounce(OURS).replace(b"Action:", b"X-A:").replace(b"Status:", b"X-S:"),
            "names no recipient",
        ),
    ],
)
def test_what_tells_nothing_says_why(raw, why):
    with pytest.raises(NotAReport, match=why):
        read_report(raw)


def test_a_huge_mail_is_read_by_its_beginning():
    report = read_report(a_bounce(OURS) + b"x" * (3 * LARGEST_BYTES))

    assert report.recipients[0].status == "5.1.1"


@given(st.binary(max_size=400))
@example(b"Content-Type: multipart/report\n\n")
@example(b"Content-Type: message/delivery-status\n\n\n\n\n")
@example(b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n=")
@example(b"To: =?utf-8?b?\xff?= <\n\n")
def test_law_no_mail_brings_the_reader_down(raw):
    try:
        kind = read_report(raw).kind
    except NotAReport:
        kind = None

    assert kind is None or kind in Kind


@given(cut=st.integers(0, 1200), junk=st.binary(max_size=40))
def test_law_no_broken_bounce_brings_the_reader_down(cut, junk):
    raw = a_bounce(OURS)
    try:
        kind = read_report(raw[:cut] + junk + raw[cut:]).kind
    except NotAReport:
        kind = None

    assert kind is None or kind in Kind
