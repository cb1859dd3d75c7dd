"""What a newsletter is, as a list with a name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Newsletter:
    """A list people can be on. Its recipe (when, what) belongs to editions.

    list_id: the part in angle brackets of List-Id (RFC 2919), stable for ever.
    by_place: its editions are about one place each and go to that place's readers.
    is_alerts: breaking news goes to it.
    rhythm: when it comes, in words for the sign-up page: "weekdays at 06:00".
    """

    id: int
    slug: str
    name: str
    description: str
    rhythm: str
    list_id: str
    from_name: str
    from_address: str
    reply_to: str
    language: str = "en"
    subscriber_only: bool = False
    by_place: bool = False
    is_alerts: bool = False
    archived: bool = False
