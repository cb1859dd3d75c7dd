"""Whose fault a bounce is: by its status, then by its words.

RFC 3463 for the codes. The order is the point: words about our reputation come first,
since servers put them behind any code, also behind 5.1.1; whatever is not understood is
ours. Only what surely means a mailbox that is not there may silence a reader at once.

Pure: no table, no clock.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailer.feedback.report import Recipient
from mailer.kernel.blame import Blame

STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
SMTP_CODE = re.compile(r"(?:^|;|\s)([245]\d\d)(?=[\s-])")
# Addresses, names of servers, links: readers are called spam@, servers policy.example.
NAMES = re.compile(r"\S*@\S*|https?:\S*|\S+\.[a-z]{2,}\S*", re.IGNORECASE)

ABOUT_US = re.compile(
    r"spam|block(ed|list)|black.?list|deny.?list|\bdnsbl\b|\brbl\b|reputation|policy|"
    r"policies|dmarc|\bspf\b|dkim|unsolicited|\bbulk\b|\brate\b|too many|too fast|"
    r"throttl|suspicious|virus|malware|phish|content|reverse dns|\bptr\b|"
    r"authenticat|not authori[sz]ed|access denied|relay(ing)? (access )?denied|"
    r"\bbanned\b|complaint|abus|listed|your (ip|server|host|message)",
    re.IGNORECASE,
)
NO_MAILBOX = re.compile(
    r"(user|recipient|mailbox|account|address|addressee)"
    r"( is| was|'s)? (unknown|not found|does(n't| not) exist|invalid|inactive|disabled|"
    r"not known|closed|deactivated)|"
    r"(unknown|no such|invalid|non-?existent) "
    r"(local |mail |e-?mail )?(user|recipient|mailbox|account|address|person)|"
    r"no mailbox here|not listed in (the )?directory|user doesn't exist|"
    r"does(n't| not) have (an?|this)\s+(\S+ )?account",
    re.IGNORECASE,
)
FULL = re.compile(r"quota|mailbox (is )?full|over ?quota|out of storage", re.IGNORECASE)
NO_DOMAIN = re.compile(
    r"(host|domain)( name)? not found|host unknown|unknown host|name or service not|"
    r"no mx|nxdomain|domain does not exist|no such domain",
    re.IGNORECASE,
)
# Subject and detail: whose fault, where the failure is for good (5) and passing (4).
CODES: dict[tuple[int, int], tuple[Blame, Blame]] = {
    (1, 1): (Blame.ADDRESS, Blame.RECEIVER),
    (1, 2): (Blame.DOMAIN, Blame.DOMAIN),
    (1, 3): (Blame.ADDRESS, Blame.RECEIVER),
    (1, 6): (Blame.ADDRESS, Blame.RECEIVER),
    (1, 10): (Blame.ADDRESS, Blame.DOMAIN),  # RFC 7505: takes no mail
    (2, 1): (Blame.ADDRESS, Blame.RECEIVER),
    (2, 2): (Blame.MAILBOX_FULL, Blame.MAILBOX_FULL),
    (2, 4): (Blame.RECEIVER, Blame.RECEIVER),
    (4, 1): (Blame.RECEIVER, Blame.RECEIVER),
    (4, 3): (Blame.DOMAIN, Blame.DOMAIN),
    (4, 4): (Blame.DOMAIN, Blame.DOMAIN),
    (4, 6): (Blame.RECEIVER, Blame.RECEIVER),
    (4, 7): (Blame.RECEIVER, Blame.RECEIVER),
}
SUBJECTS = {3: Blame.RECEIVER, 4: Blame.RECEIVER}  # where the detail is not known
TOO_BIG = {(2, 3), (3, 4)}
FAILED = "failed"
SAYS_NOTHING = {0}  # a subject of 0: "other or undefined"
LASTING = 5
# Of several recipients behind one address, the mildest fault counts: one member of a
# group who is gone must not silence the group.
MILDEST_FIRST = (
    *(Blame.NOBODY, Blame.US, Blame.RECEIVER, Blame.MAILBOX_FULL, Blame.DOMAIN),
    Blame.ADDRESS,
)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Whose fault, and the status that says so; NOBODY: nothing failed for good."""

    blame: Blame
    status: str


def diagnose(recipients: Sequence[Recipient]) -> Diagnosis:
    """Decide what a bounce about one of our mails means for its address."""
    found = [_of(one) for one in recipients]
    return min(found, key=lambda one: MILDEST_FIRST.index(one.blame))


def _of(one: Recipient) -> Diagnosis:
    code = _code(one)
    status = ".".join(map(str, code)) if code else ""
    if one.action != FAILED:  # delayed, delivered, relayed, expanded
        return Diagnosis(Blame.NOBODY, status)
    words = NAMES.sub(" ", one.diagnostic)
    if ABOUT_US.search(words):
        return Diagnosis(Blame.US, status)
    return Diagnosis(_blame(code, words), status)


def _blame(code: tuple[int, int, int] | None, words: str) -> Blame:
    if code is not None:
        kind, subject, detail = code
        if (subject, detail) in TOO_BIG:
            return Blame.US
        if (subject, detail) in CODES:
            return CODES[subject, detail][kind != LASTING]
        if subject in SUBJECTS:
            return SUBJECTS[subject]
        if subject not in SAYS_NOTHING and (subject, detail) != (1, 0):
            return Blame.US
    return _by_words(words, lasting=code is None or code[0] == LASTING)


def _by_words(words: str, *, lasting: bool) -> Blame:
    smtp = SMTP_CODE.search(words)
    lasting = lasting and (smtp is None or smtp[1].startswith("5"))
    if FULL.search(words):
        return Blame.MAILBOX_FULL
    if NO_DOMAIN.search(words):
        return Blame.DOMAIN
    if NO_MAILBOX.search(words):
        return Blame.ADDRESS if lasting else Blame.RECEIVER
    return Blame.US if lasting else Blame.RECEIVER


def _code(one: Recipient) -> tuple[int, int, int] | None:
    """Return the code that says most: the server's own where the status is vague."""
    status = _parsed(one.status)
    if status is not None and status[1] not in SAYS_NOTHING:
        return status
    return _parsed(one.diagnostic) or status


def _parsed(text: str) -> tuple[int, int, int] | None:
    match = STATUS.search(text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None
