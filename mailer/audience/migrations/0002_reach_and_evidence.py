"""The view delivery reads, and the triggers that keep evidence as it was written."""

from django.db import migrations

# The union is of single tables, so that PostgreSQL flattens it: a window then costs
# one index lookup a table and subscriber, and opening a run reads one newsletter only.
REACH = """
CREATE VIEW audience_reach AS
SELECT x.subscriber_id, x.newsletter_id, s.address, s.provider_id, s.language,
       coalesce(s.place_code, '') AS place_code, s.tier, s.hour,
       CASE WHEN x.newsletter_id = 0
            THEN NOT EXISTS (SELECT FROM audience_suppression q
                              WHERE q.mark = s.mark AND q.scope = 'all')
            ELSE s.state = 'active'
                 AND (x.state = 'active'
                      OR x.state = 'paused' AND x.paused_until <= now())
                 AND (s.tier = 'subscriber' OR NOT n.subscriber_only)
                 AND NOT EXISTS (SELECT FROM audience_suppression q
                                  WHERE q.mark = s.mark)
       END AS wanted
  FROM (SELECT subscriber_id, newsletter_id, state, paused_until
          FROM audience_subscription
         UNION ALL
        SELECT id, 0, 'active', NULL FROM audience_subscriber) x
  JOIN audience_subscriber s ON s.id = x.subscriber_id
  LEFT JOIN audience_newsletter n ON n.id = x.newsletter_id
 WHERE s.state <> 'erased'
"""

EVIDENCE = """
CREATE FUNCTION audience_keep_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Where somebody pressed may be forgotten; nothing else may change.
    IF TG_OP = 'UPDATE' THEN
        OLD.ip := NULL;
        OLD.user_agent := '';
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'records of consent are append-only';
END $$;
CREATE TRIGGER records_of_consent_are_append_only
    BEFORE UPDATE OR DELETE ON audience_consentrecord
    FOR EACH ROW EXECUTE FUNCTION audience_keep_evidence();

CREATE FUNCTION audience_keep_wording() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a wording that was shown never changes';
END $$;
CREATE TRIGGER wordings_are_append_only
    BEFORE UPDATE OR DELETE ON audience_wording
    FOR EACH ROW EXECUTE FUNCTION audience_keep_wording();

CREATE FUNCTION audience_keep_list_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the list id of a newsletter never changes (RFC 2919, section 6)';
END $$;
CREATE TRIGGER list_ids_never_change
    BEFORE UPDATE OF list_id ON audience_newsletter
    FOR EACH ROW WHEN (OLD.list_id IS DISTINCT FROM NEW.list_id)
    EXECUTE FUNCTION audience_keep_list_id();
"""

FORGET = """
DROP VIEW IF EXISTS audience_reach;
DROP FUNCTION IF EXISTS audience_keep_evidence CASCADE;
DROP FUNCTION IF EXISTS audience_keep_wording CASCADE;
DROP FUNCTION IF EXISTS audience_keep_list_id CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("audience", "0001_initial")]
    operations = [migrations.RunSQL([REACH, EVIDENCE], FORGET)]
