"""Who receives mail for domains that no table knows: asked in the DNS, kept for a day.

A domain is noted where somebody with it comes: a sign-up, an import. Upkeep looks up
what is due, never more than some, and lets the subscribers follow; nobody waits for it.
A domain nobody has any more is forgotten: it may be a person's name.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import connection

from mailer.audience.exchangers import exchangers_of
from mailer.audience.models import MailDomain
from mailer.audience.providers import OTHER, provider_behind, provider_of

KEPT_FOR = timedelta(hours=24)
AGAIN_AFTER = timedelta(hours=1)  # where nobody could say
A_LOOK = 100  # domains; the slowest DNS keeps them for 15 s

LookUp = Callable[[Iterable[str]], dict[str, tuple[str, ...] | None]]

log = logging.getLogger(__name__)

# Domains whose people have all gone, erased or moved.
FORGET = """
DELETE FROM mail_domain m
 WHERE m.name = ANY(%(names)s)
   AND NOT EXISTS (SELECT FROM audience_subscriber s
                    WHERE split_part(s.address, '@', 2) = m.name)
"""
FOLLOW = """
UPDATE audience_subscriber s SET provider_id = m.provider_id
  FROM mail_domain m
 WHERE m.name = ANY(%(names)s) AND split_part(s.address, '@', 2) = m.name
   AND s.provider_id <> m.provider_id
"""


def provider_for(domain: str, *, now: datetime) -> int:
    """Return who receives mail for a domain, as far as we know; note it if we don't."""
    known = provider_of(domain)
    if known != OTHER:
        return known
    row, _ = MailDomain.objects.get_or_create(name=domain, defaults={"due_at": now})
    return row.provider_id


def look_up(*, now: datetime, ask: LookUp = exchangers_of) -> int:
    """Ask the DNS for the domains that are due; return how many subscribers moved."""
    due = MailDomain.objects.filter(due_at__lte=now).order_by("due_at")
    names = list(due.values_list("name", flat=True)[:A_LOOK])
    if not names:
        return 0
    _run(FORGET, names)
    rows = MailDomain.objects.in_bulk(names)
    for name, hosts in ask(rows).items():
        row = rows[name]
        row.due_at = now + (AGAIN_AFTER if hosts is None else KEPT_FOR)
        if hosts is not None:
            row.provider_id = provider_behind(hosts)
    MailDomain.objects.bulk_update(rows.values(), ["due_at", "provider_id"])
    moved = _run(FOLLOW, names)
    log.info("audience.domains.looked_up domains=%s moved=%s", len(rows), moved)
    return moved


def _run(statement: str, names: list[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"names": names})
        return int(cursor.rowcount)
