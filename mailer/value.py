"""How the text of a setting becomes a value: a function a kind, each with its fault."""

import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from mailer.delivery.relays import read_relays
from mailer.kernel.tokens import Keys


def url(*schemes: str) -> Callable[[str], str]:
    """Return a reader of addresses that begin with one of these schemes."""

    def read(text: str) -> str:
        if urlsplit(text).scheme not in schemes:
            raise ValueError(
                f"must start with {' or '.join(s + '://' for s in schemes)}"
            )
        return text

    return read


def public_url(text: str) -> str:
    """Read an address that readers may be sent to; without its last slash."""
    parts = urlsplit(text)
    local = (parts.hostname or "").split(".")[-1] in {"localhost", "1"}
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError("must be an https:// address, or http:// on localhost")
    return text.rstrip("/")


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from least to most."""

    def read(text: str) -> int:
        if not text.isdigit() or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return read


def yes(text: str) -> bool:
    """Read yes or no."""
    if text not in {"yes", "no"}:
        raise ValueError("must be yes or no")
    return text == "yes"


def one_of(*words: str) -> Callable[[str], str]:
    """Return a reader of one of these words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"must be {' or '.join(words)}")
        return text

    return read


def names(text: str) -> tuple[str, ...]:
    """Read names separated by commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def networks(text: str) -> tuple[str, ...]:
    """Read addresses or networks separated by commas."""
    found = names(text)
    for name in found:
        try:
            ip_network(name, strict=False)
        except ValueError as error:
            raise ValueError(
                "must be addresses or networks such as 10.0.0.0/8, separated by commas"
            ) from error
    return found


def addresses(text: str) -> tuple[str, ...]:
    """Read IP addresses separated by commas."""
    found = names(text)
    for name in found:
        try:
            ip_address(name)
        except ValueError as error:
            raise ValueError(
                "must be IP addresses such as 192.0.2.7, separated by commas"
            ) from error
    return found


def logo(text: str) -> str:
    """Read one or two https addresses."""
    if text and not all(part.startswith("https://") for part in names(text)):
        raise ValueError("must be one or two https:// addresses, with a comma between")
    return text


def relays(text: str) -> tuple[str, ...]:
    """Read the addresses of relays."""
    urls = names(text)
    read_relays(urls, sessions=1)  # for its faults, at the start and not at the send
    return urls


def mailbox(text: str) -> str:
    """Read a mail address, or nothing."""
    if text and not re.fullmatch(r"[^@\s<>]+@[A-Za-z0-9.-]+", text):
        raise ValueError("must be an address such as letters@news.example.org")
    return text


def secret(text: str) -> str:
    """Read a secret of 32 characters or more."""
    if len(text) < 32:  # noqa: PLR2004
        raise ValueError("must have 32 characters or more")
    return text


def token_keys(text: str) -> Keys:
    """Read `id:hex` separated by commas."""
    keys = []
    for part in names(text):
        key_id, _, secret = part.partition(":")
        keys.append((whole(0, 255)(key_id), bytes.fromhex(secret)))
        if len(keys[-1][1]) < 32:  # noqa: PLR2004
            raise ValueError("needs 64 hexadecimal digits or more in each key")
    return Keys(tuple(keys))


def zone(text: str) -> str:
    """Read the name of a time zone."""
    if text not in available_timezones():
        raise ValueError("must be an IANA time zone such as Africa/Johannesburg")
    return text


def file(text: str) -> Path | None:
    """Read the path of a file that is there, or nothing."""
    if not text:
        return None
    path = Path(text)
    if not path.is_file():
        raise ValueError("names no file")
    return path


def folder(text: str) -> Path | None:
    """Read the path of a folder, or nothing."""
    return Path(text) if text else None
