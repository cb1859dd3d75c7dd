"""Our client and a real Postfix, and Postfix's own sink: the mail that others take."""

import email
import email.policy
import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailer.delivery.dkim_check import holds
from mailer.delivery.press import Press
from mailer.delivery.relays import Relay, Security
from mailer.delivery.reply import Stage
from mailer.delivery.verdict import Outcome, judge
from mailer.kernel.blame import Blame
from tests.kit.processes import until
from tests.kit.signing import two_keys
from tests.kit.wire import (
    a_certificate,
    a_house,
    a_mail,
    a_transport,
    an_envelope,
    envelopes_to,
    replies_to,
)

pytestmark = pytest.mark.postfix

CONFIG = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/log/postfix.log
maillog_file_prefixes = {home}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.causeway.example
mydestination =
local_recipient_maps =
alias_maps =
virtual_mailbox_domains = a.example
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = inline:{{ {{ ann@a.example = ann/ }} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
mynetworks = 127.0.0.0/8
message_size_limit = 100000
smtpd_peername_lookup = no
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtputf8_enable = no
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup   unix  n  -  n  -     0  cleanup
qmgr      unix  n  -  n  300   1  qmgr
rewrite   unix  -  -  n  -     -  trivial-rewrite
bounce    unix  -  -  n  -     0  bounce
defer     unix  -  -  n  -     0  bounce
trace     unix  -  -  n  -     0  bounce
tlsmgr    unix  -  -  n  1000? 1  tlsmgr
virtual   unix  -  n  n  -     -  virtual
error     unix  -  -  n  -     -  error
retry     unix  -  -  n  -     -  error
proxymap  unix  -  -  n  -     -  proxymap
anvil     unix  -  -  n  -     1  anvil
postlog   unix-dgram n - n - 1 postlogd
"""


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            return line.recv(3) == b"220"
    except OSError:
        return False


@pytest.fixture(scope="module")
def postfix(tmp_path_factory) -> Iterator[tuple[Relay, Path]]:
    """A Postfix of our own: its folder, its port; the system's is not touched."""
    home = (
        Path("/tmp") / f"stop-press-postfix-{os.getpid()}"
    )  # its sockets need brevity
    user = pwd.getpwnam("postfix")
    for name in ("queue", "data", "mail", "log", "etc"):
        (home / name).mkdir(parents=True)
    for name in ("data", "mail"):
        os.chown(home / name, user.pw_uid, user.pw_gid)
    certificate, key = a_certificate(tmp_path_factory.mktemp("tls"))
    port = a_free_port()
    values = {"uid": user.pw_uid, "gid": user.pw_gid, "certificate": certificate}
    config = CONFIG.format(home=home, key=key, **values)
    (home / "etc" / "main.cf").write_text(config)
    (home / "etc" / "master.cf").write_text(MASTER.format(port=port))
    command = ["/usr/sbin/postfix", "-c", str(home / "etc")]
    subprocess.run([*command, "check"], check=True, capture_output=True)
    server = subprocess.Popen(
        [*command, "start-fg"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        log = home / "log" / "postfix.log"
        until(lambda: answers(port), f"Postfix ({log})")
        yield (
            Relay(
                1,
                "127.0.0.1",
                port,
                security=Security.STARTTLS,
                ca_file=str(certificate),
            ),
            home,
        )
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True)
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def sink() -> Iterator[Relay]:
    port = a_free_port()
    process = subprocess.Popen(
        ["/usr/sbin/smtp-sink", "-u", "nobody", f"inet:127.0.0.1:{port}", "100"]
    )
    until(lambda: answers(port), "Postfix")
    yield Relay(1, "127.0.0.1", port, sessions=4)
    process.terminate()
    process.wait(timeout=10)


def test_postfix_takes_our_mail_over_starttls_and_stores_the_very_bytes(postfix):
    relay, home = postfix
    envelope = Press(a_mail(subject="Würze"), a_house()).envelope(
        position=12, address="ann@a.example", subscriber_id=5
    )
    with a_transport(relay) as transport:
        replies = replies_to(transport, [envelope])

        assert transport.offers.pipelining
        assert transport.offers.dsn
    assert judge(replies[12]).outcome is Outcome.ACCEPTED
    new = home / "mail" / "ann" / "new"
    [path] = until(lambda: list(new.glob("*")), "a mail in the mailbox")
    stored = path.read_bytes().replace(b"\n", b"\r\n")
    assert stored.endswith(envelope.message)
    assert stored.startswith(b"Return-Path: <b-aaaaaahaaaaaam-")
    message = email.message_from_bytes(stored, policy=email.policy.default)
    assert (message["Subject"], message.defects) == ("Würze", [])


def test_both_signatures_hold_in_the_mailbox_that_postfix_filled(postfix):
    relay, home = postfix
    press = Press(a_mail(subject="Salz"), a_house(signing_keys=two_keys()))
    envelope = press.envelope(position=13, address="ann@a.example", subscriber_id=5)
    with a_transport(relay) as transport:
        replies_to(transport, [envelope])

    def ours() -> list[bytes]:
        stored = [one.read_bytes() for one in (home / "mail" / "ann" / "new").iterdir()]
        return [raw for raw in stored if b"\nDKIM-Signature: " in raw]

    [stored] = until(ours, "our mail")
    raw = stored.replace(b"\n", b"\r\n")
    publics = [(key.selector, key.private.public_key()) for key in two_keys()]
    assert [holds(raw, *one) for one in publics] == [True, True]


def test_postfix_refuses_an_unknown_reader_and_takes_the_others(postfix):
    relay, _ = postfix
    addresses = ["ann@a.example", "nobody@a.example", "ann@a.example"]
    with a_transport(relay) as transport:
        replies = replies_to(transport, envelopes_to(*addresses))

    verdict = judge(replies[2])
    assert (verdict.outcome, verdict.blame) == (Outcome.REFUSED, Blame.ADDRESS)
    assert replies[2].stage is Stage.RCPT
    assert [replies[n].code for n in (1, 3)] == [250, 250]


def test_a_message_larger_than_postfix_allows_is_not_offered(postfix):
    relay, _ = postfix
    large = b"Subject: x\r\n\r\n" + b"y" * 70 * 2000 + b"\r\n"
    with a_transport(relay) as transport:
        replies = replies_to(transport, [an_envelope(message=large)])

    assert replies[1].enhanced == (5, 3, 4)


def test_a_hundred_mails_in_four_sessions_are_a_hundred_messages(sink):
    addresses = [f"reader{n}@a.example" for n in range(100)]
    with a_transport(sink) as transport:
        replies = replies_to(transport, envelopes_to(*addresses))

    assert {reply.code for reply in replies.values()} == {250}
    assert len(replies) == 100
