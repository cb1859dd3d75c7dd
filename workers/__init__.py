"""Celery's side of the house: queues, schedule, thin tasks. Nothing imports it."""
