"""What several of these tests begin with."""

import pytest

from mailer.editions.view import EditionView
from tests.kit.editions import a_digest_newsletter, planned, stored_stories


@pytest.fixture
def edition() -> EditionView:
    """An edition of four stories, waiting for approval."""
    stored_stories("Dam", "Bread", "Courts", "Ferry")
    return planned(a_digest_newsletter())
