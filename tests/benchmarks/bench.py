"""`make bench`: what delivery costs, beside what it could cost at least.

    python -m tests.benchmarks.bench [--quick] [--only road,signed] [--out FOLDER]

Every aim is a ratio within one run, for machines differ by two or three times. The
report goes to the folder as JSON and as a picture; the last line has all figures.
"""
# ruff: noqa: T201

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import tests.kit.plugin  # noqa: F401  starts the servers

FIGURES = (
    *("road", "signed", "first_10k_s", "first_1m_s", "snapshot", "worker_mb"),
    *("cpu", "pg_cpu", "two_workers", "breaking_first_s"),
)


def main() -> int:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="from 20,000 readers")
    parser.add_argument("--only", default="", help="parts, separated by commas")
    parser.add_argument("--out", type=Path, default=Path(".local/bench"))
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.wiring.settings")
    import logging  # noqa: PLC0415

    import django  # noqa: PLC0415

    django.setup()
    logging.disable()
    from tests.benchmarks.machine import tool  # noqa: PLC0415
    from tests.benchmarks.parts import PARTS  # noqa: PLC0415
    from tests.benchmarks.plot import svg  # noqa: PLC0415
    from tests.benchmarks.rows import QUICK, Row, Sizes  # noqa: PLC0415
    from tests.kit.processes import schema  # noqa: PLC0415

    if tool("smtp-sink") is None:
        print("bench: Postfix's smtp-sink is missing; tests/kit/install brings it")
        return 2
    sizes = QUICK if options.quick else Sizes()
    wanted = options.only.split(",") if options.only else list(PARTS)
    rows: dict[str, Row] = {}
    with schema() as tables:
        for name in wanted:
            for row in PARTS[name](tables, sizes):
                rows[row.name] = row
                print(row, flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    report = [asdict(row) | {"median": row.measured.median} for row in rows.values()]
    (options.out / "bench.json").write_text(json.dumps(report, indent=1))
    (options.out / "bench.svg").write_text(svg(list(rows.values())))
    figures = [f"{name}={shown(rows.get(name))}" for name in FIGURES]
    print("bench:", *figures)
    return 0


def shown(row: object) -> str:
    """Return a figure as the last line has it, or that it was not measured."""
    return "-" if row is None else f"{row.measured.median:.2f}"  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
