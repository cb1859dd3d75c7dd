"""How fast the wire is: `python -m tests.benchmarks.wire [--sessions 16]`.

Our client and the standard library's against the same smtp-sink, in turns, so that both
meet the same machine; and what it costs to print a message. Needs Postfix's smtp-sink.
"""
# ruff: noqa: T201

import argparse
import itertools
import os
import smtplib
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from mailer.delivery.press import Press
from mailer.delivery.relays import Relay
from mailer.delivery.smtp import SmtpTransport
from mailer.delivery.transport import Envelope
from tests.kit.far import far_away
from tests.kit.wire import a_house, a_mail, html_of
from tests.kit.workers import wait_until

PORT = 40_025


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--sessions", type=int, default=16)
    parser.add_argument("--kilobytes", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--far", type=float, default=0, help="ms of a round trip")
    options = parser.parse_args()
    html = html_of(options.kilobytes)
    press = Press(a_mail(html=html), a_house())
    envelopes = printed(press, options.messages)
    with a_sink(), far_away(PORT, round_trip_seconds=options.far / 1000) as far:
        port = far if options.far else PORT
        for _ in range(options.rounds):
            for name, send in (("ours", ours), ("smtplib", with_smtplib)):
                report(name, partial(send, port), envelopes, options.sessions)


def printed(press: Press, count: int) -> list[Envelope]:
    began = time.process_time()
    envelopes = [
        press.envelope(position=n, address=f"r{n}@a.example", subscriber_id=n)
        for n in range(1, count + 1)
    ]
    cost = (time.process_time() - began) / count * 1e6
    print(f"print    {cost:7.1f} µs CPU a message of {len(envelopes[0].message)} bytes")
    return envelopes


def report(
    name: str,
    send: Callable[[list[Envelope], int], None],
    envelopes: list[Envelope],
    sessions: int,
) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    send(envelopes, sessions)
    seconds = time.perf_counter() - began
    cost = (time.process_time() - cpu) / len(envelopes) * 1e6
    speed = len(envelopes) / seconds
    print(f"{name:8} {speed:7.0f} messages/s {cost:7.1f} µs CPU {sessions} sessions")


def ours(port: int, envelopes: list[Envelope], sessions: int) -> None:
    relay = Relay(1, "127.0.0.1", port, sessions=sessions)
    transport = SmtpTransport(relay, name="bench.example")
    left, in_flight = iter(envelopes), 0
    while True:
        room = 4 * sessions - in_flight  # ledger.window_size
        window = list(itertools.islice(left, room))
        in_flight += len(window)
        if not in_flight:
            break
        in_flight -= len(transport.exchange(window))
    transport.close()


def with_smtplib(port: int, envelopes: list[Envelope], sessions: int) -> None:
    def send(share: list[Envelope]) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            for one in share:
                client.sendmail(one.sender, [one.address], one.message)

    threads = [
        threading.Thread(target=send, args=(envelopes[n::sessions],))
        for n in range(sessions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def is_there() -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", PORT)) == 0


@contextmanager
def a_sink() -> Iterator[None]:
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    command = ["/usr/sbin/smtp-sink", *user, f"127.0.0.1:{PORT}", "1000"]
    sink = subprocess.Popen(command)
    try:
        wait_until(is_there)
        yield
    finally:
        sink.terminate()
        sink.wait()


if __name__ == "__main__":
    main()
