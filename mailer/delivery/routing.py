"""Which relays may take a mail, and how it is shared out among them.

A relay without a route takes everything. One with a route takes only that: some
newsletters, some receiving providers or domains, or both. A mail goes by those that
know it best: newsletter and receiver, then one of the two, then those that take
everything. If none of them can take it now, the next best do.

    RELAYS = R1, R2?providers=gmail, R3?newsletters=morning&weight=2

    the morning digest to gmail   R2 and R3, one to two; else R1
    an alert to gmail             R2; else R1
    the rest                      R1

Pure: no clock, no table.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd

from mailer.delivery.relays import LETTERS, Relay

LONGEST_WHEEL = 1_000  # weights beyond it are rounded


@dataclass(frozen=True, slots=True)
class Way:
    """What of a mail decides its relays: whose list, and who receives it.

    newsletter: its slug; empty for a letter that belongs to none. domain: empty unless
    a route names it.
    """

    newsletter: str = ""
    provider_id: int = 0
    domain: str = ""


def relays_for(
    way: Way, relays: Sequence[Relay], *, usable: Collection[int]
) -> list[Relay]:
    """Return the relays that know a mail best, of those usable; empty: it waits."""
    able = [relay for relay in relays if relay.id in usable and _takes(relay, way)]
    best = max(map(_knowledge, able), default=0)
    return [relay for relay in able if _knowledge(relay) == best]


def wheel(relays: Sequence[Relay]) -> list[int]:
    """Return relays by number, each as often as its weight says, well mixed.

    Batch after batch goes to the next. Mixed by the rule of nginx's upstreams: whoever
    is most behind her share is next.
    """
    weights = _reduced([relay.weight for relay in relays])
    behind = [0] * len(relays)
    turns = []
    for _ in range(sum(weights)):
        behind = [one + weight for one, weight in zip(behind, weights, strict=True)]
        most = behind.index(max(behind))
        behind[most] -= sum(weights)
        turns.append(relays[most].id)
    return turns


def wheels(
    newsletter: str,
    relays: Sequence[Relay],
    *,
    providers: Collection[int],
    usable: Collection[int],
) -> dict[str, list[int]]:
    """Return a wheel for each receiver that may make a difference, and one for others.

    By "provider/domain"; "*" stands for whoever is not named. An empty wheel does not
    occur as long as a relay that takes everything is usable.
    """
    domains = sorted(named_domains(relays))
    named = {number for relay in relays for number in relay.providers} & set(providers)
    ways = {"*": Way(newsletter)}
    for number in providers:
        ways |= {f"{number}/{name}": Way(newsletter, number, name) for name in domains}
        if number in named:
            ways[f"{number}/"] = Way(newsletter, number)
    return {
        key: wheel(relays_for(way, relays, usable=usable)) for key, way in ways.items()
    }


def named_domains(relays: Sequence[Relay]) -> set[str]:
    """Return the domains that some route names."""
    return {name for relay in relays for name in relay.domains}


def share_out(
    ways: Mapping[int, Way], relays: Sequence[Relay], *, usable: Collection[int]
) -> dict[int, int]:
    """Return a relay for each of some batches, by number; none that would wait."""
    turns: dict[Way, list[int]] = {}
    taken: dict[Way, int] = {}
    shared = {}
    for batch_id, way in ways.items():
        if way not in turns:
            turns[way] = wheel(relays_for(way, relays, usable=usable))
            taken[way] = 0
        if turns[way]:
            shared[batch_id] = turns[way][taken[way] % len(turns[way])]
            taken[way] += 1
    return shared


def _takes(relay: Relay, way: Way) -> bool:
    if relay.newsletters and (way.newsletter or LETTERS) not in relay.newsletters:
        return False
    if not relay.providers and not relay.domains:
        return True
    return way.provider_id in relay.providers or way.domain in relay.domains


def _knowledge(relay: Relay) -> int:
    return bool(relay.newsletters) + bool(relay.providers or relay.domains)


def _reduced(weights: Sequence[int]) -> list[int]:
    divisor = reduce(gcd, weights, 0) or 1
    whole = [weight // divisor for weight in weights]
    if sum(whole) <= LONGEST_WHEEL:
        return whole
    scale = LONGEST_WHEEL / sum(whole)
    return [max(1, round(weight * scale)) for weight in whole]
