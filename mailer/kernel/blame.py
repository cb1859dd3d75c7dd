"""Whose fault it is that a mail did not arrive: what decides about an address."""

from enum import StrEnum


class Blame(StrEnum):
    """Who has to change something. Values are stored: never renamed.

    Only ADDRESS may silence a subscriber at once. Guessing it for our own faults
    would suppress readers because our server was on a blocklist.
    """

    NOBODY = "nobody"  # it was accepted
    ADDRESS = "address"  # no such mailbox, disabled, or a domain that takes no mail
    MAILBOX_FULL = "mailbox_full"
    DOMAIN = "domain"  # its DNS does not answer as it should; may heal
    RECEIVER = "receiver"  # busy, greylisting, out of order; may heal
    RELAY = "relay"  # our own relay or ESP: away, closing, out of quota
    READER = "reader"  # said that our mail is unwanted: a complaint
    US = "us"  # reputation, policy, size, our bug; and whatever nobody can tell
