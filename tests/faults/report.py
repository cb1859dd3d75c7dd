"""`make faults`: every fault of the crash table at full speed, and what it left.

    python -m tests.faults.report [--kills 200] [--only NAME]

Prints a line a fault and, last, the sums:
`faults: kills=N lost=N doubled=N in_doubt=N worst_per_kill=N leave_p99_ms=N`.
Exit status 1 where something was lost or doubled.
"""
# ruff: noqa: T201

import argparse
import os
import sys

import tests.kit.plugin  # noqa: F401  starts the servers


def main() -> int:
    """Run the storms and print what they left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="of single workers")
    parser.add_argument("--only", default="", help="a fault by its name")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.wiring.settings")
    import logging  # noqa: PLC0415

    import django  # noqa: PLC0415

    django.setup()
    logging.disable()
    from tests.faults import scenarios  # noqa: PLC0415
    from tests.kit.processes import schema  # noqa: PLC0415

    outcomes, leave_p99_ms = [], None
    with schema() as tables:
        for name, run in scenarios.of(kills=options.kills).items():
            if options.only and options.only not in name:
                continue
            outcome = run(tables, options.seed)
            outcomes.append(outcome)
            print(outcome, flush=True)
        if not options.only or options.only == "leaving":
            leave_p99_ms, text = scenarios.leaving(tables)
            print(text, flush=True)
    lost, doubled = sum(o.lost for o in outcomes), sum(o.doubled for o in outcomes)
    print(
        f"faults: kills={sum(o.kills for o in outcomes)} lost={lost} "
        f"doubled={doubled} in_doubt={sum(o.in_doubt for o in outcomes)} "
        f"worst_per_kill={max((o.worst_per_kill for o in outcomes), default=0)} "
        f"leave_p99_ms={'-' if leave_p99_ms is None else leave_p99_ms}"
    )
    return 1 if lost or doubled else 0


if __name__ == "__main__":
    sys.exit(main())
