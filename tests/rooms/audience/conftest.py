"""Each test has its own keys, so that no other test's knocks count."""

import pytest

from tests.kit.audience import fresh_keys

__all__ = ["fresh_keys"]


@pytest.fixture(autouse=True)
def _own_keys(fresh_keys):
    return fresh_keys
