"""A mail server with an inbox page, for one machine: `python -m mailer.local.inbox`.

It takes every mail and delivers none. Addresses whose local part begins with `gone.`
are refused as unknown (550 5.1.1), so that a refusal can be seen. `--delay` makes each
message take that long, as a real server would; `--slow N` only the first N of them.
"""

import argparse
import asyncio
import json
import threading
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.smtp import SMTP, Envelope, Session

from mailer.local import inbox_pages
from mailer.local.mailbox import Mailbox, parsed

LARGEST_BYTES = 1_000_000
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


class Keep:
    """What aiosmtpd calls for each command. SQLite is written before the answer."""

    def __init__(
        self, mailbox: Mailbox, delay_seconds: float, slow: int | None
    ) -> None:
        self.mailbox = mailbox
        self.delay_seconds = delay_seconds
        arrived = mailbox.counts().mails
        self.slow_left = None if slow is None else max(0, slow - arrived)

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: Sequence[str],
    ) -> str:
        """Refuse who is gone, take everybody else."""
        if address.lower().startswith("gone."):
            return "550 5.1.1 There is no mailbox of that name here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep one copy for each recipient, then say so."""
        if self.delay_seconds and self.slow_left != 0:
            await asyncio.sleep(self.delay_seconds)
        if self.slow_left:
            self.slow_left -= 1
        for address in envelope.rcpt_tos:
            self.mailbox.keep(
                sender=envelope.mail_from or "",
                address=address,
                raw=envelope.original_content or b"",
                arrived_at=datetime.now(tz=UTC).isoformat(),
            )
        return "250 2.0.0 Kept"


class Pages(BaseHTTPRequestHandler):
    """The inbox on the web, and what a program may ask. Local only, no log-in."""

    path_to_store: Path

    def do_GET(self) -> None:
        """Answer a page, a message, or a count."""
        address = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(address.query).items()}
        mailbox = Mailbox(self.path_to_store)
        kind, body = answer(mailbox, address.path, query)
        mailbox.db.close()
        self.send_response(200 if kind else 404)
        self.send_header("Content-Type", kind or TEXT)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Stay silent: the log is for faults."""


def answer(mailbox: Mailbox, path: str, query: dict[str, str]) -> tuple[str, bytes]:
    """Return a content type and a body; an empty type means that there is nothing."""
    search = query.get("q", "")
    before = int(query["before"]) if query.get("before", "").isdigit() else None
    if path == "/":
        lines = mailbox.lines(search=search, before=before)
        return HTML, inbox_pages.listing(mailbox.counts(), lines, search).encode()
    if path == "/api/counts":
        counts = mailbox.counts()
        return _json(
            mails=counts.mails, message_ids=counts.message_ids, doubled=counts.doubled
        )
    if path == "/api/messages":
        limit = int(query["limit"]) if query.get("limit", "").isdigit() else 50
        lines = mailbox.lines(search=search, before=before, limit=limit)
        return _json(messages=[asdict(line) for line in lines])
    view, _, number = path.strip("/").partition("/")
    raw = mailbox.raw(int(number)) if number.isdigit() else None
    return one(view, int(number), raw) if raw else ("", b"There is no such page.")


def one(view: str, number: int, raw: bytes) -> tuple[str, bytes]:
    """Return one message: its page, its HTML, its text, or its very bytes."""
    mail = parsed(raw)
    shown = {
        "m": lambda: (HTML, inbox_pages.message(number, mail, raw).encode()),
        "html": lambda: (HTML, inbox_pages.body(mail, "html").encode()),
        "text": lambda: (TEXT, inbox_pages.body(mail, "plain").encode()),
        "raw": lambda: (TEXT, raw),
    }.get(view)
    return shown() if shown else ("", b"There is no such page.")


def _json(**values: Any) -> tuple[str, bytes]:
    return "application/json", json.dumps(values).encode()


async def serve(  # noqa: PLR0913  the options of the command
    *,
    store: Path,
    host: str,
    smtp_port: int,
    web_port: int,
    delay_seconds: float,
    slow: int | None,
) -> None:
    """Serve mail and pages until cancelled; ports are written beside the store."""
    mailbox = Mailbox(store)
    keep = Keep(mailbox, delay_seconds, slow)
    loop = asyncio.get_running_loop()
    smtp = await loop.create_server(
        lambda: SMTP(
            keep,
            hostname="inbox.localhost",
            ident="Stop Press inbox",
            data_size_limit=LARGEST_BYTES,
            enable_SMTPUTF8=False,
            loop=loop,
        ),
        host,
        smtp_port,
    )
    handler = type("InboxPages", (Pages,), {"path_to_store": store})
    web = ThreadingHTTPServer((host, web_port), handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    async with smtp:
        await smtp.serve_forever()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the inbox."""
    parser = argparse.ArgumentParser(prog="python -m mailer.local.inbox")
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, required=True)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds a message")
    parser.add_argument("--slow", type=int, help="only for so many messages")
    options = parser.parse_args(arguments)
    asyncio.run(
        serve(
            store=options.store,
            host=options.host,
            smtp_port=options.smtp_port,
            web_port=options.web_port,
            delay_seconds=options.delay,
            slow=options.slow,
        )
    )


if __name__ == "__main__":
    main()
