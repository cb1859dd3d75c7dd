"""A stored variant shown in a page: without personal addresses, under its own policy.

A mail is full of inline styles, which the policy of our pages refuses. So a variant has
an address of its own, whose view carries POLICY and nothing that could run or post.
"""

from mailer.kernel.personal import Personal

# For `csp.decorators.csp_replace`: these directives stand in for the pages' own.
POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "form-action": ["'none'"],
}


def for_everyone(text: str, *, unsubscribe: str, preferences: str, browser: str) -> str:
    """Return a variant's HTML or text with addresses that belong to nobody.

    The three addresses are ours and hold no character that HTML would escape.
    """
    for mark, address in (
        (Personal.UNSUBSCRIBE, unsubscribe),
        (Personal.PREFERENCES, preferences),
        (Personal.BROWSER, browser),
    ):
        text = text.replace(mark, address)
    return text
