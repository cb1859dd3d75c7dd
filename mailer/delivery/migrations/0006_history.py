"""What replaces what, local-time waves, recounts kept with their run."""

from typing import Any

from django.db import migrations, models


def _column(model: str, name: str, field: Any) -> migrations.AddField:
    return migrations.AddField(model_name=model, name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [("delivery", "0005_lanes")]
    operations = [
        _column("batch", "wave_at", models.DateTimeField(null=True)),
        _column("run", "archived_at", models.DateTimeField(null=True)),
        _column("run", "recounted_at", models.DateTimeField(null=True)),
        _column("run", "replaces_key", models.TextField(db_default="")),
        _column("run", "sums_wrong", models.JSONField(null=True)),
        _column("run", "superseded_by", models.IntegerField(null=True)),
        _column("run", "waves", models.JSONField(null=True)),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=~models.Q(replaces_key=""),
                fields=["replaces_key"],
                name="runs_that_replace_each_other",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                models.F("recounted_at").asc(nulls_first=True),
                condition=models.Q(archived_at=None),
                name="runs_least_lately_recounted",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(sums_wrong__isnull=False),
                fields=["id"],
                name="runs_that_do_not_add_up",
            ),
        ),
    ]
