"""What "my mails" shows for each newsletter, and what a saved form asks for.

A choice is a word: "on", "off", or "until:" and the moment a pause ends.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from mailer.audience.consent import SubscriptionState, Tier
from mailer.audience.newsletter import Newsletter
from mailer.audience.queries import SubscriberView, SubscriptionView
from mailer.kernel import moments

ON, OFF, UNTIL = "on", "off", "until:"
PAUSE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Row:
    """One newsletter on the page: what is known, what can be chosen, what holds."""

    id: int
    name: str
    about: str
    options: tuple[tuple[str, str], ...]
    chosen: str


def rows_of(
    person: SubscriberView,
    newsletters: Iterable[Newsletter],
    coming: Mapping[int, str],
    *,
    now: datetime,
    zone: tzinfo,
) -> list[Row]:
    """Return a row for each newsletter. coming: when the next one comes, by id."""
    standings = {s.newsletter_id: s for s in person.subscriptions}
    return [
        _row(person, n, standings.get(n.id), coming.get(n.id, ""), now, zone)
        for n in newsletters
    ]


def _row(  # noqa: PLR0913, PLR0917  private, and each of them is needed
    person: SubscriberView,
    newsletter: Newsletter,
    standing: SubscriptionView | None,
    coming: str,
    now: datetime,
    zone: tzinfo,
) -> Row:
    chosen = choice_of(standing, now)
    options = [(ON, "On")]
    pause = pause_ends(now, PAUSE, zone)
    words = _on(pause.astimezone(zone), now, short=True)
    options.append((f"{UNTIL}{pause.isoformat()}", f"Pause until {words}"))
    if chosen.startswith(UNTIL):
        ends = ending_of(chosen).astimezone(zone)
        options = [o for o in options if o[0] != chosen]
        options.insert(1, (chosen, f"Paused until {_on(ends, now, short=True)}"))
    options.append((OFF, "Off"))
    about = _about(person, newsletter, standing, coming)
    if chosen.startswith(UNTIL):
        ends = ending_of(chosen).astimezone(zone)
        about = f"Until {_on(ends, now)}, then it starts again."
    return Row(newsletter.id, newsletter.name, about, tuple(options), chosen)


def _about(
    person: SubscriberView,
    newsletter: Newsletter,
    standing: SubscriptionView | None,
    coming: str,
) -> str:
    if newsletter.subscriber_only and person.tier is not Tier.SUBSCRIBER:
        return "For paying subscribers. It comes once you are one."
    if standing is not None and standing.state is SubscriptionState.PENDING:
        return "Asked for, and not started yet."
    on = standing is not None and standing.state is SubscriptionState.ACTIVE
    return f"Next: {coming}" if on and coming else _sentence(newsletter.rhythm)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def with_choice(row: Row, choice: str) -> Row:
    """Return a row as it was chosen on a form, which may not be saved yet."""
    if choice not in dict(row.options):
        return row
    return replace(row, chosen=choice)


def choice_of(standing: SubscriptionView | None, now: datetime) -> str:
    """Return the choice that stands now. A pause that has ended is "on"."""
    if standing is None:
        return OFF
    if standing.state is SubscriptionState.PAUSED:
        ends = standing.paused_until
        if ends is None or ends <= now:
            return ON
        return f"{UNTIL}{ends.astimezone(UTC).isoformat()}"
    return ON if standing.state is SubscriptionState.ACTIVE else OFF


def ending_of(choice: str) -> datetime:
    """Return when a pause ends. Raises ValueError for what is no such choice."""
    ends = datetime.fromisoformat(choice.removeprefix(UNTIL))
    if not choice.startswith(UNTIL) or ends.tzinfo is None:
        raise ValueError(f"not a pause: {choice!r}")
    return ends


def pause_ends(now: datetime, length: timedelta, zone: tzinfo) -> datetime:
    """Return midnight on the paper's clock, so many days from today, in UTC."""
    ends = now.astimezone(zone) + length
    return ends.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def read_choices(
    post: Mapping[str, str], newsletters: Iterable[Newsletter]
) -> dict[int, str]:
    """Return the choice for each newsletter that was on the form and makes sense."""
    found = {}
    for newsletter in newsletters:
        choice = post.get(f"n{newsletter.id}", "")
        if choice in {ON, OFF} or (choice.startswith(UNTIL) and _is_pause(choice)):
            found[newsletter.id] = choice
    return found


def _is_pause(choice: str) -> bool:
    try:
        ending_of(choice)
    except ValueError:
        return False
    return True


def changed_words(
    before: Mapping[int, str],
    after: Mapping[int, str],
    newsletters: Sequence[Newsletter],
    *,
    now: datetime,
    zone: tzinfo,
) -> list[str]:
    """Return a half-sentence for each newsletter that stands otherwise now."""
    words = []
    for n in newsletters:
        choice = after.get(n.id, OFF)
        if choice == before.get(n.id, OFF):
            continue
        if choice.startswith(UNTIL):
            ends = ending_of(choice).astimezone(zone)
            words.append(f"{n.name} is paused until {_on(ends, now)}")
        else:
            words.append(f"{n.name} is {choice}")
    return words


def _on(ends: datetime, now: datetime, *, short: bool = False) -> str:
    today = now.astimezone(ends.tzinfo).date()
    return moments.date_of(ends.date(), today, short=short)
