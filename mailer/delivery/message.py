"""The body of a mail: multipart/alternative, text first, cut at its personal marks.

Always seven bits wide, since a relay that converts eight to seven would break a
signature (RFC 6376 §5.3), and CRLF everywhere.
"""

import re
from collections.abc import Mapping

from mailer.delivery.base64body import Base64
from mailer.delivery.headers import Unprintable, field
from mailer.delivery.quotedprintable import QuotedPrintable, value
from mailer.kernel.personal import MARK, Personal

_MARK = re.compile(f"({MARK})")
_BREAK = re.compile("\r\n?")


class Body:
    """Both parts of a mail, encoded but for the personal values."""

    def __init__(
        self, *, text: str, html: str, boundary: str, same: Mapping[Personal, str]
    ) -> None:
        """Cut and encode. html may be empty: then the mail is text alone.

        same: values equal for everybody, put in for good. Raises Unprintable for a
        mark that nobody knows.
        """
        plain = _cut("text", text, same)
        if not html:
            self.fields = _part_fields("plain", plain.body)
            self._chain: list[bytes | QuotedPrintable | Base64] = [plain.body]
            self.marks = plain.marks
            return
        rich = _cut("html", html, same)
        self.marks = plain.marks | rich.marks
        self.fields = field(
            "Content-Type", "multipart/alternative;", f'boundary="{boundary}"'
        )
        line = f"--{boundary}\r\n".encode()
        self._chain = [
            line + _part_fields("plain", plain.body) + b"\r\n",
            plain.body,
            b"\r\n" + line + _part_fields("html", rich.body) + b"\r\n",
            rich.body,
            f"\r\n--{boundary}--".encode(),
        ]

    def fill(self, values: Mapping[str, str]) -> list[bytes]:
        """Return the parts of the body for one subscriber, to be joined.

        values: one for each of `marks`.
        """
        quoted = {mark: value(values[mark]) for mark in self.marks}
        parts: list[bytes] = []
        for link in self._chain:
            if isinstance(link, bytes):
                parts.append(link)
            elif isinstance(link, QuotedPrintable):
                parts += link.fill(quoted)
            else:
                parts += link.fill({mark: values[mark].encode() for mark in self.marks})
        parts.append(b"\r\n")
        return parts


class _Cut:
    def __init__(self, body: QuotedPrintable | Base64, marks: frozenset[str]) -> None:
        self.body, self.marks = body, marks


def _cut(name: str, text: str, same: Mapping[Personal, str]) -> _Cut:
    text = _BREAK.sub("\n", text)
    for mark, known in same.items():
        text = text.replace(mark, known)
    texts, marks = _MARK.split(text)[::2], _MARK.findall(text)
    for mark in marks:
        if mark not in set(Personal):
            raise Unprintable(f"the {name} holds {mark}, which stands for nothing")
    raw = text.encode("utf-8", "replace")
    is_foreign = 3 * sum(byte > 0x7F for byte in raw) > len(raw)  # noqa: PLR2004
    kind = Base64 if is_foreign else QuotedPrintable
    return _Cut(kind(texts, marks), frozenset(marks))


def _part_fields(subtype: str, body: QuotedPrintable | Base64) -> bytes:
    return field("Content-Type", f"text/{subtype};", "charset=utf-8") + field(
        "Content-Transfer-Encoding", body.encoding
    )
