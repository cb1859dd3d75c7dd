"""The kinds of letter and what each one's data says. A letter is a mail to one person.

Every address in data is whole (https://…), every name is as people read it.

confirm         url (the page with the button), newsletters (names), place (name or
                ""), days (how long the button works)
link            url, minutes; already_on (names) where somebody signed up for what
                they already get
address_change  to the new address: url, from (masked old address), days
                to the old address: to (masked new address), url of the page where a
                link can be asked for; no button
test            edition_id
notice          title, lines (list of sentences), url ("" for none), button
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class LetterKind(StrEnum):
    """What a letter is for. Values are stored: never renamed."""

    CONFIRM = "confirm"
    LINK = "link"
    ADDRESS_CHANGE = "address_change"
    WELCOME = "welcome"
    TEST = "test"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class LetterView:
    """A letter that was asked for and has no run yet."""

    id: int
    kind: LetterKind
    subscriber_id: int
    asked_at: datetime
    language: str
    data: dict[str, Any] = field(default_factory=dict)
