"""Tables of this door: who works."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class WorkerBeat(models.Model):
    """A worker process that lives, or lived a moment ago: here, not in the broker.

    So that the operators' page can tell who works while the broker is away.
    """

    name = models.TextField(primary_key=True)  # host and process
    queues = ArrayField(models.TextField())
    task = models.TextField(db_default="")  # what it does now; empty: it waits
    task_since = models.DateTimeField(null=True)
    beat_at = models.DateTimeField()

    class Meta:
        db_table = "worker_beat"

    def __str__(self) -> str:
        return self.name
