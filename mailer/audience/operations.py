"""All that may be done to the audience. Each has its place in a module of its own.

joining      sign up, confirm; answer what was asked
moving       take the mails to another address
leaving      leave one newsletter, undo it, leave them all
preferences  choose, pause, say where and in which language
letters      ask for a letter or a link, use a link
importing    bring a list in; exporting writes it out
hearing      suppress, by what servers answer or by hand
maildomains  ask the DNS who receives mail for a domain
erasing      give people their data, forget them
lists        newsletters, places, staff
"""

from mailer.audience.erasing import Tidied, erase, export, note_reach, tidy
from mailer.audience.exporting import write_subscribers
from mailer.audience.hearing import hear, lift, suppress
from mailer.audience.importing import (
    Fate,
    Taken,
    UnknownSlug,
    import_subscribers,
    read_list,
)
from mailer.audience.joining import (
    Confirmed,
    NothingChosen,
    Outcome,
    answer_requests,
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
    list_id_for,
    set_staff,
)
from mailer.audience.maildomains import look_up
from mailer.audience.moving import change_address
from mailer.audience.preferences import (
    BadPause,
    Changed,
    UnknownPlace,
    UnknownZone,
    pause_until,
    set_hour,
    set_language,
    set_place,
    set_subscriptions,
    set_time_zone,
)
from mailer.audience.subscriberfile import NotAList

__all__ = [
    "BadNewsletter",
    "BadPause",
    "BadPlace",
    "Changed",
    "Closed",
    "Confirmed",
    "Fate",
    "Left",
    "NotAList",
    "NothingChosen",
    "Outcome",
    "Taken",
    "Tidied",
    "TooOften",
    "UnknownPlace",
    "UnknownSlug",
    "UnknownZone",
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
    "import_subscribers",
    "letter_taken",
    "lift",
    "list_id_for",
    "look_up",
    "note_reach",
    "pause_until",
    "read_list",
    "resubscribe",
    "set_hour",
    "set_language",
    "set_place",
    "set_staff",
    "set_subscriptions",
    "set_time_zone",
    "sign_up",
    "stop_everything",
    "suppress",
    "tidy",
    "unsubscribe",
    "use_link",
    "write_subscribers",
]
