"""The file that SHAPING_FILE names: how fast mail may go where, as the paper sets it.

    [relay.1]
    per_second = 200          # the relay as a whole
    direct = true             # it hands over while we wait: receivers' limits hold

    [relay.1.gmail]           # one receiver there; names as `mailer lanes` shows them
    per_second = 20
    connections = 5           # at once
    messages = 50             # on one connection

    [quiet_hours]
    all = "22:00-06:00"       # nothing but breaking news and letters leaves

    [quiet_hours.newsletters]
    late-night = ""           # by its slug; empty: none

    [pause_a_run]
    bounces_percent = 5.0     # of those reached, once `at_least` are
    at_least = 500
    complaints_percent = 0.3

Pure: no clock, no table.
"""

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import time
from typing import Any

from mailer.audience.providers import PROVIDERS
from mailer.delivery.shaping import (
    SLOWEST,
    Limits,
    PauseARun,
    QuietHours,
    RelayShaping,
    Shaping,
)

FASTEST = 100_000.0


def read_shaping(values: Mapping[str, Any]) -> tuple[Shaping, list[str]]:
    """Return the shaping, and every fault in the values by its place in the file."""
    faults = [
        f"{name} is not a part; relay, quiet_hours, pause_a_run are"
        for name in set(values) - {"relay", "quiet_hours", "pause_a_run"}
    ]
    shaping = Shaping(
        relays=dict(_relays(_table(values, "relay", faults), faults)),
        quiet=_quiet(_table(values, "quiet_hours", faults), faults),
        pause_a_run=_pause(_table(values, "pause_a_run", faults), faults),
    )
    return shaping, faults


def _table(values: Mapping[str, Any], name: str, faults: list[str]) -> dict[str, Any]:
    found = values.get(name, {})
    if not isinstance(found, dict):
        faults.append(f"{name} must be a table")
        return {}
    return found


def _relays(
    values: Mapping[str, Any], faults: list[str]
) -> list[tuple[int, RelayShaping]]:
    by_name = {name: number for number, (name, _) in PROVIDERS.items()}
    found = []
    for number, table in values.items():
        where = f"relay.{number}"
        if not number.isdecimal() or not isinstance(table, dict):
            faults.append(f"{where} must be a table with the relay's number")
            continue
        receivers = {name: one for name, one in table.items() if isinstance(one, dict)}
        unknown = set(receivers) - set(by_name)
        faults += [f"{where}.{name} is no receiver we know" for name in sorted(unknown)]
        own = {k: v for k, v in table.items() if k not in receivers and k != "direct"}
        direct = table.get("direct", False)
        if not isinstance(direct, bool):
            faults.append(f"{where}.direct must be true or false")
        whole = _limits(own, where, {"per_second"}, faults)
        each = {"per_second", "connections", "messages"}
        lanes = {
            by_name[name]: _limits(one, f"{where}.{name}", each, faults)
            for name, one in receivers.items()
            if name in by_name
        }
        found.append((int(number), RelayShaping(whole.per_second, bool(direct), lanes)))
    return found


def _limits(
    values: Mapping[str, Any], where: str, known: set[str], faults: list[str]
) -> Limits:
    read: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            faults.append(f"{where}.{name} is not known; {', '.join(sorted(known))}")
        elif name == "per_second" and _is_number(value, SLOWEST, FASTEST):
            read[name] = float(value)
        elif name != "per_second" and _is_whole(value, 1, 100_000):
            read[name] = value
        else:
            faults.append(f"{where}.{name} must be a number above 0, got {value!r}")
    return Limits(**read)


def _quiet(
    values: Mapping[str, Any], faults: list[str]
) -> dict[str, QuietHours | None]:
    own = _table(values, "newsletters", faults)
    unknown = set(values) - {"all", "newsletters"}
    faults += [f"quiet_hours.{one} is not known; all, newsletters" for one in unknown]
    named = {slug: (f"newsletters.{slug}", said) for slug, said in own.items()}
    if "all" in values:
        named[""] = ("all", values["all"])
    found: dict[str, QuietHours | None] = {}
    for slug, (where, said) in named.items():
        try:
            found[slug] = _hours(said)
        except ValueError:
            faults.append(
                f'quiet_hours.{where} must be such as "22:00-06:00" or "", got {said!r}'
            )
    return found


def _hours(said: Any) -> QuietHours | None:
    if said == "":
        return None
    parts = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", str(said))
    if parts is None or parts[1] == parts[2]:
        raise ValueError
    return QuietHours(time.fromisoformat(parts[1]), time.fromisoformat(parts[2]))


def _pause(values: Mapping[str, Any], faults: list[str]) -> PauseARun:
    known = {one.name for one in fields(PauseARun)}
    read: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            faults.append(f"pause_a_run.{name} is not known; {', '.join(known)}")
        elif name == "at_least" and _is_whole(value, 1, 1_000_000):
            read[name] = value
        elif name != "at_least" and _is_number(value, 0, 100):
            read[name] = float(value)
        else:
            faults.append(f"pause_a_run.{name} cannot be {value!r}")
    return PauseARun(**read)


def _is_whole(value: Any, least: int, most: int) -> bool:
    return (
        isinstance(value, int)
        and not isinstance(value, bool)
        and least <= value <= most
    )


def _is_number(value: Any, least: float, most: float) -> bool:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return good and least <= value <= most
