"""What receivers say beside their codes: words that a receiver uses for one thing.

    slower     they want less mail from us, or want it more slowly
    distrust   they find fault with us: authentication, reputation, a block list

Looked for in the reply's text, lower case, first come first served; each entry names
where the words are from. "Sisimai" is its source, lib/Sisimai/Rhost, which quotes
receivers' pages and replies seen; "KumoMTA" its assets/policy-extras/shaping.toml.

Words that are not here change nothing: what is not understood stays temporary and ours.
Pure: no clock, no table.
"""

from dataclasses import dataclass
from enum import StrEnum

from mailer.kernel.blame import Blame


class Signal(StrEnum):
    """What a reply says about the lane it came on, whatever becomes of its mail."""

    NONE = ""
    SLOWER = "slower"
    DISTRUST = "distrust"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words and what they mean.

    classes: of the codes it may stand with, 4 and 5. is_final: with a 5, refused for
    good; else it is tried again, as it is with a 4 in any case.
    """

    words: str
    reason: str
    blame: Blame = Blame.US
    signal: Signal = Signal.NONE
    classes: str = "45"
    is_final: bool = False


def _slower(words: str, reason: str = "they want our mail more slowly") -> Phrase:
    return Phrase(words, reason, signal=Signal.SLOWER, classes="4")


def _distrust(words: str, reason: str) -> Phrase:
    return Phrase(words, reason, signal=Signal.DISTRUST)


def _theirs(words: str, reason: str, *, is_final: bool = False) -> Phrase:
    return Phrase(words, reason, Blame.RECEIVER, is_final=is_final)


NOT_AUTHENTICATED = "our mail is not authenticated"
BLOCKED = "our address is on a block list"
REPUTATION = "our reputation is too low"
POLICY = "their policy refuses our mail"
NO_LIST = "they ask a block list in a way that it does not answer"

PHRASES = (
    # Greylisting is no throttle: RFC 6647 §2.
    _theirs("greylist", "come back later"),
    _theirs("graylist", "come back later"),
    # Gmail and Google Workspace: support.google.com/a/answer/3726730, by Sisimai,
    # Google.pm.
    _theirs("receiving mail at a rate that", "the mailbox gets too much mail now"),
    _theirs("ip not in whitelist for rcpt domain", "that domain takes mail from few"),
    _distrust("to use tls", "our mail came without TLS"),  # .7.29
    _distrust("rate limited because", NOT_AUTHENTICATED),  # 4.7.26, .27, .30, .32
    _distrust("the spf record of the sending domain", NOT_AUTHENTICATED),  # .7.24
    _distrust("to authenticate with", NOT_AUTHENTICATED),  # .26, .27, .30; Yahoo
    _distrust("due to domain's dmarc policy", NOT_AUTHENTICATED),
    _slower("an unusual rate of"),  # 421 4.7.28; with 550 it is the next
    _distrust("an unusual rate of", "our sending looks unusual to them"),
    _slower("very low reputation", REPUTATION),
    _distrust("very low reputation", REPUTATION),
    # Yahoo and AOL: senders.yahooinc.com/smtp-error-codes, by Sisimai, YahooInc.pm;
    # TS03: help.yahoo.com, SLN3436.
    _theirs("user is receiving mail too quickly", "the mailbox gets too much mail now"),
    _slower("temporarily deferred due to unexpected volume"),  # 421 4.7.0 [TSS04]
    _distrust("permanently deferred", REPUTATION),  # [TS03], [TSS09], [TSS11]
    _distrust("unresolvable rfc.5321", "our envelope sender's domain has no DNS"),
    _distrust("not accepted for policy reasons", POLICY),  # [PH01], 554 5.7.9
    _distrust("is in spamhaus's list", BLOCKED),  # 553 5.7.1 [BL21]
    _theirs("max message per connection reached", "the connection was full"),
    Phrase(
        "dd this user doesn't have a",
        "no such mailbox",
        Blame.ADDRESS,
        classes="5",
        is_final=True,
    ),
    # Outlook.com and Microsoft 365: learn.microsoft.com, "Email non-delivery reports
    # and SMTP errors in Exchange Online"; 5.7.515: support.microsoft.com, "Fix NDR
    # error 550 5.7.515 in Outlook.com"; as seen in replies: 4.7.650 (S775), 4.7.500 and
    # S3150 (Sisimai, Microsoft.pm), 4.7.651 (S3114; asked at learn.microsoft.com).
    _slower("temporarily rate limited due to ip reputation", REPUTATION),
    _slower("server busy. please try again later"),  # 4.7.500
    _slower("access denied, please try again later"),  # 4.7.500 to 699, 850 to 899
    _distrust("part of their network is on our block list", BLOCKED),  # S3140, S3150
    _distrust("banned sending ip", BLOCKED),  # 5.7.606 to 649
    _distrust("meet the required authentication", NOT_AUTHENTICATED),  # 5.7.515
    _theirs("using customer block list", "that domain blocks us", is_final=True),
    _theirs("access denied, rejected by recipient", "that domain blocks us"),
    # iCloud: as seen in replies (Sisimai, Apple.pm); they point to support.apple.com.
    _slower("deferred due to excessive volume"),
    _distrust("rejected due to local policy", POLICY),  # [CS01]
    _distrust("failing both spf and dkim", NOT_AUTHENTICATED),  # [HME1]
    _distrust("present in the spamhaus", BLOCKED),
    _distrust("listing in spamhaus", BLOCKED),
    # Comcast: RL000001 and on, "Throttled - try again later"; KumoMTA.
    _slower("rl0000"),
    # Orange, La Poste: as seen in replies (Sisimai, FrancePTT.pm); codes explained at
    # postmaster.orange.fr.
    _slower("too many connections, slow down"),  # _104
    _distrust("bloquee pour incident de spam", BLOCKED),  # _102
    _distrust("ofr_506", "our mail looks like spam to them"),
    # Amazon SES: docs.aws.amazon.com/ses, "Errors related to the sending quotas for
    # your Amazon SES account", by SMTP: 454 Throttling failure.
    _slower("maximum sending rate exceeded", "our account's rate is used up"),
    _slower("daily message quota exceeded", "our account's day is used up"),
    # Postfix as a receiver: its source, src/smtpd/smtpd.c, limits of clients by
    # anvil(8); the first is in src/postscreen/postscreen.c too.
    _slower("too many connections"),  # 421 4.7.0
    _slower("too much mail from"),  # 450 4.7.1
    _slower("too many recipients from"),  # 450 4.7.1
    # Exchange Server, 421 4.3.2: as seen in replies; MaxInboundConnectionPerSource.
    _slower("concurrent connections"),
    # Receivers whose DNS Spamhaus does not serve may read that as a listing. Their
    # replies point to check.spamhaus.org/returnc/pub/ or /vol/: it is their set-up, not
    # the sender's, and no listing, it says there.
    _theirs("spamhaus.org/returnc/", NO_LIST),
    _theirs("error: open resolver", NO_LIST),
    # Postfix's words for a client on a list: postconf(5), default_rbl_reply; its
    # source, src/postscreen/postscreen_early.c.
    _distrust("blocked using", BLOCKED),
)

# Exchange Online: these say who may write to that mailbox or group, nothing about us
# (learn.microsoft.com, as above; 129 as seen in replies). Detail of 5.7.x. Not 13,
# which says so there too: in IANA's registry it is "user account disabled".
ABOUT_THAT_MAILBOX = {12, 124, 129, 133, 134, 135, 136}


def phrase_in(text: str, *, code: int) -> Phrase | None:
    """Return the first entry whose words a reply holds, None if none does."""
    said, kind = text.lower(), str(code // 100)
    for phrase in PHRASES:
        if kind in phrase.classes and phrase.words in said:
            return phrase
    return None
