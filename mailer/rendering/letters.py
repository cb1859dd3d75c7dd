"""What a letter says, by its kind: one thing, one button, and why it came.

The data of each kind is described in `audience.letter`. Its values are data: a name
somebody typed is shown, never understood.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mailer.audience.letter import LetterKind
from mailer.kernel.brand import Brand
from mailer.kernel.errors import Permanent
from mailer.rendering import cleaning
from mailer.rendering.wording import counted, joined

NOT_YOU = (
    "If it was not you, do nothing: you will get no more of these, and nothing is sent "
    "to you."
)


class NoSuchLetter(Permanent):
    """There is no letter of this kind, or its data misses what the kind needs."""


@dataclass(frozen=True, slots=True)
class LetterPage:
    """A letter as its templates see it; url is "" where there is nothing to press."""

    subject: str
    preheader: str
    title: str
    lines: tuple[str, ...]
    url: str
    button: str
    after: tuple[str, ...]
    why: str
    items: tuple[str, ...] = ()
    is_quiet: bool = False  # a link instead of a button


def letter_page(kind: str, data: Mapping[str, Any], brand: Brand) -> LetterPage:
    """Return what a letter says.

    Raises NoSuchLetter for a kind without words here or data without its address.
    """
    write = _LETTERS.get(kind)
    if write is None:
        raise NoSuchLetter(f"there is no letter of kind {kind!r}")
    try:
        return write(cleaning.whole(dict(data)), brand)
    except KeyError as error:
        raise NoSuchLetter(f"a letter of kind {kind} needs {error}") from error


def _confirm(data: Mapping[str, Any], brand: Brand) -> LetterPage:
    names = _names(data.get("newsletters", ()))
    place = cleaning.one_line(str(data.get("place") or ""))
    what = joined(names) or brand.name
    asked = (
        f"Somebody, we hope you, asked {brand.name} to send this to your address"
        f"{f', with news of {place}' if place else ''}. Press the button and say yes "
        "on the page it opens."
    )
    yours = "they are" if len(names) > 1 else "it is"
    return LetterPage(
        subject=f"Please confirm: {what}",
        preheader=f"One more step, and {yours} yours. Nothing is sent before it.",
        title=f"Start {what}?",
        lines=(asked,),
        items=names if len(names) > 1 else (),
        url=_address(data["url"]),
        button="Confirm my address",
        after=(f"The button works for {_span(data, 'days', 'day', 7)}.", NOT_YOU),
        why="You get this because your address was typed on our sign-up page.",
    )


def _link(data: Mapping[str, Any], brand: Brand) -> LetterPage:
    already = joined(_names(data.get("already_on", ())))
    known = (
        "Your address was typed on our sign-up page. You already get "
        f"{already}, so there is nothing to confirm."
    )
    page = "There you see what you get from us, and can change, pause or stop it."
    keep = (
        "If you did not ask for it, do nothing. Nobody gets in without this mail, so "
        "do not pass it on."
    )
    return LetterPage(
        subject=f"Your mails from {brand.name}",
        preheader="See what you get, change it, pause it or stop it.",
        title=f"Your mails from {brand.name}",
        lines=(known, page) if already else (page,),
        url=_address(data["url"]),
        button="Open my page",
        after=(
            f"The button works once, for {_span(data, 'minutes', 'minute', 15)}.",
            keep,
        ),
        why="You get this because somebody asked for a link to this address.",
    )


def _address_change(data: Mapping[str, Any], brand: Brand) -> LetterPage:
    if "to" in data:
        return _address_changes_away(data, brand)
    old = data.get("from", "your old address")
    asked = (
        f"You asked us to send here what now goes to {old}. Press the button and say "
        "yes on the page it opens."
    )
    until = (
        f"The button works for {_span(data, 'days', 'day', 7)}. Until then your mails "
        "go to the old address."
    )
    return LetterPage(
        subject=f"Confirm your new address for {brand.name}",
        preheader="One step, and your mails come here.",
        title="Send your mails here?",
        lines=(asked,),
        url=_address(data["url"]),
        button="Confirm this address",
        after=(until, "If it was not you, do nothing: nothing changes."),
        why="You get this because this address was typed on a page of ours.",
    )


def _address_changes_away(data: Mapping[str, Any], brand: Brand) -> LetterPage:
    """Tell the old address. A link, no button: nothing has to be pressed here."""
    asked = (
        f"Somebody who could open your page asked us to send your mails to "
        f"{data['to']} from now on. They go there once that address is confirmed."
    )
    return LetterPage(
        subject=f"Your address at {brand.name} is being changed",
        preheader="If this was you, there is nothing to do.",
        title="Your address is being changed",
        lines=(
            asked,
            "If this was you, there is nothing to do. If not, look at it now.",
        ),
        url=_address(data["url"]),
        button="Ask for a link to your page",
        is_quiet=True,
        after=(),
        why="You get this because your mails from us came to this address.",
    )


def _welcome(data: Mapping[str, Any], brand: Brand) -> LetterPage:
    names = joined(_names(data.get("newsletters", ()))) or brand.name
    url = _address(data.get("url", ""))
    confirmed = (
        "Your address is confirmed. Every mail has a link at its end with which you "
        "leave in two taps, without a login."
    )
    return LetterPage(
        subject=f"Welcome to {names}",
        preheader="You are on the list.",
        title=f"Welcome to {names}",
        lines=(confirmed,),
        url=url,
        button="See what you get" if url else "",
        after=(),
        why="You get this because you confirmed this address.",
    )


def _notice(data: Mapping[str, Any], brand: Brand) -> LetterPage:
    title = cleaning.one_line(str(data["title"]))
    url = _address(data.get("url", ""))
    return LetterPage(
        subject=title,
        preheader="",
        title=title,
        lines=_names(data.get("lines", ())),
        url=url,
        button=str(data.get("button") or "Open the page") if url else "",
        after=(),
        why=str(data.get("why") or f"You get this because you work with {brand.name}."),
    )


_LETTERS: dict[str, Callable[[Mapping[str, Any], Brand], LetterPage]] = {
    LetterKind.CONFIRM: _confirm,
    LetterKind.LINK: _link,
    LetterKind.ADDRESS_CHANGE: _address_change,
    LetterKind.WELCOME: _welcome,
    LetterKind.NOTICE: _notice,
}


def _names(names: Sequence[Any]) -> tuple[str, ...]:
    return tuple(filter(None, (cleaning.one_line(str(name)) for name in names)))


def _address(url: Any) -> str:
    return cleaning.address(str(url))


def _span(data: Mapping[str, Any], key: str, noun: str, default: int) -> str:
    return counted(int(data.get(key) or default), noun)
