"""The marks in a rendered mail that are filled in for each subscriber.

Rendering writes a mark where a personal value goes; delivery cuts the mail there once
and joins the pieces for each message. A mark is plain ASCII without '=' or white space,
so that it survives the inliner, attribute quoting and quoted-printable.
"""

from enum import StrEnum


class Personal(StrEnum):
    """A personal value, by its mark."""

    UNSUBSCRIBE = "@@UNSUBSCRIBE@@"  # https address of the page that leaves this list
    PREFERENCES = "@@PREFERENCES@@"  # https address of "my mails", asks for a link
    BROWSER = "@@BROWSER@@"  # https address of this mail on the web; shows no address


MARK = r"@@[A-Z]+@@"  # the shape of every mark; none may be left in a message
