"""Pick what the lint needs from caniemail's data: `python -m tests.kit.pick_support F`.

F is caniemail's data set as one JSON file: features[slug] = {match, support, …} with
support["gmail.ios"] = "n 2022-08". Writes mailer/rendering/lint/support.py.
"""

import json
import sys
from pathlib import Path
from typing import Any

CLIENTS = {
    "gmail.desktop-webmail": "Gmail",
    "gmail.ios": "Gmail iOS",
    "gmail.android": "Gmail Android",
    "outlook.windows": "Outlook Windows",
    "outlook.outlook-com": "Outlook.com",
    "apple-mail.macos": "Apple Mail",
    "apple-mail.ios": "Apple Mail iOS",
    "yahoo.desktop-webmail": "Yahoo",
    "samsung-email.android": "Samsung",
}
WIDTH = 74
TARGET = Path("mailer/rendering/lint/support.py")
HEAD = '''"""Which CSS the programs that must work do not support, from caniemail.

Picked by `python -m tests.kit.pick_support`; not edited by hand. Source: {source}
at commit {commit}. That data is used under the MIT licence:

{licence}
"""

# ruff: noqa: E501, SIM905
# fmt: off


def _by_name(*groups: tuple[str, str]) -> dict[str, str]:
    return {{name: programs for programs, names in groups for name in names.split("|")}}


'''
LICENCE = """\
MIT License. Copyright (c) 2019 Rémi Parmentier.

Permission is hereby granted, free of charge, to any person obtaining a copy of this
software and associated documentation files (the "Software"), to deal in the Software
without restriction, including without limitation the rights to use, copy, modify,
merge, publish, distribute, sublicense, and/or sell copies of the Software, and to
permit persons to whom the Software is furnished to do so, subject to the following
conditions: The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS",
WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN
NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR
OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."""


def main() -> None:
    """Write the table."""
    data = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    kinds = {
        "prop": "PROPERTIES",
        "fn": "FUNCTIONS",
        "unit": "UNITS",
        "decl": "DECLARATIONS",
    }
    head = HEAD.format(source=data["source"], commit=data["commit"], licence=LICENCE)
    body = "".join(
        f"{name}: dict[str, str] = _by_name(\n{_groups(data, kind)})\n"
        for kind, name in kinds.items()
    )
    known = {
        name
        for feature in data["features"].values()
        for name in feature["match"].get("prop", ())
    }
    body += f"KNOWN: frozenset[str] = frozenset(\n{_folded(known, ' ')}.split()\n)\n"
    TARGET.write_text(head + body, encoding="utf-8")


def _groups(data: dict[str, Any], kind: str) -> str:
    """Return one entry a set of programs: who misses it, and what they miss."""
    missed: dict[str, set[str]] = {}
    for feature in data["features"].values():
        programs = ", ".join(
            name
            for client, name in CLIENTS.items()
            if feature["support"].get(client, "").startswith("n")
        )
        for match in feature["match"].get(kind, ()):
            key = match if isinstance(match, str) else ": ".join(match)
            if programs:
                missed.setdefault(programs, set()).add(key)
    return "".join(
        f'    ("{programs}",\n{_folded(names, "|")}),\n'
        for programs, names in sorted(missed.items())
    )


def _folded(names: set[str], gap: str) -> str:
    """Return the names as one string literal over several lines."""
    lines, line = [], ""
    for name in sorted(names):
        if len(line) + len(name) > WIDTH:
            lines.append(line)
            line = ""
        line += name + gap
    lines.append(line.removesuffix(gap))
    return "    (" + "\n     ".join(f'"{part}"' for part in lines) + ")"


if __name__ == "__main__":
    main()
