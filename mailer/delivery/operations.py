"""All that may be done with runs. Each has its place in a module of its own.

opening  an edition's audience becomes rows of the ledger; release
letters  letters and test sends, runs to one person
drain    the way of a batch to a relay and back
control  undo, pause, resume, stop; everything
dealing  take a relay out and put it back
doubts   send again or close what nobody knows the end of
archiving  old runs leave the ledger for files
recounting  the tally against the rows, and its repair
upkeep   look for what no bell announced; put the ledger in order
"""

from mailer.delivery.archiving import FileDiffers, TooYoung, archive_runs
from mailer.delivery.clock import ledger_clock, ledger_now
from mailer.delivery.control import (
    NoSuchRun,
    NotNow,
    pause,
    pause_everything,
    resume,
    resume_everything,
    stop,
    stop_withdrawn,
    undo,
)
from mailer.delivery.dealing import drain_relay, use_relay
from mailer.delivery.doubts import NotInDoubt, close_doubt, resend_doubt
from mailer.delivery.drain import drain
from mailer.delivery.lanes import resume_lane
from mailer.delivery.letters import NotStaff, open_letters, send_test
from mailer.delivery.opening import open_due, open_run, release_due, start_run
from mailer.delivery.recounting import repair
from mailer.delivery.standing import NoSuchRelay
from mailer.delivery.tripwire import heard_back
from mailer.delivery.upkeep import Kept, look, upkeep
from mailer.delivery.warming import begin_warm_up, end_warm_up

__all__ = [
    "FileDiffers",
    "Kept",
    "NoSuchRelay",
    "NoSuchRun",
    "NotInDoubt",
    "NotNow",
    "NotStaff",
    "TooYoung",
    "archive_runs",
    "begin_warm_up",
    "close_doubt",
    "drain",
    "drain_relay",
    "end_warm_up",
    "heard_back",
    "ledger_clock",
    "ledger_now",
    "look",
    "open_due",
    "open_letters",
    "open_run",
    "pause",
    "pause_everything",
    "release_due",
    "repair",
    "resend_doubt",
    "resume",
    "resume_everything",
    "resume_lane",
    "send_test",
    "start_run",
    "stop",
    "stop_withdrawn",
    "undo",
    "upkeep",
    "use_relay",
]
