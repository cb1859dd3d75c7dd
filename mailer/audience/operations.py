"""All that may be done to the audience. Each has its place in a module of its own.

joining      sign up, confirm, move to another address; answer what was asked
leaving      leave one newsletter, undo it, leave them all
preferences  choose, pause, say where and in which language
letters      ask for a letter or a link, use a link
hearing      suppress, by what servers answer or by hand
erasing      give people their data, forget them
lists        newsletters, places, staff
"""

from mailer.audience.erasing import Tidied, erase, export, note_reach, tidy
from mailer.audience.hearing import hear, lift, suppress
from mailer.audience.joining import (
    Confirmed,
    NothingChosen,
    Outcome,
    answer_requests,
    change_address,
    confirm,
    sign_up,
)
from mailer.audience.leaving import Left, resubscribe, stop_everything, unsubscribe
from mailer.audience.letters import ask_letter, ask_link, letter_taken, use_link
from mailer.audience.limits import Closed, TooOften
from mailer.audience.lists import (
    BadNewsletter,
    BadPlace,
    add_place,
    change_newsletter,
    create_newsletter,
    set_staff,
)
from mailer.audience.preferences import (
    BadPause,
    Changed,
    UnknownPlace,
    pause_until,
    set_hour,
    set_language,
    set_place,
    set_subscriptions,
)

__all__ = [
    "BadNewsletter",
    "BadPause",
    "BadPlace",
    "Changed",
    "Closed",
    "Confirmed",
    "Left",
    "NothingChosen",
    "Outcome",
    "Tidied",
    "TooOften",
    "UnknownPlace",
    "add_place",
    "answer_requests",
    "ask_letter",
    "ask_link",
    "change_address",
    "change_newsletter",
    "confirm",
    "create_newsletter",
    "erase",
    "export",
    "hear",
    "letter_taken",
    "lift",
    "note_reach",
    "pause_until",
    "resubscribe",
    "set_hour",
    "set_language",
    "set_place",
    "set_staff",
    "set_subscriptions",
    "sign_up",
    "stop_everything",
    "suppress",
    "tidy",
    "unsubscribe",
    "use_link",
]
