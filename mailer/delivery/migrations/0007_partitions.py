"""The ledger in partitions, by ranges of run_id, so that old runs leave without a lock.

The table that is there becomes the first partition. Its rows are read once, by
VALIDATE, beside all that goes on; what needs the table alone is a rename and an attach,
some milliseconds, and gives up after 10 s if it can't have it: run `migrate` again then.
"""

from typing import Any

from django.db import migrations

AHEAD = 1_000  # run ids; upkeep makes the next partition long before

BOUND = "SELECT coalesce(max(id), 0) + %s FROM run"
CHECK = """
ALTER TABLE delivery DROP CONSTRAINT IF EXISTS rows_of_the_first_partition;
ALTER TABLE delivery ADD CONSTRAINT rows_of_the_first_partition
    CHECK (run_id >= 1 AND run_id < {bound}) NOT VALID
"""
VALIDATE = "ALTER TABLE delivery VALIDATE CONSTRAINT rows_of_the_first_partition"
# The parent's constraints have their old names: no query and no model changes.
SWAP = """
BEGIN;
SET LOCAL lock_timeout = '10s';
ALTER TABLE delivery RENAME TO delivery_from_1;
ALTER TABLE delivery_from_1 RENAME CONSTRAINT delivery_pkey TO delivery_from_1_pkey;
ALTER TABLE delivery_from_1 RENAME CONSTRAINT one_delivery_per_run_and_subscriber
    TO delivery_from_1_subscriber;
CREATE TABLE delivery (LIKE delivery_from_1 INCLUDING DEFAULTS)
    PARTITION BY RANGE (run_id);
ALTER TABLE delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (run_id, position),
    ADD CONSTRAINT one_delivery_per_run_and_subscriber UNIQUE (run_id, subscriber_id),
    ADD CONSTRAINT a_delivery_has_a_known_state CHECK (state IN
        ('due', 'in_flight', 'accepted', 'refused', 'deferred', 'in_doubt',
         'cancelled'));
ALTER TABLE delivery ATTACH PARTITION delivery_from_1
    FOR VALUES FROM (1) TO ({bound});
ALTER TABLE delivery_from_1 DROP CONSTRAINT rows_of_the_first_partition;
COMMIT;
"""


def divide(_apps: Any, schema_editor: Any) -> None:
    """Make the table the first partition of a new one, unless it is that already."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT relkind FROM pg_class WHERE oid = 'delivery'::regclass")
        if cursor.fetchone()[0] == "p":
            return
        cursor.execute(BOUND, [AHEAD])
        bound = int(cursor.fetchone()[0])
        cursor.execute(CHECK.format(bound=bound))
        cursor.execute(VALIDATE)
        cursor.execute(SWAP.format(bound=bound))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("delivery", "0006_history")]
    operations = [migrations.RunPython(divide, migrations.RunPython.noop)]
