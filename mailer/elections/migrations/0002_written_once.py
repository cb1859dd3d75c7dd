from django.db import migrations

FORWARDS = """
CREATE FUNCTION elections_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is written once', TG_TABLE_NAME USING ERRCODE = '23001';
END $$;
CREATE TRIGGER a_snapshot_never_changes BEFORE UPDATE ON elections_snapshot
    FOR EACH ROW EXECUTE FUNCTION elections_written_once();
CREATE TRIGGER a_line_never_changes BEFORE UPDATE ON elections_line
    FOR EACH ROW EXECUTE FUNCTION elections_written_once();
CREATE TRIGGER a_result_never_changes BEFORE UPDATE ON elections_result
    FOR EACH ROW EXECUTE FUNCTION elections_written_once();
"""

BACKWARDS = """
DROP TRIGGER a_snapshot_never_changes ON elections_snapshot;
DROP TRIGGER a_line_never_changes ON elections_line;
DROP TRIGGER a_result_never_changes ON elections_result;
DROP FUNCTION elections_written_once();
"""


class Migration(migrations.Migration):
    dependencies = [("elections", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
