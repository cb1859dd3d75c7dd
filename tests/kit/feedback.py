"""Builders for what comes back: bounces, complaints, notes."""

from datetime import UTC, datetime

HOST = "bounce.news.causeway.example"


def a_bounce(  # noqa: PLR0913  the fields of a report
    to: str,
    *,
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 User unknown",
    action: str = "failed",
    message_id: str = "<1@mx.a.example>",
    recipients: int = 1,
    returned: str = "",
) -> bytes:
    """Return a bounce as RFC 3464 has it, sent to one of our addresses."""
    block = (
        "Final-Recipient: rfc822; ann@a.example\n"
        f"Action: {action}\nStatus: {status}\nDiagnostic-Code: {diagnostic}\n\n"
    )
    return _crlf(
        f"""Return-Path: <>
Delivered-To: {to}
From: Mail Delivery System <MAILER-DAEMON@mx.a.example>
To: {to}
Message-ID: {message_id}
Auto-Submitted: auto-replied
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

This is the mail system at host mx.a.example.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.a.example

{block * recipients}--b1
Content-Type: text/rfc822-headers

Return-Path: {returned or f"<{to}>"}
Subject: Morning digest

--b1--
"""
    )


def a_complaint(about: str, *, kind: str = "abuse") -> bytes:
    """Return a complaint as RFC 5965 has it; it quotes one of our mails."""
    return _crlf(
        f"""From: <fbl@provider.example>
To: <complaints@news.causeway.example>
Message-ID: <c1@provider.example>
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b1"

--b1
Content-Type: text/plain

This is a complaint.

--b1
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1

--b1
Content-Type: message/rfc822

Return-Path: <{about}>
From: The Causeway <digest@news.causeway.example>
Subject: Morning digest
Content-Type: multipart/alternative; boundary="b2"

--b2
Content-Type: text/plain

Good morning.
--b2--

--b1--
"""
    )


def a_mail(to: str, *, headers: str = "", body: str = "unsubscribe") -> bytes:
    """Return an ordinary mail to one of our addresses."""
    return _crlf(
        f"From: Ann <ann@a.example>\nTo: <{to}>\nMessage-ID: <m1@a.example>\n"
        f"{headers}\n{body}\n"
    )


def _crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
