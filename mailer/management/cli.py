"""The entry of `mailer`: our commands, run by Django's command runner."""

import os
import pkgutil
import runpy
import signal
import sys

import django
from django.core.management import ManagementUtility, load_command_class

from mailer.management import commands

# These work without a configuration, or before there is one.
WITHOUT_SETTINGS = {"make_dkim_key", "preview_source"}
# By name: wiring lies above this room.
BEFORE_DJANGO = {
    "check_config": ("mailer.wiring.check_config", "Check and explain every setting"),
    "demo": ("mailer.local.demo", "Run everything here with an invented newsroom"),
    "init": ("mailer.wiring.init", "Make an empty installation ready"),
    "run": ("mailer.local.run", "Run your own newsletters on this machine"),
}


def main() -> None:
    """Run `mailer COMMAND …`; without a command, list them all."""
    arguments = ["mailer", *sys.argv[1:]]
    command = arguments[1] if arguments[1:] else "help"
    if command in BEFORE_DJANGO:
        runpy.run_module(BEFORE_DJANGO[command][0], run_name="__main__")
        return
    if command in WITHOUT_SETTINGS or command in {"help", "--help", "-h"}:
        os.environ["DJANGO_SETTINGS_MODULE"] = "mailer.wiring.settings_for_types"
    else:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.wiring.settings")
    if command in {"help", "--help", "-h"} and not arguments[2:]:
        print(overview())
        return
    ManagementUtility(arguments).execute()


def overview() -> str:
    """Return one line a command: its name and what it is for."""
    django.setup()  # a command knows its rooms
    names = sorted(module.name for module in pkgutil.iter_modules(commands.__path__))
    lines = [(name, text) for name, (_, text) in BEFORE_DJANGO.items()]
    for name in names:
        text = load_command_class("mailer", name).help
        lines.append((name, str(text).strip().partition("\n")[0]))
    lines += [("migrate", "Bring the database to this version (Django's)")]
    width = max(len(name) for name, _ in lines)
    listed = "\n".join(f"  {name:{width}}  {text}" for name, text in sorted(lines))
    return (
        f"mailer COMMAND …\n\n{listed}\n\n"
        "`mailer COMMAND --help` shows the options and an example."
    )


def entry() -> None:
    """Run as a program: whoever reads its output may stop reading (`| head`)."""
    try:
        main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)


if __name__ == "__main__":
    entry()
