"""The tests run on what production runs on."""

import pytest
from django.conf import settings
from django.db import connection
from redis import Redis


@pytest.mark.django_db
def test_the_database_of_the_tests_is_postgresql():
    assert connection.vendor == "postgresql"


def test_the_broker_of_the_tests_answers():
    assert Redis.from_url(settings.REDIS_URL).ping()
