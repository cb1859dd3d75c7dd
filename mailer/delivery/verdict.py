"""What a reply means for one delivery, and whose fault it is.

RFC 5321 §4.2 (classes), RFC 3463 and RFC 5248 (enhanced codes), RFC 7505 (domains that
take no mail). The class says whether to try again; the enhanced code says whom to
blame; phrases.py knows what receivers say beside them. Three rules stand above all:

    whatever is not understood is temporary and ours
    a refusal before the recipient was named says nothing about the recipient
    only what names the mailbox or its domain may blame the address

A verdict also says what a reply means for its lane: to go more slowly, or that the
receiver finds fault with us. lane.py decides what comes of that.
"""

from dataclasses import dataclass
from enum import StrEnum

from mailer.delivery.phrases import ABOUT_THAT_MAILBOX, Phrase, Signal, phrase_in
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
    signal: what the reply says about the lane it came on.
    """

    outcome: Outcome
    blame: Blame
    reason: str = ""
    signal: Signal = Signal.NONE


ACCEPTED = Verdict(Outcome.ACCEPTED, Blame.NOBODY)
CLOSING = 421
THROTTLED = 454
LOCAL_ERROR = 451
POLICY = 7  # the subject of codes about security and policy, RFC 3463 §3.8
CONNECTION = 4  # … about the network: a time-out is not a wish, RFC 3463 §3.5
GREYLISTING = (7, 1)
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
    # Exchange Online's of an hour: 1,200 mails from one sender, 3,600 in all (Microsoft
    # 365 message center, MC272450, MC239262).
    (2, 121): (Blame.RECEIVER, "the mailbox gets too much mail now"),
    (2, 122): (Blame.RECEIVER, "the mailbox gets too much mail now"),
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
    if kind not in {4, 5}:
        return _deferred(Blame.US, f"an answer that fits no question: {reply.code}")
    phrase = phrase_in(reply.text, code=reply.code)
    if phrase is not None:
        return _worded(phrase, reply)
    return _passing(reply) if kind == 4 else _lasting(reply)  # noqa: PLR2004


def _worded(phrase: Phrase, reply: Reply) -> Verdict:
    """Judge by a receiver's own words; before the recipient they are about us."""
    is_about_mail = reply.stage in {Stage.RCPT, Stage.DOT}
    is_final = phrase.is_final and reply.code // 100 == 5 and is_about_mail  # noqa: PLR2004
    outcome = Outcome.REFUSED if is_final else Outcome.DEFERRED
    blame = phrase.blame if is_about_mail else Blame.US
    return Verdict(outcome, blame, _coded(phrase.reason, reply), phrase.signal)


def _not_spoken(reply: Reply) -> Verdict:
    blame, _ = MEANINGS.get(_detail(reply), (Blame.RELAY, ""))
    if reply.enhanced is not None and reply.enhanced[0] == 5:  # noqa: PLR2004
        return Verdict(Outcome.REFUSED, blame, reply.text)
    return _deferred(Blame.RELAY, reply.text)


def _passing(reply: Reply) -> Verdict:
    detail = _detail(reply)
    if reply.code in {CLOSING, THROTTLED}:
        signal = Signal.NONE if detail[0] == CONNECTION else Signal.SLOWER
        return _deferred(Blame.RELAY, "the relay takes no more now", signal)
    if reply.stage is Stage.MAIL:
        words = _coded("refused before a recipient", reply)
        return _deferred(Blame.RELAY, words, _wish(reply))
    known = PASSING.get(detail) or MEANINGS.get(detail)
    if known is not None and known[0] is not Blame.ADDRESS:
        return _deferred(*known)
    if detail[0] in {3, 4}:
        return _deferred(Blame.RECEIVER, _coded("a fault there that passes", reply))
    if reply.enhanced is None and reply.code in BUSY:
        return _deferred(Blame.RECEIVER, BUSY[reply.code])
    return _deferred(Blame.US, _coded("held back for now", reply), _wish(reply))


def _lasting(reply: Reply) -> Verdict:
    detail = _detail(reply)
    blame, reason = MEANINGS.get(detail, (Blame.US, ""))
    if reply.stage in {Stage.MAIL, Stage.DATA}:
        if blame is Blame.US and reason:  # too big: it will be on each try
            return Verdict(Outcome.REFUSED, Blame.US, reason)
        words = _coded("the relay refuses our sending", reply)
        return _deferred(Blame.US, words, _distrust(reply))
    if detail[0] in RETRY_ANYWAY:
        return _about_us(reply)
    if reason:
        passes = blame is Blame.RECEIVER  # says 5 and means 4
        return Verdict(Outcome.DEFERRED if passes else Outcome.REFUSED, blame, reason)
    if reply.enhanced is None and reply.code == NULL_MX:
        return Verdict(Outcome.REFUSED, *MEANINGS[1, 10])
    # A bare 550 covers "no such user" and "we dislike your IP" alike.
    # Guessing ADDRESS here would suppress subscribers for our own faults.
    return Verdict(Outcome.REFUSED, Blame.US, _coded("refused", reply))


def _detail(reply: Reply) -> tuple[int, int]:
    return (-1, -1) if reply.enhanced is None else reply.enhanced[1:]


def _about_us(reply: Reply) -> Verdict:
    """Judge a refusal for protocol or policy: ours, but for few that name a mailbox."""
    detail = _detail(reply)
    if detail[0] == POLICY and detail[1] in ABOUT_THAT_MAILBOX:
        words = _coded("the mailbox takes no mail from outside", reply)
        return Verdict(Outcome.REFUSED, Blame.RECEIVER, words)
    words = _coded("our sending is not trusted", reply)
    return _deferred(Blame.US, words, _distrust(reply))


def _wish(reply: Reply) -> Signal:
    """Tell whether a 4xx without known words asks us to slow down.

    4.7.1 is what greylisting answers (RFC 6647 §2): it says "later", not "slower".
    """
    detail = _detail(reply)
    is_policy = detail[0] == POLICY and detail != GREYLISTING
    slower = reply.code == LOCAL_ERROR and is_policy
    return Signal.SLOWER if slower else Signal.NONE


def _distrust(reply: Reply) -> Signal:
    """Tell whether a 5xx without known words finds fault with us: 5.7.x does."""
    return Signal.DISTRUST if _detail(reply)[0] == POLICY else Signal.NONE


def _deferred(blame: Blame, reason: str, signal: Signal = Signal.NONE) -> Verdict:
    return Verdict(Outcome.DEFERRED, blame, reason, signal)


def _coded(words: str, reply: Reply) -> str:
    codes = [str(reply.code)]
    if reply.enhanced is not None:
        codes.append(".".join(map(str, reply.enhanced)))
    return f"{words} ({' '.join(codes)})"
