"""From a name somebody typed to a place: the very one, a choice, or a reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailer.audience.queries import PlaceView

MOST_CHOICES = 20
NOT_KNOWN = "We know no municipality of this name. Choose one, or leave it empty"
CHOOSE = "Choose which one you mean"
TOO_MANY = "Many places hold these letters. Enter more of the name"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A place's code ("" for none), or a fault and what to choose from."""

    code: str = ""
    fault: str = ""
    choices: tuple[PlaceView, ...] = ()


def choose(name: str, code: str, places: Sequence[PlaceView]) -> Chosen:
    """Decide which place is meant.

    code: picked from the choices shown before; it counts while the name still leads to
    it, so that a name typed anew wins.
    """
    wanted = " ".join(name.split()).casefold()
    if not wanted:
        return Chosen()
    same = [p for p in places if p.name.casefold() == wanted]
    found = same or [p for p in places if wanted in p.name.casefold()]
    picked = [p for p in found if p.code == code]
    if picked or len(same) == 1:
        return Chosen((picked or same)[0].code)
    if not found:
        return Chosen(fault=NOT_KNOWN)
    if len(found) > MOST_CHOICES:
        return Chosen(fault=TOO_MANY)
    return Chosen(fault=CHOOSE, choices=tuple(found))
