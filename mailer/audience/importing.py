"""Bring a list of subscribers in: in batches, as often as you like, the same result.

    new         was not known here
    changed     was known; a newsletter, place or tier was added
    unchanged   all of it was here already
    doubled     this file said it before
    left        had left what the row names, and stays so
    suppressed  is left alone, and stays so
    bad         cannot be taken; says why

Every row is exactly one of these. A dry run finds the same words and writes nothing.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import BinaryIO

from django.db import connection, transaction

from mailer.audience import marks, models
from mailer.audience.address import mark_of
from mailer.audience.providers import provider_of
from mailer.audience.subscriberfile import BadRow, Reading, Row

log = logging.getLogger(__name__)

BATCH = 10_000  # rows a transaction: a second or two


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DOUBLED = "doubled"
    LEFT = "left"
    SUPPRESSED = "suppressed"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Taken:
    """One row of the file and what became of it; why only for bad ones."""

    line: int
    fate: Fate
    address: str
    column: str = ""
    why: str = ""


BEGIN = """
CREATE TEMP TABLE import_row (line bigint, address text, shown text, key text,
    mark bytea, provider_id smallint, language text, place_code text, tier text,
    hour smallint, time_zone text, newsletter_ids int[], left_ids int[],
    at timestamptz, source text, suppressed text);
CREATE TEMP TABLE import_pair (line bigint, key text, newsletter_id int, state text,
    at timestamptz, source text);
CREATE TEMP TABLE import_fate (line bigint, key text, first boolean, fate text);
CREATE TEMP TABLE import_seen (mark bytea PRIMARY KEY);
CREATE TEMP TABLE import_seen_pair (mark bytea, newsletter_id int,
    PRIMARY KEY (mark, newsletter_id));
"""
END = """
DROP TABLE import_row, import_pair, import_fate, import_seen, import_seen_pair
"""
COLUMNS = (
    "line, address, shown, key, mark, provider_id, language, place_code, tier, hour, "
    "time_zone, newsletter_ids, left_ids, at, source, suppressed"
)
# Or the planner reads a million subscribers for each batch.
PLAN_LOOKUPS = "SET LOCAL random_page_cost = 1.1; SET LOCAL work_mem = '32MB'"
# Each person and newsletter once, by the first line that names them together.
PAIRS = """
INSERT INTO import_pair
SELECT DISTINCT ON (key, newsletter_id) line, key, newsletter_id, state, at, source
  FROM (SELECT line, key, unnest(left_ids) AS newsletter_id, 'left' AS state, at, source
          FROM import_row WHERE suppressed = ''
         UNION ALL
        SELECT line, key, unnest(newsletter_ids), 'active', at, source
          FROM import_row WHERE suppressed = '') named
 ORDER BY key, newsletter_id, line, state DESC
"""
FATES = """
INSERT INTO import_fate
WITH added AS (
    SELECT p.line,
           count(*) FILTER (WHERE d.mark IS NULL
                              AND (u.state IS NULL
                                   OR u.state = 'pending' AND p.state = 'active')) AS n,
           count(*) FILTER (WHERE u.state = 'left') AS had_left
      FROM import_pair p
      JOIN import_row r ON r.line = p.line
      LEFT JOIN audience_subscriber s ON s.address_key = p.key
      LEFT JOIN audience_subscription u ON u.subscriber_id = s.id
                                       AND u.newsletter_id = p.newsletter_id
      LEFT JOIN import_seen_pair d ON d.mark = r.mark
                                  AND d.newsletter_id = p.newsletter_id
     GROUP BY p.line
), numbered AS (
    SELECT r.*, row_number() OVER (PARTITION BY r.key ORDER BY r.line) = 1
                AND NOT EXISTS (SELECT FROM import_seen d WHERE d.mark = r.mark)
                AS first
      FROM import_row r
)
SELECT r.line, r.key, r.first,
       CASE WHEN r.suppressed <> '' OR q.mark IS NOT NULL THEN 'suppressed'
            WHEN r.first AND s.id IS NULL THEN 'new'
            WHEN coalesce(a.n, 0) > 0 THEN 'changed'
            WHEN NOT r.first THEN 'doubled'
            WHEN r.tier <> '' AND r.tier <> s.tier
              OR r.place_code <> '' AND s.place_code IS NULL THEN 'changed'
            WHEN a.had_left > 0 THEN 'left'
            ELSE 'unchanged' END
  FROM numbered r
  LEFT JOIN audience_suppression q ON q.mark = r.mark
  LEFT JOIN audience_subscriber s ON s.address_key = r.key
  LEFT JOIN added a ON a.line = r.line
"""
SEEN = """
INSERT INTO import_seen SELECT DISTINCT mark FROM import_row ON CONFLICT DO NOTHING;
INSERT INTO import_seen_pair
SELECT r.mark, p.newsletter_id FROM import_pair p JOIN import_row r USING (line)
    ON CONFLICT DO NOTHING
"""
APPLY = (
    """
INSERT INTO audience_suppression (mark, reason, scope, since, detail)
SELECT DISTINCT ON (mark) mark, suppressed, 'all', %(now)s, 'imported'
  FROM import_row WHERE suppressed <> '' ORDER BY mark, line
    ON CONFLICT DO NOTHING
""",
    """
INSERT INTO audience_subscriber (address, address_shown, address_key, mark, state,
       language, place_code, tier, provider_id, hour, time_zone, is_staff,
       created_at, confirmed_at)
SELECT r.address, r.shown, r.key, r.mark, 'active',
       coalesce(nullif(r.language, ''), %(language)s), nullif(r.place_code, ''),
       coalesce(nullif(r.tier, ''), 'free'), r.provider_id, r.hour, r.time_zone, false,
       %(now)s, r.at
  FROM import_row r JOIN import_fate f USING (line)
 WHERE f.fate = 'new' ORDER BY r.line
    ON CONFLICT (address_key) DO NOTHING
""",
    # Domains that no table knows are looked up later; some have been already.
    """
INSERT INTO mail_domain (name, due_at)
SELECT DISTINCT split_part(r.address, '@', 2), %(now)s::timestamptz
  FROM import_row r JOIN import_fate f USING (line)
 WHERE r.provider_id = 0 AND f.fate = 'new'
    ON CONFLICT DO NOTHING
""",
    """
UPDATE audience_subscriber s SET provider_id = m.provider_id
  FROM import_row r
  JOIN import_fate f USING (line)
  JOIN mail_domain m ON m.name = split_part(r.address, '@', 2)
 WHERE s.address_key = r.key AND f.fate = 'new' AND m.provider_id <> 0
""",
    # What the reader chose here stays; the tier follows who counts the subscribers.
    """
UPDATE audience_subscriber s
   SET tier = coalesce(nullif(r.tier, ''), s.tier),
       place_code = coalesce(s.place_code, nullif(r.place_code, ''))
  FROM import_row r JOIN import_fate f USING (line)
 WHERE s.address_key = r.key AND f.first AND f.fate IN ('changed', 'left')
   AND (s.tier, s.place_code) IS DISTINCT FROM
       (coalesce(nullif(r.tier, ''), s.tier),
        coalesce(s.place_code, nullif(r.place_code, '')))
""",
    """
UPDATE audience_subscriber s SET state = 'active', confirmed_at = p.at
  FROM import_pair p JOIN import_fate f USING (line)
 WHERE s.address_key = p.key AND s.state = 'unconfirmed' AND p.state = 'active'
   AND f.fate = 'changed'
""",
    """
INSERT INTO audience_wording (hash, text)
SELECT DISTINCT encode(sha256(convert_to(source, 'UTF8')), 'hex'), source
  FROM import_pair
    ON CONFLICT DO NOTHING
""",
    """
WITH wanted AS (
    SELECT s.id, p.newsletter_id, p.state, p.at, p.source
      FROM import_pair p
      JOIN import_fate f USING (line)
      JOIN audience_subscriber s ON s.address_key = p.key
     WHERE f.fate IN ('new', 'changed')
), joined AS (
    INSERT INTO audience_subscription (newsletter_id, subscriber_id, state, since)
    SELECT newsletter_id, id, state, at FROM wanted
        ON CONFLICT (newsletter_id, subscriber_id) DO UPDATE
       SET state = 'active', since = EXCLUDED.since
     WHERE audience_subscription.state = 'pending' AND EXCLUDED.state = 'active'
    RETURNING newsletter_id, subscriber_id, state
)
INSERT INTO audience_consentrecord (subscriber_id, newsletter_id, what, at, recorded_at,
       wording_hash, form, channel, user_agent, detail)
SELECT j.subscriber_id, j.newsletter_id,
       CASE j.state WHEN 'left' THEN 'left' ELSE 'imported' END, w.at, %(now)s,
       encode(sha256(convert_to(w.source, 'UTF8')), 'hex'), 'import', 'import', '', ''
  FROM joined j
  JOIN wanted w ON w.id = j.subscriber_id AND w.newsletter_id = j.newsletter_id
""",
)


class UnknownSlug(LookupError):
    """There is no newsletter by this short name."""


def read_list(  # noqa: PLR0913  all but the first two are options of a command
    *,
    file: BinaryIO,
    consent_source: str,
    newsletter_slugs: Iterable[str] = (),
    consented_at: datetime | None = None,
    encoding: str = "utf-8",
    now: datetime,
) -> tuple[Iterator[Row | BadRow], list[str]]:
    """Return the rows of a file, and a list that fills with the columns not used.

    newsletter_slugs: for rows that name none themselves. Raises UnknownSlug; reading
    the first row raises NotAList.
    """
    newsletters = dict(models.Newsletter.objects.values_list("slug", "pk"))
    unknown = [slug for slug in newsletter_slugs if slug not in newsletters]
    if unknown:
        raise UnknownSlug(f"there is no newsletter {unknown[0]}")
    places = {}
    for code, name in models.Place.objects.values_list("code", "name"):
        places[name.lower()] = code
    codes = models.Place.objects.values_list("code", flat=True)
    places |= {code.lower(): code for code in codes}  # codes win over names
    reading = Reading(
        newsletters=newsletters,
        places=places,
        source=consent_source,
        now=now,
        default_ids=tuple(newsletters[slug] for slug in newsletter_slugs),
        consented_at=consented_at,
        encoding=encoding,
    )
    return reading.rows(file), reading.unused


def import_subscribers(
    *,
    rows: Iterable[Row | BadRow],
    language: str = "en",
    dry_run: bool = False,
    now: datetime,
) -> Iterator[Taken]:
    """Take rows in and say, in their order, what became of each.

    Each batch is a transaction of its own: if the command dies, run it again. language
    is of those whose row names none. A row without a date counts from `now`.
    """
    source = iter(rows)
    with connection.cursor() as cursor:
        cursor.execute(BEGIN)
    try:
        while batch := list(islice(source, BATCH)):
            yield from _take(batch, language=language, dry_run=dry_run, now=now)
    finally:
        if connection.is_usable() and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(END)


@transaction.atomic
def _take(
    batch: list[Row | BadRow], *, language: str, dry_run: bool, now: datetime
) -> list[Taken]:
    secret = marks.secret()
    good = [row for row in batch if isinstance(row, Row)]
    with connection.cursor() as cursor:
        cursor.execute(PLAN_LOOKUPS)
        cursor.execute("TRUNCATE import_row, import_pair, import_fate")
        with cursor.copy(f"COPY import_row ({COLUMNS}) FROM STDIN") as copy:
            for row in good:
                copy.write_row(_columns(row, secret, now))
        cursor.execute(PAIRS)
        if len(good) > BATCH // 10:  # a few rows are quick under any plan
            cursor.execute("ANALYZE import_row; ANALYZE import_pair")
        cursor.execute(FATES)
        cursor.execute("SELECT line, fate FROM import_fate")
        fates = dict(cursor.fetchall())
        if not dry_run:
            for statement in APPLY:
                cursor.execute(statement, {"now": now, "language": language})
        cursor.execute(SEEN)
    log.info("audience.import.batch rows=%s dry_run=%s", len(batch), dry_run)
    return [_taken(row, fates) for row in batch]


def _taken(row: Row | BadRow, fates: dict[int, str]) -> Taken:
    if isinstance(row, BadRow):
        return Taken(row.line, Fate.BAD, row.address, row.column, row.why)
    return Taken(row.line, Fate(fates[row.line]), row.address.shown)


def _columns(row: Row, secret: bytes, now: datetime) -> tuple[object, ...]:
    return (
        row.line,
        row.address.ascii,
        row.address.shown,
        row.address.key,
        mark_of(row.address.key, secret),
        provider_of(row.address.domain),
        row.language,
        row.place_code,
        row.tier,
        row.hour,
        row.time_zone,
        list(row.newsletter_ids),
        list(row.left_ids),
        row.at or now,
        row.source,
        row.suppressed,
    )
