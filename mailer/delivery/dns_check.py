"""Whether DNS says what it should: right, missing, or how it differs.

What others may choose is not held against them: any DMARC policy that is valid, here or
at a domain above; any host that takes our bounces; any SPF record that lets our
addresses pass.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address

from mailer.delivery.dns_records import About, Presence, Record
from mailer.delivery.spf import BadSpf, Evaluation, Lookup, record_of
from mailer.kernel.errors import Temporary

POLICIES = {"none", "quarantine", "reject"}


class NoAnswer(Temporary):
    """A name server did not answer or said that it failed; str() says which."""


class State(StrEnum):
    """What was found."""

    RIGHT = "right"
    MISSING = "missing"
    DIFFERS = "differs"
    UNKNOWN = "unknown"  # nobody answered


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found where a record should be, and in words what of it."""

    record: Record
    state: State
    words: str = ""

    @property
    def is_right(self) -> bool:
        """Tell whether nothing needs to be done."""
        return self.state is State.RIGHT


def check(
    records: Sequence[Record], presence: Presence, lookup: Lookup
) -> list[Finding]:
    """Look each record up and judge it."""
    return [_check(record, presence, lookup) for record in records]


def _check(record: Record, presence: Presence, lookup: Lookup) -> Finding:
    try:
        if record.about is About.SPF:
            found = _spf(record, presence, lookup)
        else:
            found = CHECKS[record.about](record, lookup)
    except NoAnswer as fault:
        return Finding(record, State.UNKNOWN, str(fault))
    except BadSpf as fault:
        return Finding(record, State.DIFFERS, str(fault))
    return Finding(record, *found)


def _spf(record: Record, presence: Presence, lookup: Lookup) -> tuple[State, str]:
    text = record_of(lookup(record.name, "TXT"))
    if text is None:
        return State.MISSING, ""
    refused = []
    for address in presence.addresses:
        result = Evaluation(lookup).result(address, record.name)
        if result != "pass":
            refused.append(f"{address} gets {result}")
    if not presence.addresses:
        rest = Evaluation(lookup).result(None, record.name)
        if rest == "pass":
            refused.append("it lets the whole world send")
    if refused:
        return State.DIFFERS, f"{', '.join(refused)}: {text}"
    return State.RIGHT, text if text != record.value else ""


def _dkim(record: Record, lookup: Lookup) -> tuple[State, str]:
    texts = lookup(record.name, "TXT")
    if not texts:
        return State.MISSING, ""
    if len(texts) > 1:
        return State.DIFFERS, "there are several records, and only one may stand"
    found, wanted = tags(texts[0]), tags(record.value)
    kind, hashes = found.get("k", "rsa"), found.get("h", "sha256")
    fault = ""
    if found.get("p") == "":
        fault = "the key is revoked: p= is empty"
    elif kind != wanted["k"]:
        fault = f"it has k={kind}"
    elif found.get("p") != wanted["p"]:
        fault = "it has another key"
    elif "sha256" not in hashes.split(":"):
        fault = f"h={hashes} leaves out sha256"
    if fault:
        return State.DIFFERS, fault
    is_test = "y" in found.get("t", "").split(":")
    return State.RIGHT, "marked as a test (t=y)" if is_test else ""


def _dmarc(record: Record, lookup: Lookup) -> tuple[State, str]:
    """Find the policy that counts: here or above (RFC 7489 §6.6.3)."""
    labels = record.name.removeprefix("_dmarc.").split(".")
    for at in range(len(labels) - 1):
        name = f"_dmarc.{'.'.join(labels[at:])}"
        texts = [t for t in lookup(name, "TXT") if t.lower().startswith("v=dmarc1")]
        if len(texts) > 1:
            return State.DIFFERS, f"{name} has several records: none counts"
        if texts:
            return _policy(name, texts[0], is_above=at > 0)
    return State.MISSING, ""


def _policy(name: str, text: str, *, is_above: bool) -> tuple[State, str]:
    found = tags(text)
    policy = found.get("p", "")
    if is_above:
        policy = found.get("sp", policy)
    if policy not in POLICIES:
        return State.DIFFERS, f"{name} has no valid policy: {text}"
    words = [f"p={policy}"]
    if is_above:
        words.append(f"from {name}")
    if "rua" not in found:
        words.append("nobody gets reports (rua)")
    return State.RIGHT, ", ".join(words)


def _bimi(record: Record, lookup: Lookup) -> tuple[State, str]:
    texts = [t for t in lookup(record.name, "TXT") if t.lower().startswith("v=bimi1")]
    if not texts:
        return State.MISSING, ""
    domain = record.name.removeprefix("default._bimi.")
    policy = _dmarc(Record(About.DMARC, f"_dmarc.{domain}", "TXT", ""), lookup)[1]
    found, wanted = tags(texts[0]), tags(record.value)
    for name in ("l", "a"):
        if found.get(name, "") != wanted[name]:
            return State.DIFFERS, f"{name}={found.get(name, '')}"
    if not policy.startswith(("p=quarantine", "p=reject")):
        return State.DIFFERS, "no logo is shown before DMARC has p=quarantine"
    return State.RIGHT, ""


def _mx(record: Record, lookup: Lookup) -> tuple[State, str]:
    hosts = [text.split()[-1] for text in lookup(record.name, "MX")]
    if not hosts:
        return State.MISSING, ""
    if hosts == ["."]:
        return State.DIFFERS, "it says that no mail is taken (RFC 7505)"
    lost = [host for host in hosts if not _addresses(host, lookup)]
    if lost:
        return State.DIFFERS, f"{', '.join(lost)} has no address"
    wanted = record.value.split()[-1]
    return State.RIGHT, "" if wanted in hosts else f"{', '.join(hosts)} takes it"


def _ptr(record: Record, lookup: Lookup) -> tuple[State, str]:
    hosts = lookup(record.name, "PTR")
    if not hosts:
        return State.MISSING, ""
    for host in hosts:
        pointers = {ip_address(a).reverse_pointer for a in _addresses(host, lookup)}
        if record.name in pointers:
            return State.RIGHT, "" if host == record.value else host
    return State.DIFFERS, f"{', '.join(hosts)} does not point back"


CHECKS: dict[About, Callable[[Record, Lookup], tuple[State, str]]] = {
    About.DKIM: _dkim,
    About.DMARC: _dmarc,
    About.BIMI: _bimi,
    About.MX: _mx,
    About.PTR: _ptr,
}


def _addresses(host: str, lookup: Lookup) -> list[str]:
    return lookup(host, "A") + lookup(host, "AAAA")


def tags(text: str) -> dict[str, str]:
    """Return the `name=value` pairs of a record, without their white space."""
    pairs = (part.partition("=") for part in text.split(";") if part.strip())
    return {name.strip(): "".join(value.split()) for name, _, value in pairs}
