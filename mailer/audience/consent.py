"""What somebody agreed to, how we can show it, and whether a newsletter is wanted.

    subscription:  pending ─▶ active ◀─▶ paused        pending, active, paused ─▶ left
                                                       left ─▶ active (undo, or anew)

pending  asked for; the button in the confirmation has not been pressed
paused   until a moment, then it starts by itself: nothing needs to happen then
left     for good; only the reader comes back, no import and no editor

Pure: no clock, no table.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SubscriberState(StrEnum):
    """Where a person stands. Values are stored: never renamed."""

    UNCONFIRMED = "unconfirmed"
    ACTIVE = "active"
    ERASED = "erased"


class SubscriptionState(StrEnum):
    """Where a person stands with one newsletter. Values are stored: never renamed."""

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"


class Tier(StrEnum):
    """What a person may read. Values are stored: never renamed."""

    FREE = "free"
    SUBSCRIBER = "subscriber"


class Happened(StrEnum):
    """What a consent record is about. Values are stored: never renamed."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"
    CHOSE = "chose"  # on the page "my mails", or undid leaving
    PAUSED = "paused"
    LEFT = "left"
    ADDRESS_CHANGED = "address_changed"
    SUPPRESSED = "suppressed"
    LIFTED = "lifted"
    EXPORTED = "exported"
    ERASED = "erased"


class How(StrEnum):
    """By which way somebody left. Values are stored: never renamed."""

    ONE_CLICK = "one_click"  # the mail program's button, RFC 8058
    PAGE = "page"
    PREFERENCES = "preferences"
    STOP_EVERYTHING = "stop_everything"
    MAIL = "mail"
    DESK = "desk"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was shown, where, and to whom: enough to show later that consent was given.

    wording: the very words beside the button. form: id of the page or command.
    channel: web, mail, import, desk, command. ip and user_agent are forgotten after a
    year or with the person.
    """

    wording: str = ""
    form: str = ""
    channel: str = "web"
    ip: str = ""
    user_agent: str = ""


def wording_hash(wording: str) -> str:
    """Return 64 hexadecimal digits (SHA-256) by which a wording is kept once."""
    return hashlib.sha256(wording.encode()).hexdigest()


def is_wanted(  # noqa: PLR0913  a rule over everything that may say no
    *,
    subscriber: SubscriberState,
    subscription: SubscriptionState,
    paused_until: datetime | None,
    tier: Tier,
    subscriber_only: bool,
    suppressed: bool,
    now: datetime,
) -> bool:
    """Decide whether a newsletter may go to somebody at this moment.

    The view audience_reach says the same in SQL; a contract test holds them together.
    """
    if suppressed or subscriber is not SubscriberState.ACTIVE:
        return False
    if subscriber_only and tier is not Tier.SUBSCRIBER:
        return False
    if subscription is SubscriptionState.PAUSED:
        return paused_until is not None and paused_until <= now
    return subscription is SubscriptionState.ACTIVE
