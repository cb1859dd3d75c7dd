"""`make demo`: a newsroom on this machine, from empty to mails in an inbox.

    --once   on throw-away data; ends by itself, with status 0 if every mail is
             accounted for, and one last line of figures
    --kill   ends a random process with SIGKILL every second while mail goes out

Without --once the data stays in .local/demo, the programs stay up until Ctrl-C, and a
second start goes on with the same data.
"""

import argparse
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import django

from mailer.local import programs
from mailer.local.home import Home, InUse, open_home, reachable
from mailer.local.newsroom.site import NothingLeft, Site
from mailer.local.processes import NotReady, TooLate
from mailer.local.saying import Say
from mailer.local.servers import DoesNotStart, make_database, postgres_binaries
from mailer.local.visitor import NoSuchButton, WentWrong

if TYPE_CHECKING:  # it needs Django's settings, which are not there yet
    from mailer.local.stage import Stage

FAULTS = (NotReady, DoesNotStart, TooLate, WentWrong, NothingLeft, NoSuchButton)
# A mail takes the relay that long, while the first digest and the alert go out: so
# that there is something to watch, and something to overtake.
DELAY_SECONDS, SLOW_MAILS = 0.2, 1_600
SLOW_WITH_KILLS = 800  # each kill in a send may cost it the 30 s of a lease
LOOK_SECONDS = 0.5
INTERRUPTED = 130  # as shells say it: nothing was added up


def main(arguments: Sequence[str]) -> int:
    """Run the demo; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="mailer demo",
        description="Run everything on this machine with an invented newsroom.",
        epilog="Example: mailer demo --once",
    )
    parser.add_argument("--once", action="store_true", help="throw-away data, then end")
    parser.add_argument("--kill", action="store_true", help="kill programs on the way")
    parser.add_argument("--seed", type=int, help="which are killed, to try again")
    options = parser.parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):  # in the background too
        signal.signal(number, signal.default_int_handler)
    folder = Path(".local/demo").resolve()
    if options.once:
        folder = Path(tempfile.mkdtemp(prefix="stop-press-demo-"))
        folder.chmod(0o755)  # PostgreSQL's user must reach its part of it
    try:
        home = open_home(folder, usual_ports=not options.once)
    except InUse as fault:
        print(f"demo: {fault}", file=sys.stderr)
        return 1
    try:
        return run(home, once=options.once, kill=options.kill, seed=options.seed)
    finally:
        if options.once:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.rmtree(home.sockets, ignore_errors=True)


def run(home: Home, *, once: bool, kill: bool, seed: int | None) -> int:
    """Start everything, play the day, and say how it went."""
    os.environ |= home.environment()
    say = Say()
    from mailer.local.stage import Stage  # noqa: PLC0415  it needs Django's settings

    stage = Stage(home, seed=seed)
    try:
        slow = SLOW_WITH_KILLS if kill else SLOW_MAILS
        start(stage, say, once=once, slow=slow)
        status = play(stage, say, kill=kill)
        if not once:
            stay(stage, say)
    except FAULTS as fault:
        print(f"demo: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say.line("Stopping: what is on the wire is finished first")
        return INTERRUPTED if once else 0
    finally:
        stage.stop()
    return status


def start(stage: "Stage", say: Say, *, once: bool, slow: int) -> None:
    """Start the programs in their order; the relay is slow with its first mails."""
    home = stage.home
    stage.start(programs.database(home, throw_away=once), programs.broker(home))
    binaries = postgres_binaries(reachable(home.folder / "postgres"))
    make_database(home.sockets, binaries=binaries)
    say.line("PostgreSQL and Valkey are up, on private sockets")
    django.setup()
    log = logging.FileHandler(home.log("demo"))
    logging.getLogger().handlers = [log]  # what is said here is said by `say`
    from django.core.management import call_command  # noqa: PLC0415  after setup

    stage.start(
        programs.relay(home, delay_seconds=DELAY_SECONDS, slow=slow),
        programs.newsroom(home),
    )
    call_command("migrate", verbosity=0, interactive=False)
    workers = [programs.worker(home, name) for name in programs.WORKERS]
    stage.start(programs.web(home), *workers, programs.beat(home))
    say.line("Web server, workers and scheduler are up")


def play(stage: "Stage", say: Say, *, kill: bool) -> int:
    """Play the day; return the exit status."""
    from mailer.local import report  # noqa: PLC0415  after setup
    from mailer.local.load import load  # noqa: PLC0415
    from mailer.local.storyline import Storyline  # noqa: PLC0415

    now = datetime.now(tz=UTC)
    site = Site(stage.home.folder / "newsroom", opened_at=now)
    if not stage.home.is_new:
        load(stage.home, now=now)
        say.line("This newsroom was here before; it goes on with what it has")
        return 0
    story = Storyline(stage, site, say)
    story.play(kill=kill)
    print()
    for line in report.describe():
        print(f"  {line}")
    print()
    seen = stage.insist(
        lambda: report.account(
            story.postbox,
            unsubscribed=story.unsubscribed,
            breaking_first_mail_s=story.breaking_first_mail_s,
            seconds=say.seconds,
        ),
        "adding up",
    )
    faults = report.faults_of(seen, story.postbox, kills=stage.kills)
    if kill:
        say.line(f"{stage.kills} programs were killed on the way")
    for fault in faults:
        print(f"demo: wrong: {fault}", file=sys.stderr)
    print(seen, flush=True)
    return 1 if faults else 0


def stay(stage: "Stage", say: Say) -> None:
    """Say where everything is, and keep it up until Ctrl-C."""
    from mailer.local import acts  # noqa: PLC0415  after setup

    home = stage.home
    print(
        f"\n  Readers    {home.web}/\n  Editors    {home.web}/desk\n"
        f"  Operators  {home.web}/ops\n  Inbox      {home.inbox}/\n"
        f"  The paper  {home.newsroom}/\n\n"
        f"  Log in as {acts.EDITOR} with the password {acts.PASSWORD}\n"
        f"  Logs are in {home.folder / 'logs'}\n"
    )
    say.line("Everything stays up until Ctrl-C")
    while True:
        stage.tick()
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:] if sys.argv[1:2] == ["demo"] else sys.argv[1:]))
