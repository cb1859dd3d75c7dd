"""Homes of batches, the breaker's probe, relays taken out, mails a day."""

from typing import Any

from django.db import migrations, models


def _column(
    model: str, name: str, field: "models.Field[Any, Any]"
) -> migrations.AddField:
    return migrations.AddField(model_name=model, name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [("delivery", "0003_holder")]
    operations = [
        _column("batch", "home_id", models.SmallIntegerField(db_default=0)),
        _column("batch", "domain", models.TextField(db_default="")),
        _column("relay", "probe_ends_at", models.DateTimeField(null=True)),
        _column("relay", "drained_at", models.DateTimeField(null=True)),
        _column("relay", "drained_by", models.TextField(db_default="")),
        migrations.CreateModel(
            name="RelayDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "relay_id",
                        "day",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("relay_id", models.SmallIntegerField()),
                ("day", models.DateField()),
                ("n", models.IntegerField(db_default=0)),
            ],
            options={"db_table": "relay_day"},
        ),
        # What waits already stays at home where it is.
        migrations.RunSQL(
            "UPDATE batch SET home_id = relay_id WHERE NOT done",
            migrations.RunSQL.noop,
        ),
    ]
