"""`mailer lanes`: how each receiver at each relay stands."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser

from mailer.audience.providers import PROVIDERS
from mailer.delivery.lanetable import LaneStanding, lane_table
from mailer.kernel.figures import grouped


class Command(BaseCommand):
    """Show lanes: what waits, how fast, what holds them back and why."""

    help = (
        "Show each receiver at each relay where mail waits: how much, how fast it may "
        "leave, until when it is held back and why. Example: mailer lanes --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the form of the answer, or the limits instead."""
        parser.add_argument("--json", action="store_true", help="one JSON array")
        parser.add_argument(
            "--limits", action="store_true", help="the limits that hold, relay by relay"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read the lanes in one call."""
        if options["limits"]:
            for line in limits():
                self.stdout.write(line)
            return
        found = lane_table(datetime.now(tz=UTC))
        if options["json"]:
            rows = [asdict(lane) for lane in found]
            self.stdout.write(json.dumps(rows, default=datetime.isoformat))
            return
        self.stdout.write("relay  receiver        waiting  a second  held back")
        for lane in found:
            self.stdout.write(_line(lane))
        if not found:
            self.stdout.write("Nothing waits, and nothing is held back.")


def limits() -> list[str]:
    """Return the limits of each relay, as SHAPING_FILE would say them."""
    lines = []
    for relay_id in range(1, len(settings.RELAYS) + 1):
        relay = settings.SHAPING.relay(relay_id)
        lines.append(f"[relay.{relay_id}]")
        lines.append(f"direct = {str(relay.direct).lower()}")
        if relay.per_second is not None:
            lines.append(f"per_second = {relay.per_second:g}")
        for provider_id, (name, _) in PROVIDERS.items():
            own = asdict(relay.limits(provider_id))
            said = [f"{key} = {value:g}" for key, value in own.items() if value]
            lines += ["", f"[relay.{relay_id}.{name}]", *said] if said else []
        lines.append("")
    return lines


def _line(lane: LaneStanding) -> str:
    rate = "-" if lane.per_second is None else f"{lane.per_second:.1f}"
    return (
        f"{lane.relay_id:<6} {lane.receiver:<13} {grouped(lane.waiting):>9} "
        f"{rate:>9}  {lane.why or '-'}"
    )
