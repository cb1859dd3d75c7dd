"""`mailer run`: your own newsletters on this machine, everything in one command.

PostgreSQL and Valkey come from wheels, and a mail server with an inbox page stands in
for a relay, each unless its setting (DATABASE_URL, REDIS_URL, RELAYS) names another.
All other settings count as they do everywhere. Data and logs stay in the folder; a
second start goes on with them.

For a newsroom's first days, on one machine. docs/operations.md has the larger form.
"""

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import django

from mailer.local import programs
from mailer.local.home import HOST, Home, InUse, is_free, open_home, python, reachable
from mailer.local.processes import Family, NotReady
from mailer.local.saying import Say
from mailer.local.servers import DoesNotStart, make_database, postgres_binaries

LOOK_SECONDS = 1.0
FAULTY = 2


def main(arguments: Sequence[str]) -> int:
    """Run until Ctrl-C; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="mailer run",
        description="Run your own newsletters on this machine. PostgreSQL, Valkey and "
        "an inbox are brought along, unless DATABASE_URL, REDIS_URL, RELAYS say where "
        "yours are.",
        epilog="Example: RELAYS=smtp+tls://me:secret@smtp.example.org mailer run",
    )
    parser.add_argument(
        "--folder", type=Path, default=Path(".local/run"), help="data and logs"
    )
    parser.add_argument("--port", type=int, default=8000, help="of the pages; 8000")
    options = parser.parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):  # in the background too
        signal.signal(number, signal.default_int_handler)
    try:
        home = open_home(options.folder.resolve(), usual_ports=True)
        home = with_settings(home, os.environ, port=options.port)
        names = names_of_settings(home)
    except (InUse, ValueError) as fault:
        print(fault, file=sys.stderr)
        return FAULTY
    write_environment(home, names)
    family, say = Family(), Say()
    try:
        start(home, family, say)
        stay(home, family, say)
    except (NotReady, DoesNotStart) as fault:
        print(f"mailer run: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say.line("Stopping: what is on the wire is finished first")
    finally:
        family.stop()
    return 0


def with_settings(home: Home, given: Mapping[str, str], *, port: int) -> Home:
    """Return the home with its pages there, and what was given in place of its own.

    Raises ValueError where the port is taken: links in mails must work tomorrow too.
    """
    if not is_free(port):
        raise ValueError(f"Port {port} is taken; choose another one: --port 8001")
    hosts = ",".join(filter(None, [given.get("ALLOWED_HOSTS"), f"127.0.0.1,{HOST}"]))
    own = {**given, "ALLOWED_HOSTS": hosts}
    return replace(home, ports=home.ports | {"web": port}, own=own)


def is_given(home: Home, name: str) -> bool:
    """Tell whether a setting was given, by itself or in a file."""
    return bool(home.own.get(name) or home.own.get(f"{name}_FILE"))


def names_of_settings(home: Home) -> list[str]:
    """Return every setting's name. Raises ValueError with the faults of the values."""
    checked = subprocess.run(  # noqa: S603
        python("-m", "mailer.management.cli", "check_config", "--json"),
        env=home.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if checked.returncode:
        raise ValueError(checked.stderr.strip())
    return [json.loads(line)["name"] for line in checked.stdout.splitlines()]


def environment_file(home: Home) -> Path:
    """Return where the settings lie, for a shell that is to run `mailer` beside us."""
    return home.folder / "environment"


def write_environment(home: Home, names: Sequence[str]) -> None:
    """Write the settings down, for the owner's eyes: `. .local/run/environment`."""
    settings = home.environment()
    files = [f"{name}_FILE" for name in names]
    lines = [
        f"export {name}={shlex.quote(settings[name])}\n"
        for name in [*names, *files]
        if settings.get(name)
    ]
    path = environment_file(home)
    path.touch(mode=0o600)
    path.write_text("".join(lines))


def start(home: Home, family: Family, say: Say) -> None:
    """Start what is to be brought along, then ours; say where everything is."""
    if not is_given(home, "DATABASE_URL"):
        family.start(programs.database(home, throw_away=False))
        binaries = postgres_binaries(reachable(home.folder / "postgres"))
        make_database(home.sockets, binaries=binaries)
    if not is_given(home, "REDIS_URL"):
        family.start(programs.broker(home))
    if not is_given(home, "RELAYS"):
        family.start(programs.relay(home, delay_seconds=0))
    os.environ |= home.environment()
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415  after setup

    call_command("migrate", verbosity=0, interactive=False)
    workers = [programs.worker(home, name) for name in programs.WORKERS]
    family.start(programs.web(home), *workers, programs.beat(home))
    say.line("Everything is up until Ctrl-C")
    print(f"\n  Readers    {home.web}/\n  Editors    {home.web}/desk")
    print(f"  Operators  {home.web}/ops")
    if "inbox" in family.programs:
        print(f"  Inbox      {home.inbox}/ gets all mail: RELAYS names no relay")
    print(f"\n  In another shell, for `mailer`: . {shown(environment_file(home))}")
    print(f"  Logs are in {shown(home.folder / 'logs')}\n")
    call_command("create_editor", first=True)
    sys.stdout.flush()


def stay(home: Home, family: Family, say: Say) -> None:
    """Keep everything up: what ended by itself is started again."""
    while True:
        time.sleep(LOOK_SECONDS)
        for name in family.ended():
            say.line(f"{name} ended and is started again; see {shown(home.log(name))}")
            family.restart(name)


def shown(path: Path) -> str:
    """Return a path as it is read best from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:] if sys.argv[1:2] == ["run"] else sys.argv[1:]))
