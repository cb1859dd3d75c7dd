"""The scrambled mark of an address under this installation's oldest token key.

The oldest, because marks must outlive every change of keys: TOKEN_KEYS only grows, and
key ids are given upwards.
"""

from django.conf import settings

from mailer.audience.address import mark_of


def secret() -> bytes:
    """Return the key under which every mark here was made."""
    oldest: bytes = min(settings.TOKEN_KEYS.by_id)[1]
    return oldest


def mark(key: str) -> bytes:
    """Return the mark of a normalised address."""
    return mark_of(key, secret())
