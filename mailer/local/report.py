"""What the demo says at its end: every mail accounted for, or what is wrong."""

from collections import Counter
from dataclasses import asdict, dataclass

from mailer.delivery import queries as delivery
from mailer.delivery.progress import Progress
from mailer.delivery.run import LETTERS, RunKind
from mailer.editions import queries as editions
from mailer.editions.content import EditionKind, EditionState
from mailer.local.postbox import Postbox
from mailer.sources import queries as sources

ALL = 100_000


@dataclass(frozen=True)
class Account:
    """The demo's last line. Figures are over all runs, letters among them.

    deliveries = accepted + refused + in_doubt + cancelled. inbox: distinct Message-IDs
    in the mail server's own store. breaking_first_mail_s: from the end of the hold to
    the first alert in the inbox.
    """

    stories: int
    editions: int
    deliveries: int
    accepted: int
    refused: int
    in_doubt: int
    cancelled: int
    inbox: int
    letters: int
    unsubscribed: int
    breaking_first_mail_s: float
    election_editions: int
    seconds: int

    def __str__(self) -> str:
        values = " ".join(f"{key}={value}" for key, value in asdict(self).items())
        return f"demo: {values}"


def account(
    postbox: Postbox,
    *,
    unsubscribed: int,
    breaking_first_mail_s: float,
    seconds: float,
) -> Account:
    """Add everything up."""
    runs = delivery.runs(limit=ALL, letters=True)
    sums = Counter[str]()
    for run in runs:
        for state in ("accepted", "refused", "in_doubt", "cancelled"):
            sums[state] += getattr(run, state)
    gone = {EditionState.SENDING, EditionState.SENT, EditionState.STOPPED}
    went = [e for e in editions.editions(limit=ALL) if e.state in gone]
    return Account(
        stories=len(sources.recent(limit=ALL)),
        editions=len(went),
        deliveries=sum(run.audience for run in runs),
        accepted=sums["accepted"],
        refused=sums["refused"],
        in_doubt=sums["in_doubt"],
        cancelled=sums["cancelled"],
        inbox=postbox.counts()["message_ids"],
        letters=sum(run.audience for run in runs if run.kind is RunKind.LETTER),
        unsubscribed=unsubscribed,
        breaking_first_mail_s=breaking_first_mail_s,
        election_editions=sum(e.kind is EditionKind.RESULTS for e in went),
        seconds=round(seconds),
    )


def faults_of(seen: Account, postbox: Postbox, *, kills: int) -> list[str]:
    """Return what does not add up, a sentence each; nothing means all is well."""
    faults = []
    ended = seen.accepted + seen.refused + seen.in_doubt + seen.cancelled
    if seen.deliveries != ended:
        faults.append(f"{seen.deliveries} deliveries, but {ended} of them ended")
    if doubled := postbox.counts()["doubled"]:
        faults.append(f"{doubled} mails came twice")
    if not seen.accepted <= seen.inbox <= seen.accepted + seen.in_doubt:
        faults.append(
            f"{seen.inbox} mails in the inbox, {seen.accepted} accepted and "
            f"{seen.in_doubt} in doubt"
        )
    if not kills and seen.in_doubt:
        faults.append(f"{seen.in_doubt} in doubt although nothing was killed")
    return faults


def unfinished() -> list[Progress]:
    """Return the runs that are not over."""
    return [run for run in delivery.runs(limit=ALL, letters=True) if not _ended(run)]


def _ended(run: Progress) -> bool:
    return run.over and run.opened and run.due + run.in_flight + run.deferred == 0


def describe() -> list[str]:
    """Return a line for each run of editions, the oldest first."""
    lines = []
    for run in reversed(delivery.runs(limit=ALL)):
        if run.kind in LETTERS or run.edition_id is None:
            continue
        edition = editions.edition(run.edition_id)
        lines.append(
            f"{edition.newsletter.name}: “{edition.subject}” to {run.audience:,}, "
            f"{run.accepted:,} accepted, {run.refused:,} refused, "
            f"{run.in_doubt:,} in doubt, {run.cancelled:,} cancelled"
        )
    return lines
