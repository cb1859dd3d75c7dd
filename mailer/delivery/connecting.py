"""Open a pipe to a relay of the settings, whatever kind it is."""

from collections.abc import Iterator
from contextlib import contextmanager

from mailer.delivery import smtp, standing
from mailer.delivery.anymail import AnymailTransport
from mailer.delivery.servicecall import ANSWER_SECONDS
from mailer.delivery.smtp import SmtpTransport
from mailer.delivery.transport import RelayRefusesUs


@contextmanager
def connect(*, relay_id: int) -> Iterator[SmtpTransport | AnymailTransport]:
    """Give a pipe to a relay, and close it.

    Call `close` yourself before the end: what it returns wants to be settled.

    Raises RelayAway or RelayRefusesUs if no session can be opened. A mail service is
    not asked before the first call.
    """
    try:
        relay = standing.relay(relay_id)
    except standing.NoSuchRelay as error:
        raise RelayRefusesUs(str(error).rstrip(".")) from error
    if relay.service is None:
        with smtp.connect(relay_id=relay_id) as transport:
            yield transport
        return
    service = AnymailTransport(relay, relay.service, answer_seconds=ANSWER_SECONDS)
    try:
        yield service
    finally:
        service.close()
