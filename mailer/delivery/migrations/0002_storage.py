"""Leave room on the pages of tables that are updated in place (HOT)."""

from django.db import migrations

STORAGE = """
ALTER TABLE delivery SET (fillfactor = 70);
ALTER TABLE batch SET (fillfactor = 50);
ALTER TABLE run_tally SET (fillfactor = 50);
ALTER TABLE pipe SET (fillfactor = 50);
"""
BACK = """
ALTER TABLE delivery RESET (fillfactor);
ALTER TABLE batch RESET (fillfactor);
ALTER TABLE run_tally RESET (fillfactor);
ALTER TABLE pipe RESET (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_initial")]
    operations = [migrations.RunSQL(STORAGE, BACK)]
