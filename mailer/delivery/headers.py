"""Header fields as bytes: our own serialiser, for what Python's one destroys.

Python's modern `email` API folds a long List-Unsubscribe into encoded-words, so that no
provider finds the address in it (3.11 to 3.13, measured), and RFC 8058 asks for exact
bytes. Here a structured value is folded where the caller says and nowhere else.
"""

import re
from datetime import UTC, datetime

from mailer.delivery import encodedword
from mailer.kernel.errors import Permanent

LONGEST_LINE = 78  # should; RFC 5322 §2.1.1
HARD_LIMIT = 998  # must; the same
LONGEST_PLAIN_WORD = 60
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*", re.ASCII)
_ATOMS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
)
# Without quoted local parts and address literals, which no subscriber has, and with
# domains as A-labels. Nothing here can end a field, a path or an address.
ADDRESS = re.compile(
    r"(?=[^@]{1,64}@[^@]{1,253}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+"
)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


class Unprintable(Permanent):
    """This mail can be printed for nobody; str() says which part of it and why."""


def field(name: str, *parts: str) -> bytes:
    """Return a structured field: ASCII parts with a space, or a fold, between them.

    Raises Unprintable for what could end the field or does not fit in a line.
    """
    lines = [f"{name}:"]
    for number, part in enumerate(parts):
        if not part.isascii() or _CONTROL.search(part):
            raise Unprintable(f"{name} must be plain ASCII without control characters")
        if number and len(lines[-1]) + 1 + len(part) > LONGEST_LINE:
            lines.append("")
        lines[-1] += f" {part}"
        if len(lines[-1]) > HARD_LIMIT:
            raise Unprintable(f"{name} has a part of {len(part)} characters")
    return ("\r\n".join(lines) + "\r\n").encode()


def text_field(name: str, text: str) -> bytes:
    """Return an unstructured field, such as Subject.

    Raises Unprintable if the text holds a control character: a line break in it
    would begin a field of somebody else's choice.
    """
    _refuse_control(name, text)
    if _is_plain(text):
        return field(name, *text.split(" "))
    value = encodedword.encode(text, column=len(name) + 2)
    return f"{name}: {value}\r\n".encode()


def mailbox_field(name: str, display_name: str, address: str) -> bytes:
    """Return a field that names one mailbox, such as From."""
    _refuse_control(name, display_name)
    if ADDRESS.fullmatch(address) is None:
        raise Unprintable(f"{name} is not an address that can be sent from")
    if not display_name:
        return field(name, address)
    return _phrase_field(name, display_name, f"<{address}>")


def list_id_field(display_name: str, list_id: str) -> bytes:
    """Return List-Id (RFC 2919 §3): the name may be encoded, the id is exact."""
    _refuse_control("List-Id", display_name)
    if re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+", list_id) is None:
        raise Unprintable("List-Id must be words with dots between them")
    return _phrase_field("List-Id", display_name, f"<{list_id}>")


def date_value(at: datetime) -> str:
    """Return a date as RFC 5322 §3.3 writes it, in UTC. Raises for a naive one."""
    if at.utcoffset() is None:
        raise ValueError("a date in a mail must be aware")
    at = at.astimezone(UTC)
    day = f"{_DAYS[at.weekday()]}, {at.day:02} {_MONTHS[at.month - 1]} {at.year}"
    return f"{day} {at:%H:%M:%S} +0000"


def date_field(at: datetime) -> bytes:
    """Return the Date field."""
    return field("Date", date_value(at))


def _phrase_field(name: str, phrase: str, rest: str) -> bytes:
    if _is_plain(phrase) and _ATOMS.fullmatch(phrase):
        return field(name, *phrase.split(" "), rest)
    if _is_plain(phrase) and len(phrase) <= LONGEST_PLAIN_WORD:
        escaped = phrase.replace("\\", "\\\\").replace('"', '\\"')
        return field(name, f'"{escaped}"', rest)
    value = encodedword.encode(phrase, column=len(name) + 2)
    column = len(value.rpartition("\n")[2]) + (0 if "\n" in value else len(name) + 2)
    # A line with an encoded-word ends at 76, whatever else it holds (RFC 2047 §2).
    gap = " " if column + 1 + len(rest) <= encodedword.LONGEST_LINE else "\r\n "
    return f"{name}: {value}{gap}{rest}\r\n".encode()


def _is_plain(text: str) -> bool:
    """Tell whether a text may stand as it is: ASCII words, none like an encoded one."""
    return (
        _PLAIN.fullmatch(text) is not None
        and "=?" not in text
        and max(map(len, text.split(" "))) <= LONGEST_PLAIN_WORD
    )


def _refuse_control(name: str, text: str) -> None:
    if _CONTROL.search(text):
        raise Unprintable(f"{name} holds a line break or another control character")
