from django.db import migrations

REFUSE = """
CREATE FUNCTION edition_events_are_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of an edition is only added to';
END $$;
CREATE TRIGGER edition_events_are_only_added BEFORE UPDATE OR DELETE ON edition_event
    FOR EACH ROW EXECUTE FUNCTION edition_events_are_only_added();
"""
ALLOW = """
DROP TRIGGER edition_events_are_only_added ON edition_event;
DROP FUNCTION edition_events_are_only_added();
"""


class Migration(migrations.Migration):
    dependencies = [("editions", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
