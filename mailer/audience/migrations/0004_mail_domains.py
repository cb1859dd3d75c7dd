"""Domains that are looked up in the DNS, and an index to find who has one."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import Now

from mailer.audience.providers import PROVIDERS


def note_domains(apps: Any, _editor: Any) -> None:
    """Note the domains there are already, but for those of the fixed table."""
    fixed = [domain for _, domains in PROVIDERS.values() for domain in domains]
    rows = (
        apps.get_model("audience", "Subscriber")
        .objects.exclude(address="")
        .annotate(
            name=models.Func(
                F("address"),
                Value("@"),
                Value(2),
                function="split_part",
                output_field=models.TextField(),
            )
        )
        .exclude(name__in=fixed)
        .values_list("name", flat=True)
        .distinct()
    )
    domain = apps.get_model("audience", "MailDomain")
    domain.objects.bulk_create(
        (domain(name=name, due_at=Now()) for name in rows.iterator()),
        batch_size=1000,
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    atomic = False  # the index is built while others write
    dependencies = [("audience", "0003_time_zone")]
    operations = [
        migrations.CreateModel(
            name="MailDomain",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("provider_id", models.SmallIntegerField(db_default=0)),
                ("due_at", models.DateTimeField()),
            ],
            options={
                "db_table": "mail_domain",
                "indexes": [models.Index(fields=["due_at"], name="domains_due")],
            },
        ),
        AddIndexConcurrently(
            "subscriber",
            models.Index(
                models.Func(F("address"), Value("@"), Value(2), function="split_part"),
                name="subscribers_of_a_domain",
            ),
        ),
        migrations.RunPython(note_domains, migrations.RunPython.noop),
    ]
