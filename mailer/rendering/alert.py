"""What stands in an alert: one word, the time, what happened, what to do."""

from dataclasses import dataclass

from mailer.editions.content import Alert, Content
from mailer.kernel.brand import Brand
from mailer.rendering import cleaning, wording
from mailer.rendering.pieces import LONG_TITLE, Setting

BREAKING, UPDATE, CORRECTION = "Breaking", "Update", "Correction"
BUTTON = "Read the full story"
PROMISE = "If we got something wrong, we will write to everyone who has this mail."


@dataclass(frozen=True, slots=True)
class AlertPage:
    """An alert as its templates see it; an empty part is "" or an empty tuple."""

    word: str
    time: str
    zone: str
    headline: str
    line: tuple[str, ...]
    url: str
    button: str
    advice_for: str
    advice: str
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    byline: str
    is_long: bool
    direction: str


def alert_page(
    content: Content, alert: Alert, brand: Brand, setting: Setting
) -> AlertPage:
    """Return what the alert says."""
    moment = wording.local(alert.at, content.time_zone)
    headline = cleaning.one_line(alert.headline)
    word = UPDATE if alert.is_update else BREAKING
    return AlertPage(
        word=CORRECTION if content.is_correction else word,
        time=wording.clock(moment),
        zone=zone_name(content.time_zone, brand),
        headline=headline,
        line=_paragraphs(alert.line),
        url=cleaning.address(alert.url),
        button=BUTTON,
        advice_for=cleaning.one_line(alert.advice_for) or "What to do",
        advice=cleaning.one_line(alert.advice),
        known=tuple(filter(None, map(cleaning.one_line, alert.known))),
        unknown=tuple(filter(None, map(cleaning.one_line, alert.unknown))),
        byline=" ".join(filter(None, (cleaning.one_line(alert.byline), PROMISE))),
        is_long=len(headline) > LONG_TITLE,
        direction=setting.turned(headline),
    )


def zone_name(time_zone: str, brand: Brand) -> str:
    """Return a time zone as readers say it: "Karanda time", else the city's."""
    if time_zone == brand.time_zone and brand.time_zone_name:
        return brand.time_zone_name
    return "UTC" if time_zone == "UTC" else _city(time_zone)


def _city(time_zone: str) -> str:
    return f"{time_zone.rpartition('/')[2].replace('_', ' ')} time"


def _paragraphs(words: str) -> tuple[str, ...]:
    return tuple(filter(None, (cleaning.one_line(p) for p in words.split("\n\n"))))
