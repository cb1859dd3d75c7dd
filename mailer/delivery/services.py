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
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Service:
    """One service. Its figures are from its own documentation.

    most: messages in one call. usual: as many as we hand over, unless the relay's
    address says otherwise: few enough that a call nobody answered leaves few in doubt.
    most_bytes: of a call. keys: the names anymail has for user and password. mark: what
    stands where a link comes, {} for its name; empty: texts are filled. wary: what in
    our text its marks could be taken for.
    """

    name: str
    most: int
    most_bytes: int
    keys: tuple[str, ...]
    mark: str = ""
    wary: re.Pattern[str] | None = None
    options: frozenset[str] = frozenset()
    extra: Mapping[str, object] = field(default_factory=dict)  # for every message

    @property
    def backend(self) -> str:
        """The module of anymail that speaks with it."""
        return f"anymail.backends.{self.name}.EmailBackend"

    @property
    def usual(self) -> int:
        """How many messages a call has, unless the relay's address says so."""
        return min(self.most, 100)

    @property
    def wants_user(self) -> bool:
        """Tell whether it wants two keys."""
        return len(self.keys) == 2  # noqa: PLR2004

    @property
    def form(self) -> str:
        """How its keys stand in an address."""
        return "KEY:SECRET" if self.wants_user else ":KEY"


_BRACES = re.compile(r"\{(?=[{%])")
_PERCENT = re.compile(r"%(?=recipient|unsubscribe|mailing_list|tag_)", re.IGNORECASE)
_MB = 1_000_000

SERVICES = {
    service.name: service
    for service in (
        # messageVersions: 1,000 a call; the whole body within 20 MB with attachments.
        Service("brevo", 1_000, 10 * _MB, ("api_key",), "{{{{params.{}}}}}", _BRACES),
        Service(
            "mailgun",
            1_000,
            25 * _MB,
            ("api_key",),
            "%recipient.{}%",
            _PERCENT,
            frozenset({"domain"}),
        ),
        Service("mailjet", 50, 15 * _MB, ("api_key", "secret_key")),
        Service("mailtrap", 500, 50 * _MB, ("api_token",)),
        Service(
            "postmark",
            500,
            50 * _MB,
            ("server_token",),
            options=frozenset({"stream"}),
        ),
        Service("resend", 100, 40 * _MB, ("api_key",)),
        Service("sparkpost", 1_000, 20 * _MB, ("api_key",), "{{{{{}}}}}", _BRACES),
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
