"""What a reply means for one delivery, and whose fault it is.

RFC 5321 §4.2 (classes), RFC 3463 and RFC 5248 (enhanced codes), RFC 7505 (domains that
take no mail). The class says whether to try again; the enhanced code says whom to
blame. Three rules stand above both:

    whatever is not understood is temporary and ours
    a refusal before the recipient was named says nothing about the recipient
    only a code that names the mailbox or its domain may blame the address
"""

from dataclasses import dataclass
from enum import StrEnum

from mailer.delivery.reply import NOT_SPOKEN, Reply, Stage
from mailer.kernel.blame import Blame


class Outcome(StrEnum):
    """What becomes of a delivery that was answered. The words of ledger.State."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # for good
    DEFERRED = "deferred"  # its batch comes round again


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one delivery, whose fault, and why in our own words.

    reason: no address, no text of the server; empty when accepted.
    """

    outcome: Outcome
    blame: Blame
    reason: str = ""


ACCEPTED = Verdict(Outcome.ACCEPTED, Blame.NOBODY)
CLOSING = 421
THROTTLED = 454
NULL_MX = 556  # RFC 7504 §4

# Subject and detail of an enhanced code, for whichever class: whose fault, in words.
MEANINGS: dict[tuple[int, int], tuple[Blame, str]] = {
    (1, 1): (Blame.ADDRESS, "no such mailbox"),
    (1, 2): (Blame.DOMAIN, "the domain was not found"),
    (1, 3): (Blame.ADDRESS, "not a valid address"),
    (1, 6): (Blame.ADDRESS, "the mailbox has moved"),
    (1, 10): (Blame.ADDRESS, "the domain takes no mail"),
    (2, 1): (Blame.ADDRESS, "the mailbox is disabled"),
    (2, 2): (Blame.MAILBOX_FULL, "the mailbox is full"),
    (2, 3): (Blame.US, "the message is too big"),
    (3, 4): (Blame.US, "the message is too big"),
    (4, 3): (Blame.DOMAIN, "the domain could not be looked up"),
    (4, 4): (Blame.DOMAIN, "no route to the domain"),
}
# The same, where only a temporary answer means it.
PASSING: dict[tuple[int, int], tuple[Blame, str]] = {
    (1, 1): (Blame.RECEIVER, "the mailbox could not be checked"),
    (2, 0): (Blame.RECEIVER, "come back later"),
    (2, 1): (Blame.RECEIVER, "the mailbox takes no mail now"),
    (7, 1): (Blame.RECEIVER, "come back later"),  # greylisting, RFC 6647 §2
}
BUSY = {450: "the mailbox is busy", 451: "an error there", 452: "no room there"}
RETRY_ANYWAY = {5, 7}  # subjects: our protocol, our reputation; both can be repaired


def judge(reply: Reply) -> Verdict:
    """Decide what a reply means. Whatever is not understood is temporary and ours."""
    kind = reply.code // 100
    if kind == 2 and reply.stage is Stage.DOT:  # noqa: PLR2004
        return ACCEPTED
    if reply.code == NOT_SPOKEN:
        return _not_spoken(reply)
    if reply.code in {CLOSING, THROTTLED}:
        return _deferred(Blame.RELAY, "the relay takes no more now")
    if kind == 4:  # noqa: PLR2004
        return _passing(reply)
    if kind == 5:  # noqa: PLR2004
        return _lasting(reply)
    return _deferred(Blame.US, f"an answer that fits no question: {reply.code}")


def _not_spoken(reply: Reply) -> Verdict:
    blame, _ = MEANINGS.get(_detail(reply), (Blame.RELAY, ""))
    if reply.enhanced is not None and reply.enhanced[0] == 5:  # noqa: PLR2004
        return Verdict(Outcome.REFUSED, blame, reply.text)
    return _deferred(Blame.RELAY, reply.text)


def _passing(reply: Reply) -> Verdict:
    detail = _detail(reply)
    if reply.stage is Stage.MAIL:
        return _deferred(Blame.RELAY, _coded("refused before a recipient", reply))
    if detail in PASSING:
        return _deferred(*PASSING[detail])
    if detail in MEANINGS and MEANINGS[detail][0] is not Blame.ADDRESS:
        return _deferred(*MEANINGS[detail])
    if detail[0] in {3, 4}:
        return _deferred(Blame.RECEIVER, _coded("a fault there that passes", reply))
    if reply.enhanced is None and reply.code in BUSY:
        return _deferred(Blame.RECEIVER, BUSY[reply.code])
    return _deferred(Blame.US, _coded("held back for now", reply))


def _lasting(reply: Reply) -> Verdict:
    detail = _detail(reply)
    blame, reason = MEANINGS.get(detail, (Blame.US, ""))
    if reply.stage in {Stage.MAIL, Stage.DATA}:
        if blame is Blame.US and reason:  # too big: it will be on each try
            return Verdict(Outcome.REFUSED, Blame.US, reason)
        return _deferred(Blame.US, _coded("the relay refuses our sending", reply))
    if detail[0] in RETRY_ANYWAY:
        return _deferred(Blame.US, _coded("our sending is not trusted", reply))
    if reason:
        return Verdict(Outcome.REFUSED, blame, reason)
    if reply.enhanced is None and reply.code == NULL_MX:
        return Verdict(Outcome.REFUSED, *MEANINGS[1, 10])
    # A bare 550 covers "no such user" and "we dislike your IP" alike.
    # Guessing ADDRESS here would suppress subscribers for our own faults.
    return Verdict(Outcome.REFUSED, Blame.US, _coded("refused", reply))


def _detail(reply: Reply) -> tuple[int, int]:
    return (-1, -1) if reply.enhanced is None else reply.enhanced[1:]


def _deferred(blame: Blame, reason: str) -> Verdict:
    return Verdict(Outcome.DEFERRED, blame, reason)


def _coded(words: str, reply: Reply) -> str:
    codes = [str(reply.code)]
    if reply.enhanced is not None:
        codes.append(".".join(map(str, reply.enhanced)))
    return f"{words} ({' '.join(codes)})"
