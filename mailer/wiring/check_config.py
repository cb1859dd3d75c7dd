"""`mailer check_config`: every setting, what it says, and every fault.

Exit status 0 when the environment is usable, 2 otherwise. `--json` prints one object a
setting; `--markdown` prints docs/configuration.md. No secret is shown.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from mailer.config import SETTINGS, Faulty, Setting, read

INTRODUCTION = """# Configuration

All configuration comes from the environment and is read once, at the start. Every fault
is reported at once. `mailer check_config` shows this table with the values it sees;
`mailer check_config --markdown` made this page.

A secret may lie in a file instead: `SECRET_KEY_FILE=/run/secrets/key` is read where
SECRET_KEY is not set, and so for each one marked secret.
"""


def shown(setting: Setting, environment: Mapping[str, str]) -> str:
    """Return what is said of a value: never a secret's text."""
    if setting.secret and environment.get(f"{setting.name}_FILE"):
        return "in a file"
    text = environment.get(setting.name, "")
    if not text:
        return "not set" if setting.default is None else "default"
    return "set" if setting.secret else text


def as_markdown() -> str:
    """Return docs/configuration.md."""
    parts = [INTRODUCTION]
    for setting in SETTINGS:
        default = {None: "must be set", "": "empty"}.get(
            setting.default, f"`{setting.default}`"
        )
        secret = " Secret: no page and no log shows it." if setting.secret else ""
        parts.append(
            f"## {setting.name}\n\n{setting.help}.{secret}\n\nDefault: {default}."
        )
    return "\n\n".join(part.strip() for part in parts) + "\n"


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Print what was asked for; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="mailer check_config",
        description="Check the environment, and explain every setting.",
        epilog="Example: DATABASE_URL=postgresql:///mailer mailer check_config",
    )
    parser.add_argument("--json", action="store_true", help="one object a setting")
    parser.add_argument("--markdown", action="store_true", help="the page of the docs")
    options = parser.parse_args(arguments)
    if options.markdown:
        print(as_markdown(), end="")  # noqa: T201
        return 0
    for setting in SETTINGS:
        value = shown(setting, environment)
        if options.json:
            told: dict[str, Any] = {"name": setting.name, "value": value}
            told |= {"required": setting.default is None, "help": setting.help}
            print(json.dumps(told))  # noqa: T201
        else:
            print(f"{setting.name:24} {value}\n{'':24} {setting.help}")  # noqa: T201
    try:
        read(environment)
    except Faulty as faults:
        for fault in str(faults).split("; "):
            print(f"fault: {fault}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:], os.environ))
