"""What a signature costs: `python -m tests.benchmarks.signing [--messages 500]`.

OpenSSL's RSA-2048 alone, on one core; then whole mails of 40 KB, printed and signed
with RSA and Ed25519, by nobody but the caller, and by pools of one and two threads. In
turns, so that all meet the same machine: medians of rates and of their ratios, least
processor time. Where Postfix's smtp-sink is there, whole mails also go to it over 16
sessions, window by window. The last line says what a mail costs besides the two keys.
"""
# ruff: noqa: T201

import argparse
import itertools
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from contextlib import nullcontext

from mailer.delivery.press import Press
from mailer.delivery.relays import Relay
from mailer.delivery.signing import Pool, Unsigned
from mailer.delivery.smtp import SmtpTransport
from mailer.delivery.transport import Envelope
from tests.benchmarks.wire import PORT, a_sink
from tests.kit.signing import two_keys
from tests.kit.wire import a_house, a_mail, html_of

SESSIONS = 16
WINDOW = 4 * SESSIONS
DIGEST = b"d" * 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--kilobytes", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    html = html_of(options.kilobytes)
    rsa, ed25519 = two_keys()
    press = Press(a_mail(html=html), a_house(signing_keys=(rsa, ed25519)))
    plain = Press(a_mail(html=html), a_house())
    ways: dict[str, Callable[[int], None]] = {
        "RSA-2048 alone": lambda n: repeat(lambda: rsa.sign(DIGEST), n),
        "Ed25519 alone": lambda n: repeat(lambda: ed25519.sign(DIGEST), n),
        "printed, not signed": lambda n: in_windows(plain, n, None),
        "signed, no thread": lambda n: in_windows(press, n, None),
        "signed, 1 thread": in_a_pool(press, 1),
        "signed, 2 threads": in_a_pool(press, 2),
    }
    there = shutil.which("smtp-sink", path="/usr/sbin:/usr/bin")
    if there:
        ways["to a sink, not signed"] = lambda n: over_the_wire(plain, n, None)
        ways["to a sink, 2 threads"] = on_the_way(press, 2)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    spoken = []
    with a_sink() if there else nullcontext():
        for _ in range(options.rounds):
            spoken.append(openssl_per_second())
            for name, way in ways.items():
                found[name].append(measured(way, options.messages))
    print(f"a mail has {envelope(press, 1).size} bytes; medians of {options.rounds}")
    if all(spoken):
        rate = statistics.median(spoken)
        print(f"{'openssl speed rsa2048':22} {rate:7.0f}/s")
    cpu: dict[str, float] = {}
    for name, pairs in found.items():
        rate = statistics.median(pair[0] for pair in pairs)
        cpu[name] = min(pair[1] for pair in pairs)
        alone = statistics.median(
            pair[0] / base[0]
            for pair, base in zip(pairs, found["RSA-2048 alone"], strict=True)
        )
        words = f"{rate:7.0f}/s {cpu[name]:7.1f} µs CPU"
        print(f"{name:22} {words} {alone:5.2f} of RSA alone")
    keys = cpu["RSA-2048 alone"] + cpu["Ed25519 alone"]
    besides = cpu["signed, no thread"] - keys
    signing = besides - cpu["printed, not signed"]
    print(f"besides the two keys: {besides:.1f} µs, of which signing {signing:.1f} µs")


def measured(way: Callable[[int], None], count: int) -> tuple[float, float]:
    """Return how many a second, and µs of processor time each."""
    began, cpu = time.perf_counter(), time.process_time()
    way(count)
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    return count / seconds, used / count * 1e6


def repeat(do: Callable[[], object], count: int) -> None:
    for _ in range(count):
        do()


def in_a_pool(press: Press, threads: int) -> Callable[[int], None]:
    pool = Pool(threads)
    return lambda count: in_windows(press, count, pool)


def on_the_way(press: Press, threads: int) -> Callable[[int], None]:
    pool = Pool(threads)
    return lambda count: over_the_wire(press, count, pool)


def over_the_wire(press: Press, count: int, pool: Pool | None) -> None:
    """Print what there is room for, have it signed, hand it over; as a drain does."""
    relay = Relay(1, "127.0.0.1", PORT, sessions=SESSIONS)
    transport = SmtpTransport(relay, name="bench.example")
    numbers, in_flight = iter(range(count)), 0
    while True:
        window = [
            printed(press, number, pool)
            for number in itertools.islice(numbers, WINDOW - in_flight)
        ]
        in_flight += len(window)
        if not in_flight:
            break
        in_flight -= len(transport.exchange(window))
    transport.close()


def in_windows(press: Press, count: int, pool: Pool | None) -> None:
    """Print half a window ahead of what is asked for, as a drain does."""
    waiting: list[Envelope] = []
    for number in range(count):
        waiting.append(printed(press, number, pool))
        if len(waiting) == WINDOW:
            sent, waiting = waiting[: WINDOW // 2], waiting[WINDOW // 2 :]
            assert all(one.message for one in sent)
    assert all(one.message for one in waiting)


def printed(press: Press, number: int, pool: Pool | None) -> Envelope:
    one = envelope(press, number)
    if pool is not None and isinstance(one.printed, Unsigned):
        pool.put(one.printed)
    return one


def envelope(press: Press, number: int) -> Envelope:
    address = f"r{number}@a.example"
    return press.envelope(position=number, address=address, subscriber_id=number)


def openssl_per_second() -> float:
    """Return what `openssl speed` reaches on one core; 0 where it is not there."""
    if shutil.which("openssl") is None:
        return 0.0
    command = ["openssl", "speed", "-seconds", "2", "rsa2048"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    [line] = re.findall(r"^rsa 2048 bits.*$", told, re.MULTILINE)
    return float(line.split()[-2])


if __name__ == "__main__":
    main()
