"""Write down what somebody agreed to or took back. Rows are added and never changed."""

import ipaddress
from collections.abc import Iterable
from datetime import datetime

from mailer.audience.consent import Evidence, Happened, wording_hash
from mailer.audience.models import ConsentRecord, Wording

LONGEST_USER_AGENT = 300


def write_down(  # noqa: PLR0913  a record has this many parts
    *,
    subscriber_id: int,
    what: Happened,
    evidence: Evidence,
    now: datetime,
    newsletter_ids: Iterable[int] = (),
    request_id: int | None = None,
    detail: str = "",
) -> None:
    """Add one record for each newsletter, or one about none of them."""
    wording = keep_wording(evidence.wording)
    about: list[int | None] = [*newsletter_ids] or [None]
    ConsentRecord.objects.bulk_create(
        ConsentRecord(
            subscriber_id=subscriber_id,
            newsletter_id=newsletter_id,
            what=what,
            at=now,
            recorded_at=now,
            wording_id=wording,
            form=evidence.form,
            channel=evidence.channel,
            ip=_ip(evidence.ip),
            user_agent=_plain(evidence.user_agent),
            request_id=request_id,
            detail=detail,
        )
        for newsletter_id in about
    )


def keep_wording(text: str) -> str:
    """Keep a wording once and return its hash."""
    text = text.replace("\x00", "")
    found = wording_hash(text)
    Wording.objects.bulk_create([Wording(hash=found, text=text)], ignore_conflicts=True)
    return found


def _ip(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None  # behind a socket, or a proxy said nonsense: evidence stays whole


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:LONGEST_USER_AGENT]
