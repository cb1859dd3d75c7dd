"""What shaping does: one receiver at a rate, the others as fast as they are taken.

    .venv/bin/python -m tests.benchmarks.shaping [READERS]

No server is asked: a scripted relay says 250 at once. A third of the readers is at a
receiver that gets 20 mails a second; one drain of 20 s.
"""

import os
import sys
import time
from contextlib import nullcontext

import tests.kit.plugin  # noqa: F401  starts the servers

RATE = 20.0
TAKES = 2_000


def main(readers: int) -> None:
    """Drain one run and print what each receiver got, and what tokens cost."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.wiring.settings")
    import logging  # noqa: PLC0415

    import django  # noqa: PLC0415

    django.setup()
    logging.disable()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    from mailer.delivery import buckets  # noqa: PLC0415
    from mailer.delivery import operations as delivery  # noqa: PLC0415
    from mailer.delivery.shaping import Limits, RelayShaping, Shaping  # noqa: PLC0415
    from mailer.kernel.clock import utc_now  # noqa: PLC0415
    from tests.kit import audience  # noqa: PLC0415
    from tests.kit.delivery import ScriptedTransport, a_run_for  # noqa: PLC0415

    gmail = RelayShaping(receivers={1: Limits(per_second=RATE)})
    settings.SHAPING = Shaping(relays={1: gmail})
    newsletter = audience.a_newsletter()
    audience.many_readers(readers, newsletter)
    a_run_for(newsletter, release_at=utc_now(), now=utc_now())
    started = time.perf_counter()
    heard: dict[str, list[float]] = {}

    def note() -> None:
        for address in relay.heard[sum(map(len, heard.values())) :]:
            domain = address.rpartition("@")[2]
            heard.setdefault(domain, []).append(time.perf_counter() - started)

    relay = ScriptedTransport(window=64, before_reply=note)
    delivery.drain(
        relay_id=1,
        connect=lambda: nullcontext(relay),
        clock=delivery.ledger_clock(),
    )
    note()
    for domain, at in sorted(heard.items()):
        print(  # noqa: T201
            f"{domain:<16} {len(at):>6} mails in {at[-1]:.1f} s: "
            f"{len(at) / at[-1]:,.1f} a second"
        )
    own = buckets.of_settings()
    rates = [("one", 1e5), ("other", 1e5)]
    started = time.perf_counter()
    for _ in range(TAKES):
        own.take(rates, wanted=1, urgent=False)
    micros = (time.perf_counter() - started) / TAKES * 1e6
    print(f"tokens for a window from two buckets: {micros:.0f} µs")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6_000)
