"""`mailer status`: how everything stands, the same figures as on /ops."""

import json
from datetime import UTC, datetime
from typing import Any

from django.core.management import BaseCommand, CommandParser

from mailer.delivery.progress import Progress, RelayView
from mailer.ops import queries
from mailer.ops.status import QueueView, Status, as_json


class Command(BaseCommand):
    """Show queues, workers, runs, doubts and what fails."""

    help = (
        "Show how everything stands: queues and the oldest bell in each, workers "
        "alive, runs with their sums, mails in doubt, failing sources, editions that "
        "wait. The operators' page shows the same. Example: mailer status --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take only the form of the answer."""
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read the status in one call."""
        status = queries.status(datetime.now(tz=UTC))
        if options["json"]:
            self.stdout.write(json.dumps(as_json(status), ensure_ascii=False))
            return
        for line in lines_of(status):
            self.stdout.write(line)


def lines_of(status: Status) -> list[str]:
    """Return a status as lines, what is wrong first."""
    lines = [f"! {trouble}" for trouble in status.troubles] or ["All is well."]
    lines += ["", "queue      bells  oldest   workers"]
    lines += [_queue(queue, status.at) for queue in status.queues]
    lines += ["", *(run_line(run) for run in status.runs)]
    lines += [relay_line(relay) for relay in status.relays]
    lines += [
        f"letters    {status.letters_waiting} asked for, {status.letters_going} going",
        (
            f"editions   {len(status.editions_waiting)} wait for somebody, "
            f"{len(status.editions_coming)} will go at their time"
        ),
    ]
    return lines


def _queue(queue: QueueView, at: datetime) -> str:
    depth = "?" if queue.depth is None else f"{queue.depth:,}"
    age = "-"
    if queue.oldest_at is not None:
        age = f"{max(0.0, (at - queue.oldest_at).total_seconds()):.0f} s"
    return f"{queue.name:<10} {depth:>5}  {age:>6}   {queue.workers:>7}"


def relay_line(relay: RelayView) -> str:
    """Return one relay as a line: whether it takes mail, and of its day."""
    state = "works"
    if relay.drained_at is not None:
        state = f"taken out by {relay.drained_by}"
    elif relay.failing_since is not None:
        state = f"takes nothing: {relay.reason}"
    elif relay.is_used_up:
        state = "used up for today"
    elif relay.last_ok_at is None:
        state = "not asked yet"
    day = f", {relay.used_today:,} of {relay.cap:,} today" if relay.cap else ""
    waiting = f", {relay.waiting:,} wait" if relay.waiting else ""
    return f"relay {relay.relay_id:<4} {relay.kind:<9} {state}{day}{waiting}"


def run_line(run: Progress) -> str:
    """Return one run as a line: its sums, and whether they add up."""
    sums = ", ".join(
        f"{getattr(run, state):,} {state.replace('_', ' ')}"
        for state in (
            *("accepted", "refused", "deferred", "in_flight", "due"),
            *("in_doubt", "cancelled"),
        )
        if getattr(run, state)
    )
    waits = sum(wave.people for wave in run.waves)
    if waits:
        sums += f" ({waits:,} wait for their hour, the last until "
        sums += f"{run.waves[-1].at:%d %b %H:%M} UTC)"
    right = "" if run.adds_up else f"  DOES NOT ADD UP: {run.total:,}"
    return (
        f"run {run.run_id:<6} {run.kind.value:<8} {run.state.value:<8} "
        f"{run.audience:>9,} people: {sums or 'nobody yet'}{right}"
    )
