"""One slice of a run: rows, batches and tally of the next readers, in one statement.

Positions go by wave, receiving provider, way (a domain that a route names), subscriber;
a batch is a stretch of one wave, provider and way.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from mailer.delivery import dealing
from mailer.delivery.ledger import BATCH_SIZE
from mailer.delivery.models import Run
from mailer.delivery.run import RunKind, reach_of
from mailer.delivery.tally import OTHERS, TALLY_MOVED
from mailer.delivery.waves import stored

# Whoever has another mail of the same alert gets no second one. Not wanted there does
# not count: here she may be on the list.
SLICE = f"""
WITH picked AS MATERIALIZED (
    SELECT {{wave_of_reader}} r.subscriber_id, r.provider_id,
           CASE WHEN %(domains)s::text[] = '{{{{}}}}' THEN 0
                ELSE coalesce(array_position(%(domains)s::text[],
                              lower(split_part(r.address, '@', 2))), 0) END AS way
      FROM audience_reach r {{waves}}
     WHERE r.newsletter_id = %(newsletter)s AND r.wanted
       AND (%(place)s = '' OR r.place_code = %(place)s)
       AND (%(tier)s = '' OR r.tier = %(tier)s)
       AND {{who}}
       AND (%(siblings)s::int[] = '{{{{}}}}' OR NOT EXISTS (
            SELECT FROM delivery x
             WHERE x.run_id = ANY(%(siblings)s::int[])
               AND x.subscriber_id = r.subscriber_id AND x.state <> 'cancelled'))
     ORDER BY r.subscriber_id LIMIT %(limit)s
), numbered AS MATERIALIZED (
    SELECT {{wave}} subscriber_id, provider_id, way,
           %(audience)s + row_number()
               OVER (ORDER BY {{wave}} provider_id, way, subscriber_id) AS position,
           (row_number() OVER (PARTITION BY {{wave}} provider_id, way
                                   ORDER BY subscriber_id) - 1)
               / %(batch_size)s AS part
      FROM picked
), written AS (
    INSERT INTO delivery (run_id, position, subscriber_id)
    SELECT %(run)s, position, subscriber_id FROM numbered ORDER BY position
), batches AS (
    INSERT INTO batch (run_id, priority, relay_id, home_id, provider_id, domain,
                       first, last, next, due_at, wave_at)
    SELECT %(run)s, %(priority)s, dealt.relay_id, dealt.relay_id, provider_id,
           domain, first, last, first, {{leaves}}
      FROM (SELECT {{wave}} provider_id, min(position) AS first, max(position) AS last,
                   coalesce((%(domains)s::text[])[way], '') AS domain,
                   %(turn)s + row_number() OVER (ORDER BY min(position)) AS turn
              FROM numbered GROUP BY {{wave}} provider_id, way, part) lot,
           LATERAL (SELECT coalesce(%(wheels)s::jsonb -> (provider_id || '/' || domain),
                                    %(wheels)s::jsonb -> '*') AS wheel) w,
           LATERAL (SELECT (wheel ->> (turn %% jsonb_array_length(wheel))::int)::int
                           AS relay_id) dealt
     ORDER BY first
), moved (provider_id, state, n) AS (
    SELECT provider_id, 'due', count(*) FROM numbered GROUP BY provider_id
), {TALLY_MOVED}
SELECT count(*), max(subscriber_id) FROM numbered
"""  # noqa: S608  our own text
TOGETHER = {
    "wave_of_reader": "",
    "waves": "",
    "wave": "",
    "leaves": "%(release_at)s, NULL::timestamptz",
}
IN_WAVES = {
    "wave_of_reader": "coalesce(w.at, %(release_at)s) AS wave_at,",
    "waves": """
      LEFT JOIN unnest(%(zones)s::text[], %(hours)s::int[], %(moments)s::timestamptz[])
           AS w (zone, hour, at)
        ON w.zone = r.time_zone AND w.hour = coalesce(r.hour, -1)""",
    "wave": "wave_at,",
    "leaves": "wave_at, wave_at",
}
THE_REST = (
    "r.subscriber_id > %(reached)s AND NOT r.subscriber_id = ANY(%(seeds)s::bigint[])"
)
FIRST_WAVE = SLICE.format(who="r.subscriber_id = ANY(%(seeds)s::bigint[])", **TOGETHER)
NEXT_SLICE = SLICE.format(who=THE_REST, **TOGETHER)
NEXT_IN_WAVES = SLICE.format(who=THE_REST, **IN_WAVES)


def write_rows(
    run: Run, *, siblings: Sequence[int], is_first: bool, limit: int, now: datetime
) -> tuple[int, int | None]:
    """Write the next rows of a run that the caller has locked.

    siblings: other runs of the same alert. is_first: the paper's own people, who get it
    at the release wherever they are. Returns how many, and the last subscriber.
    """
    later = NEXT_IN_WAVES if run.waves else NEXT_SLICE
    statement = FIRST_WAVE if is_first else later
    waves = stored(run)
    domains, wheels = dealing.wheels_of(run.newsletter_id)
    parameters = {
        "run": run.pk,
        "writer": OTHERS,
        "now": now,
        "newsletter": reach_of(RunKind(run.kind), run.newsletter_id),
        "place": run.place_code,
        "tier": "",
        "seeds": run.seeds,
        "reached": run.reached,
        "siblings": list(siblings),
        "limit": limit,
        "audience": run.audience,
        "batch_size": BATCH_SIZE,
        "priority": run.priority,
        "turn": run.pk + run.audience // BATCH_SIZE,
        "domains": domains,
        "wheels": json.dumps(wheels),
        "release_at": run.release_at,
        "zones": [wave.zone for wave in waves],
        "hours": [wave.hour for wave in waves],
        "moments": [wave.at for wave in waves],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        count, last = cursor.fetchone()
    return count, last
