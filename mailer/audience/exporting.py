"""Write the list out, in the columns that an import reads: a way out for everybody."""

import csv
from collections.abc import Iterator
from typing import Protocol

from django.db import connection, transaction

from mailer.audience.subscriberfile import escaped

HEADER = (
    *("email", "newsletters", "left", "place", "language", "tier", "hour"),
    *("time_zone", "subscribed_at", "consent", "suppressed"),
)
AT_ONCE = 2_000  # rows held in memory

# The consent that counts is the latest one given. Paused ones are subscribed.
PEOPLE = """
SELECT s.address_shown,
       coalesce(string_agg(n.slug, ' ' ORDER BY n.id)
                FILTER (WHERE u.state IN ('active', 'paused')), ''),
       coalesce(string_agg(n.slug, ' ' ORDER BY n.id)
                FILTER (WHERE u.state = 'left'), ''),
       coalesce(s.place_code, ''), s.language, s.tier, s.hour,
       s.time_zone,
       min(u.since) FILTER (WHERE u.state IN ('active', 'paused')),
       (SELECT w.text FROM audience_consentrecord r
          JOIN audience_wording w ON w.hash = r.wording_hash
         WHERE r.subscriber_id = s.id AND r.what IN ('confirmed', 'imported', 'chose')
           AND r.newsletter_id IS NOT NULL
         ORDER BY r.id DESC LIMIT 1),
       (SELECT q.reason FROM audience_suppression q WHERE q.mark = s.mark)
  FROM audience_subscriber s
  JOIN audience_subscription u ON u.subscriber_id = s.id AND u.state <> 'pending'
  JOIN audience_newsletter n ON n.id = u.newsletter_id
 WHERE s.state <> 'erased' {narrowed}
 GROUP BY s.id
 ORDER BY s.id
"""


class Writable(Protocol):
    """Whatever takes text."""

    def write(self, text: str, /) -> object:
        """Take a piece of text."""


def write_subscribers(*, file: Writable, newsletter_id: int | None = None) -> int:
    """Write everybody, or who is on one newsletter, as CSV; return how many.

    Who left or is suppressed is among them and marked so: an import elsewhere must
    know. No cell can be taken for a formula.
    """
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(HEADER)
    written = 0
    for row in _people(newsletter_id):
        writer.writerow([escaped(cell) for cell in row])
        written += 1
    return written


def _people(newsletter_id: int | None) -> Iterator[list[str]]:
    narrowed, values = "", []
    if newsletter_id is not None:
        narrowed, values = "AND u.newsletter_id = %s", [newsletter_id]
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(PEOPLE.format(narrowed=narrowed), values)
        while rows := cursor.fetchmany(AT_ONCE):
            for *texts, hour, time_zone, since, consent, suppressed in rows:
                yield [
                    *texts,
                    "" if hour is None else str(hour),
                    time_zone,
                    since.isoformat() if since else "",
                    consent or "",
                    suppressed or "",
                ]
