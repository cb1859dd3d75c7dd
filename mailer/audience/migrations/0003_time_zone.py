"""Where a reader's clock stands, for newsletters that come at her own hour."""

from django.db import migrations, models

# A view takes new columns at its end alone. What it is about is in migration 0002.
REACH = """
CREATE OR REPLACE VIEW audience_reach AS
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
       END AS wanted,
       s.time_zone
  FROM (SELECT subscriber_id, newsletter_id, state, paused_until
          FROM audience_subscription
         UNION ALL
        SELECT id, 0, 'active', NULL FROM audience_subscriber) x
  JOIN audience_subscriber s ON s.id = x.subscriber_id
  LEFT JOIN audience_newsletter n ON n.id = x.newsletter_id
 WHERE s.state <> 'erased'
"""


class Migration(migrations.Migration):
    dependencies = [("audience", "0002_reach_and_evidence")]
    operations = [
        migrations.AddField(
            model_name="subscriber",
            name="time_zone",
            field=models.TextField(db_default=""),
        ),
        migrations.RunSQL(REACH, migrations.RunSQL.noop),
    ]
