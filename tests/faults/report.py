"""`make faults`: every fault of the crash table at full speed, and what it left.

    python -m tests.faults.report [--kills 200] [--only WORDS]

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
    parser.add_argument("--only", default="", help="faults with these words; or clicks")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.wiring.settings")
    import logging  # noqa: PLC0415

    import django  # noqa: PLC0415

    django.setup()
    logging.disable()
    from tests.faults import reacting, scenarios  # noqa: PLC0415
    from tests.faults.reacting import Reaction  # noqa: PLC0415
    from tests.faults.storm import Outcome  # noqa: PLC0415
    from tests.kit.processes import schema  # noqa: PLC0415

    outcomes: list[Outcome] = []
    reactions: list[Reaction] = []
    with schema() as tables:
        for name, run in scenarios.of(kills=options.kills).items():
            if options.only in name:
                outcomes.append(run(tables, options.seed))
                print(outcomes[-1], flush=True)
        if options.only in "clicks":
            for reaction in reacting.all_of(tables):
                reactions.append(reaction)
                print(reaction, flush=True)
    lost, doubled = sum(o.lost for o in outcomes), sum(o.doubled for o in outcomes)
    print(
        f"faults: kills={sum(o.kills for o in outcomes)} lost={lost} "
        f"doubled={doubled} in_doubt={sum(o.in_doubt for o in outcomes)} "
        f"worst_per_kill={max((o.worst_per_kill for o in outcomes), default=0)} "
        f"leave_p99_ms={max((r.p99_ms for r in reactions), default='-')}"
    )
    return 1 if lost or doubled else 0


if __name__ == "__main__":
    sys.exit(main())
