"""One press prints one variant of a run: an envelope for each subscriber.

Everything equal for all is done when the press is set up: headers, the pieces of the
bodies and their encoding. What is left for each subscriber is names, a token, a join,
and a signature where this program signs.
"""

import dataclasses
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from mailer.audience.newsletter import Newsletter
from mailer.delivery.canonical import BodyHash
from mailer.delivery.dkim import Key, Signer
from mailer.delivery.headers import (
    ADDRESS,
    Unprintable,
    date_field,
    field,
    list_id_field,
    mailbox_field,
    text_field,
)
from mailer.delivery.message import Body
from mailer.delivery.parts import Parts, Sheet, fields_of, with_values
from mailer.delivery.signing import Signing, Unsigned
from mailer.delivery.transport import Envelope
from mailer.delivery.verp import Namer, Names
from mailer.kernel.personal import Personal
from mailer.kernel.tokens import Keys, seal

_NOT_A_NAME = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True)
class House:
    """What is equal for every mail of one installation.

    signing_keys: those that sign, one of a kind; none: the relay signs.
    """

    keys: Keys
    public_url: str  # without a slash at the end
    bounce_domain: str
    name: str  # the paper's: who Feedback-ID says is sending
    signing_keys: tuple[Key, ...] = ()


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
    same: Mapping[Personal, str] = dataclasses.field(default_factory=dict)


class Press:
    """Prints the messages of one variant of one run."""

    def __init__(self, mail: Mail, house: House) -> None:
        """Set up. Raises Unprintable if this mail can be printed for nobody."""
        self._mail = mail
        self._house = house
        self._namer = Namer(house.keys)
        self._has_list_fields = mail.newsletter is not None and not mail.is_letter
        self._body = Body(
            text=mail.text,
            html=mail.html,
            boundary=_boundary(mail.run_id),
            same=mail.same,
        )
        unknown = self._body.marks - {Personal.UNSUBSCRIBE}
        if unknown or (self._body.marks and mail.newsletter is None):
            marks = ", ".join(sorted(unknown or self._body.marks))
            raise Unprintable(f"nothing is known to put where {marks} stands")
        self._before = mailbox_field("From", mail.from_name, mail.from_address)
        if mail.reply_to:
            self._before += mailbox_field("Reply-To", "", mail.reply_to)
        self._before += text_field("Subject", mail.subject) + date_field(mail.date)
        self._after = b"".join(self._equal_fields()) + b"\r\n"
        self._leave_url = f"{house.public_url}/u/"
        self._at_bounces = f"@{house.bounce_domain}"
        self._at_home = f"@{mail.from_address.rpartition('@')[2]}"
        mailbox_field("BOUNCE_DOMAIN", "", f"b{self._at_bounces}")
        field("PUBLIC_URL", self._leave_url)  # can stand in a header
        self._signings: dict[str, Signing] = {}

    def envelope(
        self,
        *,
        position: int,
        address: str,
        subscriber_id: int,
        profile: str | None = "",
    ) -> Envelope:
        """Return the message for one subscriber: the very bytes, each time the same.

        profile: of the relay, which decides what may be signed; None: a mail service
        that prints anew, to which the mail goes in parts.

        An address that cannot stand in a header does not come into it; the transport
        refuses it then. So one bad row spoils no other.
        """
        names = self._namer.names(self._mail.run_id, position)
        leave_url = ""
        if self._mail.newsletter is not None:
            about = (subscriber_id, self._mail.newsletter.id)
            leave_url = self._leave_url + seal("leave", about, self._house.keys)
        head = self._head(names, address, leave_url)
        body = self._body.fill({Personal.UNSUBSCRIBE: leave_url})
        printed: bytes | Unsigned
        if self._house.signing_keys and profile is not None:
            printed = Unsigned(self._signing(profile), head, body)
        else:
            printed = b"".join((self._before, head, self._after, *body))
        return Envelope(
            run_id=self._mail.run_id,
            position=position,
            address=address,
            sender=names.bounce + self._at_bounces,
            printed=printed,
            has_quiet_dots=True,  # see quotedprintable.py
            parts=self._parts(names, head, leave_url) if profile is None else None,
        )

    def _parts(self, names: Names, head: bytes, leave_url: str) -> Parts:
        values = dict.fromkeys(self._body.marks, leave_url)
        return Parts(self._sheet, values, fields_of(head), names.bounce)

    @cached_property
    def _sheet(self) -> Sheet:
        mail, same = self._mail, self._mail.same.items()
        return Sheet(
            subject=mail.subject,
            html=with_values(mail.html, same),
            text=with_values(mail.text, same),
            from_name=mail.from_name,
            from_address=mail.from_address,
            reply_to=mail.reply_to,
            fields=fields_of(*self._equal_fields()),
        )

    def _signing(self, profile: str) -> Signing:
        """Return how to sign for a relay of this profile; set up once."""
        if profile not in self._signings:
            mail = self._mail
            signer = Signer(
                self._house.signing_keys,
                domain=self._at_home[1:],
                at=mail.date,
                profile=profile,
            )
            names = self._namer.names(mail.run_id, 0)
            signer.begin(
                equal=self._before + self._after.removesuffix(b"\r\n"),
                sample=self._head(names, "a@a.example", self._leave_url),
            )
            sample, other = (
                self._body.fill({Personal.UNSUBSCRIBE: value}) for value in "ab"
            )
            body = BodyHash(sample, other)
            self._signings[profile] = Signing(signer, body, self._before, self._after)
        return self._signings[profile]

    def _head(self, names: Names, address: str, leave_url: str) -> bytes:
        """Return the fields that differ from subscriber to subscriber."""
        is_good = ADDRESS.fullmatch(address) is not None
        to = address if is_good else "undisclosed-recipients:;"
        message_id = f"<{names.message_id}{self._at_home}>"
        head = f"To: {to}\r\nMessage-ID: {message_id}\r\n".encode()
        if self._has_list_fields:
            head += self._list_unsubscribe(names, leave_url)
        return head

    def _list_unsubscribe(self, names: Names, leave_url: str) -> bytes:
        """Return RFC 8058's field as `field` would: looked at once, in __init__.

        Names and tokens are letters and digits, and never fit in one line together.
        """
        by_mail = f"<mailto:{names.leave}{self._at_bounces}?subject=unsubscribe>"
        return f"List-Unsubscribe: <{leave_url}>,\r\n {by_mail}\r\n".encode()

    def _equal_fields(self) -> Iterator[bytes]:
        mail = self._mail
        if mail.newsletter is not None and not mail.is_letter:
            yield from self._list_fields(mail.newsletter)
        if mail.is_automatic:
            yield field("Auto-Submitted", "auto-generated")
        yield field("MIME-Version", "1.0")
        yield self._body.fields

    def _list_fields(self, newsletter: Newsletter) -> Iterator[bytes]:
        """Yield what only a list has: RFC 2369, 2919, 8058, and Gmail's Feedback-ID."""
        home = self._house.public_url
        owner = self._mail.reply_to or self._mail.from_address
        # The very bytes of RFC 8058 §5: one space at most, never folded.
        yield b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        yield list_id_field(newsletter.name, newsletter.list_id)
        yield field("List-Help", f"<{home}/n/{newsletter.slug}/help>")
        yield field("List-Archive", f"<{home}/n/{newsletter.slug}>")
        yield field("List-Owner", f"<mailto:{owner}>")
        yield field("List-Post", "NO", "(announcements only)")
        yield field(
            "Feedback-ID",
            feedback_id(
                self._mail.run_id, newsletter.slug, self._mail.kind, self._house.name
            ),
        )
        yield field("Precedence", "bulk")


def feedback_id(run_id: int, slug: str, kind: str, paper: str) -> str:
    """Return Feedback-ID: run, newsletter, kind, and who sends, the same for years.

    Gmail counts by each of the four, which must differ, and takes 5 to 15 characters
    for the last (support.google.com/mail/answer/6254652). None is about one person.
    """
    sender = _NOT_A_NAME.sub("", paper.lower())[:15].ljust(5, "0")
    return f"r{run_id}:n-{_NOT_A_NAME.sub('-', slug)}:k-{kind}:{sender}"


def _boundary(run_id: int) -> str:
    """Return what stands between the parts: "=_" occurs in neither encoding."""
    return f"=_{hashlib.sha256(b'boundary %d' % run_id).hexdigest()[:24]}"
