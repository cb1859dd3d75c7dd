"""The mail services that take mail by an HTTP call: what each takes, and its traps.

Those whose django-anymail backend has `merge_headers`, since without them nobody could
have a List-Unsubscribe of her own. Amazon SES has them only with a stored template: use
its SMTP interface, which is a relay as any other (docs/relays.md).

How a reader's own link comes into the text:

    merged  one text for all, with the service's own mark where the link stands; what
            looks like such a mark in our text is made harmless
    filled  each reader's text in full, in a call that holds many messages: these have
            no marks without a stored template
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """One service. Its figures are from its own documentation: docs/relays.md.

    most: messages in one call. most_bytes: of a call, with room for its JSON. keys: the
    names anymail has for user and password. mark: what stands where a link comes, {}
    for its name; empty: texts are filled. wary: what in our text its marks could be
    taken for. tracks: it can be told not to watch readers; the others have it in their
    account. keeps_id: fields with which it keeps our Message-ID; None: it has its own.
    repeats_head: a reader's own fields replace those for all, and do not add to them.
    """

    name: str
    most: int
    most_bytes: int
    keys: tuple[str, ...]
    mark: str = ""
    wary: re.Pattern[str] | None = None
    options: frozenset[str] = frozenset()
    tracks: bool = False
    keeps_id: Mapping[str, str] | None = None
    repeats_head: bool = False

    @property
    def backend(self) -> str:
        """Where the class that speaks with it is found."""
        if self.mark:
            return f"anymail.backends.{self.name}.EmailBackend"
        return f"mailer.delivery.filling.{self.name.capitalize()}"

    @property
    def usual(self) -> int:
        """How many messages a call has, unless the relay's address says so.

        Few enough that a call nobody answered leaves few in doubt.
        """
        return min(self.most, USUAL)

    @property
    def wants_user(self) -> bool:
        """Tell whether it wants two keys."""
        return len(self.keys) == 2  # noqa: PLR2004

    @property
    def form(self) -> str:
        """How its keys stand in an address."""
        return "KEY:SECRET" if self.wants_user else ":KEY"


USUAL = 100  # messages in a call
_BRACES = re.compile(r"\{(?=[{%])")
_PERCENT = re.compile(r"%(?=recipient|unsubscribe|mailing_list|tag_)", re.IGNORECASE)
_MB = 1_000_000

SERVICES = {
    service.name: service
    for service in (
        Service(  # developers.brevo.com, batch send: 1,000 versions
            name="brevo",
            most=1_000,
            most_bytes=10 * _MB,
            keys=("api_key",),
            mark="{{{{params.{}}}}}",
            wary=_BRACES,
        ),
        Service(  # 1,000 recipients, 25 MB
            name="mailgun",
            most=1_000,
            most_bytes=20 * _MB,
            keys=("api_key",),
            mark="%recipient.{}%",
            wary=_PERCENT,
            options=frozenset({"domain"}),
            tracks=True,
            keeps_id={},
        ),
        Service(  # Send API v3.1: 50 messages; refuses Message-ID (symfony#44000)
            name="mailjet",
            most=50,
            most_bytes=10 * _MB,
            keys=("api_key", "secret_key"),
            tracks=True,
            repeats_head=True,
        ),
        Service(  # 500 requests in a batch
            name="mailtrap", most=500, most_bytes=40 * _MB, keys=("api_token",)
        ),
        Service(  # batch emails: 500 messages, 50 MB
            name="postmark",
            most=500,
            most_bytes=40 * _MB,
            keys=("server_token",),
            options=frozenset({"stream"}),
            tracks=True,
            keeps_id={"X-PM-KeepID": "true"},
        ),
        Service(  # batch sending: 100 messages
            name="resend", most=100, most_bytes=30 * _MB, keys=("api_key",)
        ),
        Service(  # 1,000 is ours: it advises 2,000 to 10,000, and 50 MB
            name="sparkpost",
            most=1_000,
            most_bytes=15 * _MB,
            keys=("api_key",),
            mark="{{{{{{{}}}}}}}",  # three braces: not escaped as HTML
            wary=_BRACES,
            tracks=True,
        ),
    )
}


def harmless(service: Service, text: str, *, is_html: bool) -> str:
    """Return a text in which nothing looks like a mark of the service.

    The reader of a page sees no difference; in plain text a space comes between.
    """
    if service.wary is None:
        return text
    written = {"{": "&#123;", "%": "&#37;"}
    return service.wary.sub(
        lambda found: written[found[0]] if is_html else f"{found[0]} ", text
    )
