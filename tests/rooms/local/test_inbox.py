"""The local inbox: a real SMTP server in a process of its own, asked over TCP."""

import smtplib

import pytest

from mailer.local.home import open_home
from mailer.local.postbox import Postbox
from mailer.local.processes import Family
from mailer.local.programs import relay

MAIL = (
    "From: The Causeway <morning@causeway.example>\r\nTo: {to}\r\n"
    "Subject: =?utf-8?q?Dam_=E2=80=9Cfull=E2=80=9D?=\r\n"
    "Message-ID: <{id}@x.example>\r\n"
    "List-Unsubscribe: <http://localhost:8000/u/TOKEN>, <mailto:u@x.example>\r\n"
    "\r\nRead on: http://localhost:8000/v/abc\r\n"
)


@pytest.fixture(scope="module")
def inbox(tmp_path_factory):
    home = open_home(tmp_path_factory.mktemp("home"))
    family = Family()
    family.start(relay(home, delay_seconds=0))
    yield home, family
    family.stop()


@pytest.fixture
def smtp(inbox):
    home, _ = inbox
    with smtplib.SMTP("127.0.0.1", home.ports["smtp"], timeout=10) as client:
        yield client


def send(smtp, to: str, number: str) -> None:
    smtp.sendmail("b-1@bounce.x.example", [to], MAIL.format(to=to, id=number).encode())


def test_a_mail_can_be_found_and_read(inbox, smtp):
    postbox = Postbox(inbox[0].inbox)

    send(smtp, "Ann@Readers.example", "ann-1")

    [arrival] = postbox.newest("ann@readers.example")
    assert arrival.subject == "Dam “full”"
    assert postbox.links(arrival.id) == ["http://localhost:8000/v/abc"]
    assert postbox.one_click(arrival.id) == "http://localhost:8000/u/TOKEN"


def test_a_message_that_comes_twice_is_counted_as_doubled(inbox, smtp):
    postbox = Postbox(inbox[0].inbox)
    before = postbox.counts()

    send(smtp, "ben@readers.example", "ben-1")
    send(smtp, "ben@readers.example", "ben-1")

    after = postbox.counts()
    assert after["message_ids"] == before["message_ids"] + 1
    assert after["doubled"] == before["doubled"] + 1


def test_who_is_gone_is_refused_as_unknown(smtp):
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(smtp, "gone.carla@readers.example", "carla-1")

    code, text = refused.value.recipients["gone.carla@readers.example"]
    assert (code, text[:5]) == (550, b"5.1.1")


def test_what_was_accepted_is_there_after_a_kill(inbox):
    home, family = inbox
    with smtplib.SMTP("127.0.0.1", home.ports["smtp"], timeout=10) as client:
        send(client, "dora@readers.example", "dora-1")
        family.kill("inbox")
        family.restart("inbox")
        family.wait(family.programs["inbox"])
        client.close()

    assert Postbox(home.inbox).newest("dora@readers.example")
