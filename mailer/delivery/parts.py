"""A mail in parts, for a service that prints it: texts, fields, one's own values.

Beside the bytes that SMTP takes. What belongs to the form of a message (Date, MIME,
To) is the service's own affair.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NOT_OURS = frozenset({"To", "Date", "MIME-Version", "Content-Type"})
NOT_OURS |= {"Content-Transfer-Encoding", "From", "Reply-To", "Subject"}


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """What is equal for all who get one variant of a run; compared by identity.

    html and text hold the marks of kernel.personal where a value of one's own comes.
    fields: of the head, unfolded, without those in NOT_OURS.
    """

    subject: str
    html: str
    text: str
    from_name: str
    from_address: str
    reply_to: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Parts:
    """One subscriber's mail. values: by mark. name: what its delivery is called."""

    sheet: Sheet
    values: Mapping[str, str]
    fields: Mapping[str, str]
    name: str


def fields_of(*printed: bytes) -> dict[str, str]:
    """Return printed header fields as names and unfolded values, without NOT_OURS."""
    text = b"".join(printed).decode("ascii").replace("\r\n ", " ")
    pairs = (line.partition(": ") for line in text.split("\r\n") if line)
    return {name: value for name, _, value in pairs if name not in NOT_OURS}


def with_values(text: str, values: Iterable[tuple[str, str]]) -> str:
    """Return a text with values put in for their marks."""
    for mark, value in values:
        text = text.replace(mark, value)
    return text
