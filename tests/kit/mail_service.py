"""A mail service over real HTTP: seven of them, with the answers they document.

A script is a queue of tricks, one for each call: a status with its body and headers,
`partly` (some messages refused), SILENCE (it takes the call and never answers), CUT.
What it took is in `taken`: whom it would send what, each with her own To alone.
"""

import contextlib
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

from mailer.delivery.relays import Relay, Security
from mailer.delivery.services import SERVICES

SILENCE = "silence"
CUT = "cut"


@dataclass(frozen=True)
class Said:
    """What a service answers instead of taking the call."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Partly:
    """It refuses these addresses, in the words of that service, and takes the rest."""

    refuses: dict[str, Any]


Trick = Said | Partly | str


@dataclass(frozen=True)
class Mail:
    """One message as its reader will see it: every visible recipient, fields, texts."""

    to: tuple[str, ...]
    fields: dict[str, str]
    html: str
    text: str


@dataclass
class MailService:
    """The service. Use it as a context; `relay()` says where it is."""

    name: str
    script: deque[Trick] = field(default_factory=deque)
    taken: list[Mail] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)  # path, headers, body
    let_go: threading.Event = field(default_factory=threading.Event)

    def then(self, *tricks: Trick) -> Self:
        """Do these at the next calls, one at each."""
        self.script.extend(tricks)
        return self

    def relay(self, **changes: Any) -> Relay:
        """Return the relay that this service is."""
        service = SERVICES[self.name]
        values: dict[str, Any] = {
            "id": 1,
            "host": "127.0.0.1",
            "port": self.port,
            "security": Security.TLS,
            "password": "open sesame",
            "user": "key" if service.wants_user else "",
            "messages_a_session": service.usual,
            "service": service,
            "sessions": 1,
        }
        return Relay(**(values | changes))

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_address[1]

    def addresses(self) -> list[str]:
        """Return who would get a message, in order."""
        return [address for mail in self.taken for address in mail.to]

    def __enter__(self) -> Self:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                service._answer(self)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go.set()
        self.stop()

    def stop(self) -> None:
        """Take no more connections."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        raw = handler.rfile.read(int(handler.headers["Content-Length"] or 0))
        is_form = "json" not in (handler.headers["Content-Type"] or "")
        body = parse_qs(raw.decode()) if is_form else json.loads(raw)
        headers = dict(handler.headers.items())
        call = {"path": handler.path, "headers": headers, "body": body}
        self.calls.append(call)
        trick = self.script.popleft() if self.script else None
        if isinstance(trick, Said):
            return _say(handler, trick)
        read, answer = SPOKEN[self.name]
        mails = read(body)
        if not mails:
            return _say(handler, Said(422, {"message": "no recipient"}))
        refuses = trick.refuses if isinstance(trick, Partly) else {}
        self.taken += [mail for mail in mails if mail.to[0] not in refuses]
        if isinstance(trick, str):
            if trick == SILENCE:
                self.let_go.wait(10)
            handler.close_connection = True
            return None
        addresses = [mail.to[0] for mail in mails]
        return _say(handler, Said(200, answer(addresses, refuses)))


def _say(handler: BaseHTTPRequestHandler, said: Said) -> None:
    data = json.dumps(said.body or {}).encode()
    handler.send_response_only(said.status)
    for name, value in said.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


@contextlib.contextmanager
def a_mail_service(name: str, *tricks: Trick) -> Iterator[MailService]:
    """Give a running service."""
    with MailService(name).then(*tricks) as service:
        yield service


# ── what each is sent, and what it answers ──


def _mail(to: list[str], fields: Any, html: str, text: str) -> Mail:
    return Mail(tuple(to), dict(fields or {}), html, text)


def _merged(text: str, values: dict[str, str], mark: str) -> str:
    for name, value in values.items():
        text = text.replace(mark % name, value)
    return text


def _read_brevo(body: Any) -> list[Mail]:
    return [
        _mail(
            [to["email"] for to in one["to"]],
            body.get("headers", {}) | one.get("headers", {}),
            *(
                _merged(body[part], one.get("params", {}), "{{params.%s}}")
                for part in ("htmlContent", "textContent")
            ),
        )
        for one in body.get("messageVersions", [])
    ]


def _read_mailgun(body: Any) -> list[Mail]:
    if "to" not in body:
        return []
    own = json.loads(body["recipient-variables"][0])
    mails = []
    for to in body["to"]:
        mark = "%%recipient.%s%%"
        fields = {
            name.removeprefix("h:"): _merged(value[0], own[to], mark)
            for name, value in body.items()
            if name.startswith("h:")
        }
        html, text = (
            _merged(body[part][0], own[to], mark) for part in ("html", "text")
        )
        # Without recipient-variables Mailgun shows every reader all the others.
        visible = [to] if to in own else body["to"]
        mails.append(_mail(visible, fields, html, text))
    return mails


def _read_mailjet(body: Any) -> list[Mail]:
    same = body.get("Globals", {})
    mails = []
    for message in body.get("Messages", []):
        one = same | message  # what a message says replaces what all say
        to = [to["Email"] for to in one["To"]]
        mails.append(_mail(to, one.get("Headers"), one["HTMLPart"], one["TextPart"]))
    return mails


def _read_mailtrap(body: Any) -> list[Mail]:
    base = body.get("base", {})
    mails = []
    for request in body.get("requests", []):
        one = base | request
        to = [to["email"] for to in one["to"]]
        mails.append(_mail(to, one.get("headers"), one["html"], one["text"]))
    return mails


def _read_postmark(body: Any) -> list[Mail]:
    return [
        _mail(
            one["To"].split(","),
            {field["Name"]: field["Value"] for field in one.get("Headers", [])},
            one["HtmlBody"],
            one["TextBody"],
        )
        for one in (body if isinstance(body, list) else [])
    ]


def _read_resend(body: Any) -> list[Mail]:
    return [
        _mail(one["to"], one.get("headers"), one["html"], one["text"])
        for one in (body if isinstance(body, list) else [])
    ]


def _read_sparkpost(body: Any) -> list[Mail]:
    content = body.get("content", {})
    mails = []
    for one in body.get("recipients", []):
        own = one.get("substitution_data", {})
        fields = {
            name: _merged(value, own, "{{%s}}")
            for name, value in content.get("headers", {}).items()
        }
        html, text = (_merged(content[p], own, "{{{%s}}}") for p in ("html", "text"))
        visible = one["address"]["header_to"].split(",")
        mails.append(_mail(visible, fields, html, text))
    return mails


def _ids(addresses: list[str]) -> list[str]:
    return [f"id-{n}" for n, _ in enumerate(addresses, 1)]


def _mailjet_answer(addresses: list[str], refuses: dict[str, Any]) -> Any:
    return {
        "Messages": [
            {"Status": "error", "Errors": [refuses[address]]}
            if address in refuses
            else {"Status": "success", "To": [{"Email": address, "MessageID": n}]}
            for n, address in enumerate(addresses, 1)
        ]
    }


def _mailtrap_answer(addresses: list[str], refuses: dict[str, Any]) -> Any:
    return {
        "success": True,
        "responses": [
            {"success": False, "errors": [refuses[address]]}
            if address in refuses
            else {"success": True, "message_ids": [f"id-{n}"]}
            for n, address in enumerate(addresses, 1)
        ],
    }


def _postmark_answer(addresses: list[str], refuses: dict[str, Any]) -> Any:
    return [
        {"ErrorCode": 0, "Message": "OK", "MessageID": f"id-{n}", "To": address}
        | refuses.get(address, {})
        for n, address in enumerate(addresses, 1)
    ]


def _sparkpost_answer(addresses: list[str], refuses: dict[str, Any]) -> Any:
    rejected = len([address for address in addresses if address in refuses])
    return {
        "results": {
            "total_accepted_recipients": len(addresses) - rejected,
            "total_rejected_recipients": rejected,
            "id": "11668787484950529",
        }
    }


Read = Callable[[Any], list[Mail]]
Answer = Callable[[list[str], dict[str, Any]], Any]
SPOKEN: dict[str, tuple[Read, Answer]] = {
    "brevo": (_read_brevo, lambda to, _: {"messageIds": _ids(to)}),
    "mailgun": (
        _read_mailgun,
        lambda _to, _: {"id": "<1@a.example>", "message": "Queued. Thank you."},
    ),
    "mailjet": (_read_mailjet, _mailjet_answer),
    "mailtrap": (_read_mailtrap, _mailtrap_answer),
    "postmark": (_read_postmark, _postmark_answer),
    "resend": (_read_resend, lambda to, _: {"data": [{"id": one} for one in _ids(to)]}),
    "sparkpost": (_read_sparkpost, _sparkpost_answer),
}
