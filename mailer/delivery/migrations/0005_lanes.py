"""How lanes stand, days of a warm-up, and whether a run was stopped short."""

from django.db import migrations, models


def _key(*names: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(
        *names, blank=True, editable=False, primary_key=True, serialize=False
    )


class Migration(migrations.Migration):
    dependencies = [("delivery", "0004_relays")]
    operations = [
        migrations.CreateModel(
            name="Lane",
            fields=[
                ("pk", _key("relay_id", "provider_id")),
                ("relay_id", models.SmallIntegerField()),
                ("provider_id", models.SmallIntegerField()),
                ("served_at", models.DateTimeField(null=True)),
                ("rate", models.FloatField(null=True)),
                ("usual", models.FloatField(null=True)),
                ("changed_at", models.DateTimeField(null=True)),
                ("faults", models.SmallIntegerField(db_default=0)),
                ("faults_since", models.DateTimeField(null=True)),
                ("suspended_until", models.DateTimeField(null=True)),
                ("reason", models.TextField(db_default="")),
                ("since", models.DateTimeField(null=True)),
            ],
            options={"db_table": "lane"},
        ),
        migrations.CreateModel(
            name="LaneDay",
            fields=[
                ("pk", _key("relay_id", "provider_id", "on")),
                ("relay_id", models.SmallIntegerField()),
                ("provider_id", models.SmallIntegerField()),
                ("on", models.DateField()),
                ("taken", models.IntegerField(db_default=0)),
                ("deferred", models.IntegerField(db_default=0)),
                ("complaints", models.IntegerField(db_default=0)),
            ],
            options={"db_table": "lane_day"},
        ),
        migrations.CreateModel(
            name="WarmUp",
            fields=[
                (
                    "relay_id",
                    models.SmallIntegerField(primary_key=True, serialize=False),
                ),
                ("begins_on", models.DateField()),
            ],
            options={"db_table": "warm_up"},
        ),
        migrations.AddField("run", "tripped", models.TextField(db_default="")),
        migrations.AddField("run", "bounced", models.IntegerField(db_default=0)),
        migrations.AddField("run", "complained", models.IntegerField(db_default=0)),
    ]
