"""One call to a mail service: many messages, one a reader, and what became of each.

    answered         each reader's own status
    refused whole    400, 413, 422: the call is cut in halves, until the one is found
                     that it does not like
    not now          429, 500, 503, no connection: nobody got it; the relay rests, for
                     as long as it asks (Retry-After)
    our fault        401, 402, 403: nobody got it; an operator must look
    nobody can tell  no answer, one that cannot be read, 502 and 504 (a gateway speaks):
                     the whole call is in doubt

Each call has a connection of its own. One that was kept could be closed by the service
at the moment we write, and then a hundred mails would be in doubt for nothing.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from anymail.exceptions import AnymailError, AnymailRequestsAPIError
from anymail.message import AnymailMessage
from django.utils.module_loading import import_string
from urllib3 import exceptions as wire

from mailer.delivery.parts import Parts, with_values
from mailer.delivery.relays import Relay
from mailer.delivery.reply import Reply, Stage, not_sent, unsendable
from mailer.delivery.services import Service, harmless
from mailer.delivery.transport import (
    Envelope,
    RelayAway,
    RelayFault,
    RelayRefusesUs,
)

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0  # after that the call is in doubt, and its batch says so
REFUSED_AT_MOST = 3  # single mails, nobody's taken: then it is our text, not they

TAKEN = Reply(250)
NOT_AN_ADDRESS = Reply(550, (5, 1, 3), "not a valid address", Stage.RCPT)
BLOCKED = unsendable("the service has the address on its block list", (5, 7, 0))
FAILED = Reply(554, None, "the service could not take it", Stage.DATA)
STATUSES: Mapping[str, Reply | None] = {
    "sent": TAKEN,
    "queued": TAKEN,
    "invalid": NOT_AN_ADDRESS,
    "rejected": BLOCKED,
    "failed": FAILED,
    "unknown": None,  # it says that some were taken and not which
}

NOBODY = "nobody@invalid.example"  # never in a call: stands in while one is built
OUR_FAULT = {401, 402, 403}
WHOLE = {400, 404, 405, 406, 409, 413, 415, 422}
GATEWAY = {502, 504}
# Before a byte of the call was written.
NO_LINE = (
    wire.NewConnectionError,
    wire.ConnectTimeoutError,
    wire.NameResolutionError,
    wire.ProxyError,
    wire.SSLError,
)

log = logging.getLogger(__name__)


class RelayBusy(RelayAway):
    """It takes no more now, and may say for how long."""

    def __init__(self, text: str, retry_after_seconds: float) -> None:
        super().__init__(text)
        self.retry_after_seconds = retry_after_seconds


class CallUnanswered(RelayAway):
    """The service may have taken the whole call, or nothing of it."""

    leaves_doubt = True


@dataclass(slots=True)
class Outcome:
    """What became of a call. refused: it was refused whole, with this status."""

    replies: dict[int, Reply | None] = field(default_factory=dict)
    fault: RelayFault | None = None
    refused: int = 0


class Caller:
    """Makes the calls to one service."""

    def __init__(
        self,
        relay: Relay,
        service: Service,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._relay = relay
        self._service = service
        self._timeout = (connect_seconds, answer_seconds)
        self._backend_class = import_string(service.backend)

    def hand_over(self, envelopes: Sequence[Envelope]) -> Outcome:
        """Hand over messages of one sheet, each address once; return their replies."""
        whole, todo = Outcome(), [list(envelopes)]
        refused: dict[int, int] = {}
        while todo:
            some = todo.pop()
            outcome = self._call(some)
            if outcome.refused and len(some) > 1:
                middle = len(some) // 2
                todo += [some[middle:], some[:middle]]
            elif outcome.refused:
                refused[some[0].position] = outcome.refused
            whole.replies |= outcome.replies
            whole.fault = outcome.fault
            if whole.fault or (len(refused) >= REFUSED_AT_MOST and not whole.replies):
                break
        stage = Stage.RCPT if whole.replies else Stage.DATA  # whose fault it can be
        for position, status in refused.items():
            text = f"the service refuses the call ({status})"
            whole.replies[position] = Reply(554, None, text, stage)
        for envelope in envelopes:
            left = not_sent("not tried") if whole.fault else FAILED
            whole.replies.setdefault(envelope.position, left)
        return whole

    def check(self) -> str:
        """Ask for nothing, at the address where mail goes; return what is said.

        The call names nobody, so nothing can be sent: whoever is let in is told that it
        lacks something. Raises RelayAway or RelayRefusesUs.
        """
        backend = self._backend()
        message = AnymailMessage(
            to=["nobody@invalid.example"], from_email="a@a.example"
        )
        message.merge_data, message.values = {}, {"nobody@invalid.example": {}}
        try:
            payload = backend.build_message_payload(message, {})
            asked = payload.get_request_params(backend.api_url)
            asked["data"] = "{}" if isinstance(asked["data"], str) else {}
            answer = requests.request(**asked, timeout=self._timeout)
        except requests.RequestException as error:
            raise self._no_answer(error) from error
        status = answer.status_code
        if status not in {200, *WHOLE}:
            raise self._fault(status, answer.headers)
        return f"let in; an empty call is answered with {status}"

    def _call(self, envelopes: Sequence[Envelope]) -> Outcome:
        message = self._message([_parts(one) for one in envelopes], envelopes)
        backend = self._backend()
        try:
            backend.open()
            backend.send_messages([message])
        except AnymailRequestsAPIError as error:
            return self._failed(error, envelopes)
        except AnymailError as error:  # before it called: what it cannot put in a call
            why = f"{self._words} cannot be asked for this: {type(error).__name__}"
            return self._nobody(envelopes, RelayRefusesUs(why))
        finally:
            backend.close()
        statuses = message.anymail_status.recipients
        return Outcome(
            {
                one.position: STATUSES[found.status if found else "unknown"]
                for one in envelopes
                for found in [statuses.get(one.address)]
            }
        )

    # ── what is asked ──

    def _message(self, parts: Sequence[Parts], envelopes: Sequence[Envelope]) -> Any:
        """Return one message to many, each of whom sees herself alone.

        merge_data stands in it always, even if empty: without it every reader would see
        all the addresses.
        """
        sheet, service = parts[0].sheet, self._service
        keys = {mark: mark.strip("@").lower() for one in parts for mark in one.values}
        message = AnymailMessage(
            subject=harmless(service, sheet.subject, is_html=False),
            body=self._marked(sheet.text, keys, is_html=False),
            from_email=_mailbox(sheet.from_name, sheet.from_address),
            to=[one.address for one in envelopes],
            reply_to=[sheet.reply_to] if sheet.reply_to else None,
        )
        if sheet.html:
            html = self._marked(sheet.html, keys, is_html=True)
            message.attach_alternative(html, "text/html")
        pairs = list(zip(envelopes, parts, strict=True))
        message.values = {one.address: part.values for one, part in pairs}
        message.merge_data = {}
        if service.mark:
            message.merge_data = {
                one.address: {keys[mark]: value for mark, value in part.values.items()}
                for one, part in pairs
            }
        message.extra_headers = dict(sheet.fields) | dict(service.keeps_id or {})
        message.merge_headers = {
            one.address: self._own_fields(part, message.extra_headers)
            for one, part in pairs
        }
        if service.repeats_head:
            message.extra_headers = {}
        message.merge_metadata = {
            one.address: {"delivery": part.name} for one, part in pairs
        }
        if service.tracks:
            message.track_opens = message.track_clicks = False
        return message

    def _own_fields(self, part: Parts, same: Mapping[str, str]) -> dict[str, str]:
        own = dict(part.fields)
        if self._service.keeps_id is None:
            own.pop("Message-ID", None)
        return {**same, **own} if self._service.repeats_head else own

    def _marked(self, text: str, keys: Mapping[str, str], *, is_html: bool) -> str:
        """Return a text with the service's marks, or with ours, which are filled."""
        service = self._service
        if not service.mark:
            return text
        marks = ((mark, service.mark.format(key)) for mark, key in keys.items())
        return with_values(harmless(service, text, is_html=is_html), marks)

    def _backend(self) -> Any:
        relay, service = self._relay, self._service
        secrets = (
            (relay.user, relay.password) if service.wants_user else (relay.password,)
        )
        options: dict[str, Any] = dict(zip(service.keys, secrets, strict=True))
        if relay.host:
            scheme = "http" if relay.is_local else "https"
            port = f":{relay.port}" if relay.port else ""
            options["api_url"] = f"{scheme}://{relay.host}{port}{relay.path}"
        if relay.stream:
            options["message_stream"] = relay.stream
        if relay.sender_domain:
            options["sender_domain"] = relay.sender_domain
        return self._backend_class(
            **options, timeout=self._timeout, ignore_recipient_status=True
        )

    # ── what went wrong ──

    @property
    def _words(self) -> str:
        return f"relay {self._relay.id} ({self._service.name})"

    def _failed(
        self, error: AnymailRequestsAPIError, envelopes: Sequence[Envelope]
    ) -> Outcome:
        response = error.response
        if response is None:
            return self._nobody(envelopes, self._no_answer(error.__cause__))
        status = response.status_code
        if status in WHOLE:
            return Outcome(refused=status)
        fault = self._fault(status, response.headers)
        return self._nobody(envelopes, fault)

    def _nobody(self, envelopes: Sequence[Envelope], fault: RelayFault) -> Outcome:
        """Return what nobody got, for sure, or what nobody can tell."""
        if fault.leaves_doubt:
            log.warning(
                "relay.call_in_doubt relay=%s run=%s mails=%s",
                *(self._relay.id, envelopes[0].run_id, len(envelopes)),
            )
        reply = None if fault.leaves_doubt else not_sent(str(fault))
        return Outcome({one.position: reply for one in envelopes}, fault)

    def _fault(self, status: int, headers: Mapping[str, str]) -> RelayFault:
        if status in OUR_FAULT:
            return RelayRefusesUs(f"{self._words} answers our key with {status}")
        if status < 300:  # noqa: PLR2004
            return CallUnanswered(f"{self._words} answers what cannot be read")
        if status in GATEWAY:
            return CallUnanswered(f"a gateway before {self._words} answers {status}")
        return RelayBusy(f"{self._words} answers {status}", _retry_after(headers))

    def _no_answer(self, error: BaseException | None) -> RelayFault:
        reason: object = error.args[0] if error and error.args else error
        reason = getattr(reason, "reason", reason)
        if isinstance(reason, wire.SSLError):
            return RelayRefusesUs(f"the certificate of {self._words} fails")
        if isinstance(reason, NO_LINE) or isinstance(error, requests.ConnectTimeout):
            return RelayAway(f"{self._words} cannot be reached")
        return CallUnanswered(f"{self._words} did not answer a call of several mails")


def _parts(envelope: Envelope) -> Parts:
    if envelope.parts is None:
        raise TypeError("a mail service takes mails in parts; see stock.py")
    return envelope.parts


def _mailbox(name: str, address: str) -> str:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>' if name else address


def _retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds of Retry-After (RFC 9110 §10.2.3), 0 where there are none."""
    said = headers.get("Retry-After", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        wait = parsedate_to_datetime(said) - parsedate_to_datetime(headers["Date"])
    except (ValueError, KeyError, TypeError):
        return 0.0
    return max(0.0, wait.total_seconds())
