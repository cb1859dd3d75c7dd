"""Anymail's backends for services without marks: each reader's text in full.

Their calls hold many whole messages, and anymail lets the To and the headers differ,
not the texts. A message given to one of these has `values`: by address, what stands
for each mark.
"""

import json
from typing import Any

from anymail.backends import mailjet, mailtrap, postmark, resend
from anymail.message import AnymailRecipientStatus

from mailer.delivery.parts import with_values


def _fill(message: Any, address: str, data: dict[str, Any], *names: str) -> None:
    values = message.values[address].items()
    for name in names:
        if name in data:
            data[name] = with_values(data[name], values)


class _Mailjet(mailjet.MailjetPayload):  # type: ignore[misc]
    def serialize_data(self) -> str:
        same = self.data["Globals"]
        texts = {
            name: same.pop(name) for name in ("TextPart", "HTMLPart") if name in same
        }
        for one in self.data["Messages"]:
            one.update(texts)
            _fill(self.message, one["To"][0]["Email"], one, *texts)
        return str(super().serialize_data())


class Mailjet(mailjet.EmailBackend):  # type: ignore[misc]
    """Mailjet. Results come in the order of the messages; errors name nobody."""

    def build_message_payload(self, message: Any, defaults: Any) -> Any:
        """Return what becomes the call."""
        return _Mailjet(message, defaults, self)


class _Mailtrap(mailtrap.MailtrapPayload):  # type: ignore[misc]
    def burst_for_batch(self) -> dict[str, Any]:
        data: dict[str, Any] = super().burst_for_batch()
        texts = {
            name: data["base"].pop(name)
            for name in ("text", "html")
            if name in data["base"]
        }
        for one in data["requests"]:
            one.update(texts)
            _fill(self.message, one["to"][0]["email"], one, *texts)
        return data


class Mailtrap(mailtrap.EmailBackend):  # type: ignore[misc]
    """Mailtrap. What a request says goes before what the base says."""

    def build_message_payload(self, message: Any, defaults: Any) -> Any:
        """Return what becomes the call."""
        return _Mailtrap(message, defaults, self)


class _Postmark(postmark.PostmarkPayload):  # type: ignore[misc]
    def data_for_recipient(self, to: Any) -> dict[str, Any]:
        data: dict[str, Any] = super().data_for_recipient(to)
        _fill(self.message, to.addr_spec, data, "TextBody", "HtmlBody")
        return data


class Postmark(postmark.EmailBackend):  # type: ignore[misc]
    """Postmark. Its answers stand in the order of the messages, one for each.

    Anymail gives up a whole answer for one message with an error it does not know,
    although others in it were sent; this reads one by one.
    """

    NOT_AN_ADDRESS, INACTIVE = 300, 406

    def build_message_payload(self, message: Any, defaults: Any) -> Any:
        """Return what becomes the call."""
        return _Postmark(message, defaults, self)

    def parse_recipient_status(self, response: Any, payload: Any, message: Any) -> Any:
        """Return what became of each message, by address."""
        answers = self.deserialize_json_response(response, payload, message)
        if not isinstance(answers, list) or len(answers) != len(payload.to_emails):
            return super().parse_recipient_status(response, payload, message)
        return {
            to.addr_spec: self._status(answer)
            for to, answer in zip(payload.to_emails, answers, strict=True)
        }

    def _status(self, answer: dict[str, Any]) -> AnymailRecipientStatus:
        code, said = answer.get("ErrorCode", 0), answer.get("Message", "")
        status = "failed"
        if code == 0:
            status = "rejected" if "inactive addresses" in said else "sent"
        elif code == self.INACTIVE:
            status = "rejected"
        elif code == self.NOT_AN_ADDRESS and "'To'" in said:
            status = "invalid"
        return AnymailRecipientStatus(answer.get("MessageID"), status)


class _Resend(resend.ResendPayload):  # type: ignore[misc]
    def serialize_data(self) -> str:
        messages = json.loads(super().serialize_data())
        for one, to in zip(messages, self.to_recipients, strict=True):
            _fill(self.message, to.addr_spec, one, "text", "html")
        return json.dumps(messages)


class Resend(resend.EmailBackend):  # type: ignore[misc]
    """Resend. All messages of a call are taken, or none."""

    def build_message_payload(self, message: Any, defaults: Any) -> Any:
        """Return what becomes the call."""
        return _Resend(message, defaults, self)
