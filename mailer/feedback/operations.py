"""Hear what comes back: bounces, complaints, and people who leave by mail.

Nothing here ever answers a mail (RFC 3834 §2), and each report counts once.
"""

import hashlib
import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import transaction

from mailer.audience import operations as audience
from mailer.audience.consent import Evidence, How
from mailer.delivery import operations as sending
from mailer.delivery import queries as delivery
from mailer.delivery import verp
from mailer.delivery.progress import DeliveryView
from mailer.feedback.diagnosis import Diagnosis, diagnose
from mailer.feedback.maildir import Maildir
from mailer.feedback.models import HeardReport
from mailer.feedback.report import Kind, NotAReport, Report, read_report
from mailer.kernel.blame import Blame

log = logging.getLogger(__name__)

A_LOOK = 500  # messages of a Maildir; the next bell takes the rest
FORGET_AFTER = timedelta(days=90)
COMPLAINTS = {"abuse"}  # RFC 5965 §7.3; fraud and virus are about the mail
LEAVING = {"opt-out", "opt-out-list"}


class Outcome(StrEnum):
    """What was made of a mail. Values are stored: never renamed."""

    SUPPRESSED = "suppressed"
    NOTED = "noted"  # a failure that passes, or one of our own making
    LEFT = "left"
    IGNORED = "ignored"  # out of office, delayed, "not spam"
    DOUBLED = "doubled"
    SET_ASIDE = "set_aside"  # not about a mail of ours, or not readable


@dataclass(frozen=True, slots=True)
class Heard:
    """What was made of one mail, and why in words."""

    outcome: Outcome
    why: str
    kind: Kind | None = None
    run_id: int | None = None
    position: int | None = None
    blame: Blame | None = None


def take_report(*, raw: bytes, now: datetime) -> Heard:
    """Take in one mail that came back. Never raises for what it says."""
    try:
        report = read_report(raw)
    except NotAReport as fault:
        return _aside(str(fault))
    if report.kind is Kind.OTHER:
        return _aside("is no report we can read", report.kind)
    about = _about(report)
    if about is None:
        return _aside("names no mail of ours", report.kind)
    with transaction.atomic():
        heard = _take(report, raw, about, now)
    log.info(
        "feedback.heard kind=%s outcome=%s run=%s position=%s blame=%s",
        *(heard.kind, heard.outcome, heard.run_id, heard.position, heard.blame),
    )
    return heard


def hear(*, now: datetime) -> Counter[Outcome]:
    """Read the Maildir of bounces, if there is one; return what was made of them.

    A mail is marked as read once it is written down. What is not about a mail of ours
    is kept aside.
    """
    counts: Counter[Outcome] = Counter()
    if settings.BOUNCE_MAILDIR is None:
        return counts
    maildir = Maildir(settings.BOUNCE_MAILDIR)
    for name, raw in maildir.unread(A_LOOK):
        heard = take_report(raw=raw, now=now)
        if heard.outcome is Outcome.SET_ASIDE:
            maildir.set_aside(name)
        else:
            maildir.read(name)
        counts[heard.outcome] += 1
    return counts


def tidy(*, now: datetime) -> int:
    """Forget reports nobody asks about any more; return how many."""
    old = HeardReport.objects.filter(heard_at__lt=now - FORGET_AFTER)
    return old.delete()[0]


def _aside(why: str, kind: Kind | None = None) -> Heard:
    log.info("feedback.set_aside why=%s", why)
    return Heard(Outcome.SET_ASIDE, why, kind)


def _about(report: Report) -> DeliveryView | None:
    """Return the delivery that a report is about, by an address with our seal."""
    for address in report.addresses:
        returned = verp.read(address, settings.TOKEN_KEYS)
        if returned is not None:
            return delivery.delivery_of(returned.run_id, returned.position)
    return None


def _take(report: Report, raw: bytes, about: DeliveryView, now: datetime) -> Heard:
    found = _diagnosis(report)
    row, new = HeardReport.objects.get_or_create(
        key=_key(report, raw, about),
        defaults={
            "heard_at": now,
            "kind": report.kind,
            "outcome": Outcome.NOTED,
            "run_id": about.run_id,
            "position": about.position,
            "subscriber_id": about.subscriber_id,
            "blame": found.blame,
            "status": found.status,
        },
    )
    outcome, why = Outcome.DOUBLED, "was heard before"
    if new:
        outcome, why = _act(report.kind, found, about, now)
        if found.blame in {Blame.ADDRESS, Blame.READER}:
            sending.heard_back(
                run_id=about.run_id,
                position=about.position,
                is_complaint=found.blame is Blame.READER,
                now=now,
            )
        row.outcome = outcome
        row.save(update_fields=["outcome"])
    return Heard(outcome, why, report.kind, about.run_id, about.position, found.blame)


def _diagnosis(report: Report) -> Diagnosis:
    if report.kind is Kind.BOUNCE:
        return diagnose(report.recipients)
    if report.kind is Kind.COMPLAINT and report.feedback_type in COMPLAINTS:
        return Diagnosis(Blame.READER, report.feedback_type)
    return Diagnosis(Blame.NOBODY, report.feedback_type)


def _act(
    kind: Kind, found: Diagnosis, about: DeliveryView, now: datetime
) -> tuple[Outcome, str]:
    """Do what a report asks for; return the outcome and why, in words."""
    if kind is Kind.LEAVE or found.status in LEAVING:
        if not about.newsletter_id:
            return Outcome.IGNORED, "the mail was of no newsletter"
        audience.unsubscribe(
            subscriber_id=about.subscriber_id,
            newsletter_id=about.newsletter_id,
            how=How.MAIL,
            evidence=Evidence(form=kind, channel="mail"),
            now=now,
        )
        return Outcome.LEFT, "left the newsletter by mail"
    if found.blame is Blame.NOBODY:
        return Outcome.IGNORED, "nothing failed for good"
    reason = audience.hear(
        subscriber_id=about.subscriber_id,
        blame=found.blame,
        evidence_text=f"{kind} {found.status}",
        sent_at=about.settled_at,
        now=now,
    )
    if reason is not None:
        return Outcome.SUPPRESSED, f"the address is left alone: {reason}"
    return Outcome.NOTED, f"blamed on: {found.blame}"


def _key(report: Report, raw: bytes, about: DeliveryView) -> bytes:
    """Return what makes a report the same report: its Message-ID and its subject."""
    name = report.message_id.encode() or raw
    whose = f"{about.run_id}:{about.position}:{report.kind}:".encode()
    return hashlib.sha256(whose + name).digest()
