"""Which mail goes first. Values are stored: never renumbered."""

from enum import IntEnum


class Priority(IntEnum):
    """Lower goes first. A relay's reserved pipes carry LETTER and above only."""

    BREAKING = 0
    LETTER = 1
    ELECTIONS = 2
    NEWSLETTER = 3
