"""The lint: what a mail must be before anybody gets it.

A rule is a function of a Mail that yields findings; its number is the one of
docs/mail.md. An error keeps the edition from being sent, a warning is shown beside it.
"""

from itertools import groupby

from mailer.rendering.facts import Facts
from mailer.rendering.lint import content, size, structure, style
from mailer.rendering.lint.mail import Mail
from mailer.rendering.variant import Finding, Rendered

RULES = (*size.RULES, *structure.RULES, *style.RULES, *content.RULES)
MOST_OF_A_RULE = 5


def lint(rendered: Rendered, promises: Facts) -> tuple[Finding, ...]:
    """Return every finding, those that block first, a few of each rule."""
    mail = Mail(rendered, promises)
    found = sorted(
        {finding: None for rule in RULES for finding in rule(mail)},
        key=lambda f: (not f.blocks, f.rule),
    )
    return tuple(
        finding
        for _, same in groupby(found, key=lambda f: (f.blocks, f.rule))
        for finding in list(same)[:MOST_OF_A_RULE]
    )
