"""The lint: what a mail must be before anybody gets it."""

from mailer.rendering.facts import Facts
from mailer.rendering.variant import Finding, Rendered


def lint(rendered: Rendered, promises: Facts) -> tuple[Finding, ...]:
    """Return every finding, those that block first."""
    return ()
