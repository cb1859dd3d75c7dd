"""How fast mail may go where: what holds for a relay, a receiver, a newsletter.

A relay usually queues by itself and knows its receivers; then their limits are its
business and ours are off. A relay that is `direct` passes each connection on.
shapingfile.py reads what a paper sets.

Pure: no clock, no table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

from mailer.audience.providers import PROVIDERS

SLOWEST = 1 / 60  # a second: KumoMTA's answer to "temporarily deferred" is one a minute


@dataclass(frozen=True, slots=True)
class Limits:
    """What a lane, or a relay, may take. None: no limit of ours."""

    per_second: float | None = None
    connections: int | None = None
    messages: int | None = None


# Where a relay is direct. Sources: KumoMTA, assets/policy-extras/shaping.toml (Yahoo's,
# Comcast's and Mimecast's figures were given to them by these receivers). Yahoo's 20
# are in help.yahoo.com, SLN3433, too; it names no number of connections, and 10 is
# KumoMTA's default. Orange's: its page postmaster.orange.fr of May 2026, as quoted at
# egressif.io/resources/sender-requirements/orange.
RECEIVERS: Mapping[str, Limits] = {
    "gmail": Limits(connections=5, messages=50),
    "yahoo": Limits(connections=10, messages=20),
    "outlook": Limits(connections=5, messages=50),
    "microsoft365": Limits(connections=5, messages=50),
    "icloud": Limits(connections=10, messages=5),
    "comcast": Limits(connections=25, messages=1000),
    "mimecast": Limits(connections=10, messages=100),
    "orange": Limits(connections=2, messages=100),
}


@dataclass(frozen=True, slots=True)
class RelayShaping:
    """How mail goes through one relay. receivers: by provider id."""

    per_second: float | None = None
    direct: bool = False
    receivers: Mapping[int, Limits] = field(default_factory=dict)

    def limits(self, provider_id: int) -> Limits:
        """Return what holds for one receiver at this relay."""
        own = self.receivers.get(provider_id, Limits())
        if not self.direct:
            return Limits(per_second=own.per_second)
        name = PROVIDERS.get(provider_id, ("", ()))[0]
        usual = RECEIVERS.get(name, Limits())
        return Limits(
            own.per_second or usual.per_second,
            own.connections or usual.connections,
            own.messages or usual.messages,
        )


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From when until when nothing leaves, on the newsletter's own clock."""

    begins: time
    ends: time

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"


@dataclass(frozen=True, slots=True)
class PauseARun:
    """When a run is stopped short: in percent, bounces of those reached so far.

    Nothing is judged by less than `at_least` people.
    """

    bounces_percent: float = 5.0
    at_least: int = 500
    complaints_percent: float = 0.3

    def reason(self, *, bounces: int, complaints: int, reached: int) -> str:
        """Return why a run is to be paused, empty if it may go on."""
        among = max(reached, self.at_least)
        if bounces > among * self.bounces_percent / 100:
            return f"{bounces} of {reached} mails came back: the list may be old"
        if complaints > among * self.complaints_percent / 100:
            return f"{complaints} readers of {reached} called it spam"
        return ""


@dataclass(frozen=True, slots=True)
class Shaping:
    """All of the file; without one, no limit of ours and no quiet hours.

    quiet: by the slug of a newsletter, "" for all others; None means none.
    """

    relays: Mapping[int, RelayShaping] = field(default_factory=dict)
    quiet: Mapping[str, QuietHours | None] = field(default_factory=dict)
    pause_a_run: PauseARun = PauseARun()

    def relay(self, relay_id: int) -> RelayShaping:
        """Return how mail goes through a relay."""
        return self.relays.get(relay_id, RelayShaping())

    def quiet_hours(self, slug: str) -> QuietHours | None:
        """Return the quiet hours of a newsletter, by its slug."""
        return self.quiet.get(slug, self.quiet.get(""))
