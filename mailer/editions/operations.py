"""All that may be done to editions. Each has its place in a module of its own.

planning  slots, results, what is stale, withdrawn or edited at its source
editing   drop, move, add, rewrite
deciding  approve, hold, skip, bring back, take back
breaking  an alert
sending   what rendering and delivery tell
recipes   schedule, selection, who lets it go
"""

from mailer.editions.breaking import break_story, said_before
from mailer.editions.deciding import approve, skip, unapprove, unskip, withdraw
from mailer.editions.editing import (
    add_story,
    drop_story,
    move_item,
    rewrite,
    set_words,
)
from mailer.editions.guard import ChangedSince, Refused
from mailer.editions.planning import Planned, plan
from mailer.editions.recipes import BadRecipe, set_recipe
from mailer.editions.sending import (
    block,
    mark_sending,
    mark_sent,
    mark_stopped,
)
from mailer.editions.states import NotNow

__all__ = [
    "BadRecipe",
    "ChangedSince",
    "NotNow",
    "Planned",
    "Refused",
    "add_story",
    "approve",
    "block",
    "break_story",
    "drop_story",
    "mark_sending",
    "mark_sent",
    "mark_stopped",
    "move_item",
    "plan",
    "rewrite",
    "said_before",
    "set_recipe",
    "set_words",
    "skip",
    "unapprove",
    "unskip",
    "withdraw",
]
