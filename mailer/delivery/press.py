"""One press prints one variant of a run: an envelope for each subscriber.

Everything equal for all is done when the press is set up: headers, the pieces of the
bodies and their encoding. What is left for each subscriber is names, one token and a join.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailer.audience.newsletter import Newsletter
from mailer.delivery.transport import Envelope
from mailer.kernel.personal import Personal
from mailer.kernel.tokens import Keys


@dataclass(frozen=True, slots=True)
class House:
    """What is equal for every mail of one installation."""

    keys: Keys
    public_url: str  # without a slash at the end
    bounce_domain: str
    name: str  # the paper's: who Feedback-ID says is sending


@dataclass(frozen=True, slots=True)
class Mail:
    """What everybody gets who gets one variant of a run.

    date: when the run was opened, aware; the same on each retry.
    newsletter: None for a letter that belongs to no list.
    is_letter: a mail to one person, a test send among them: it has no List-* fields,
    since RFC 8058 §3.1 is about lists.
    is_automatic: nobody wrote or approved it (RFC 3834 §5: only then auto-generated).
    kind: what sort of mail, for Feedback-ID: "digest", "alert", "confirm".
    same: personal values that are equal for all of them, such as BROWSER.
    """

    run_id: int
    date: datetime
    subject: str
    html: str
    text: str
    from_name: str
    from_address: str
    reply_to: str = ""
    newsletter: Newsletter | None = None
    is_letter: bool = False
    is_automatic: bool = False
    kind: str = "digest"
    same: Mapping[Personal, str] = field(default_factory=dict)


class Press:
    """Prints the messages of one variant of one run."""

    def __init__(self, mail: Mail, house: House) -> None:
        """Set up. Raises Unprintable if this mail can be printed for nobody."""
        self._mail = mail
        self._house = house

    def envelope(self, *, position: int, address: str, subscriber_id: int) -> Envelope:
        """Return the message for one subscriber: the very bytes, each time the same."""
        raise NotImplementedError((position, address, subscriber_id))
