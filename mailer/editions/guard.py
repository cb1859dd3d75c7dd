"""What every act on an edition checks first: it is there, unsent, and as it was seen.

Inside this room only. Callers own the transaction.
"""

from mailer.audience import queries as audience
from mailer.audience.newsletter import Newsletter
from mailer.editions.content import EditionState
from mailer.editions.models import Edition, Recipe
from mailer.editions.queries import NoSuchEdition
from mailer.editions.states import check_unsent
from mailer.kernel.errors import Permanent


class ChangedSince(Permanent):
    """The content is another than the one that was seen."""


class Refused(Permanent):
    """This is not done; str() says why, for the person who asked."""


def locked(edition_id: int, *, and_recipe: bool = False) -> tuple[Edition, Newsletter]:
    """Return an edition under its lock, with its newsletter. Raises NoSuchEdition.

    and_recipe: who will mark stories used needs the lock of the newsletter's recipe
    too, and takes it first, as planning does: the other way round is a deadlock.
    """
    if and_recipe:
        of_edition = Edition.objects.filter(pk=edition_id).values("newsletter_id")
        Recipe.objects.select_for_update().filter(pk__in=of_edition).first()
    row = Edition.objects.select_for_update().filter(pk=edition_id).first()
    if row is None:
        raise NoSuchEdition(f"There is no edition {edition_id}.")
    return row, audience.newsletter(row.newsletter_id)


def unsent(
    edition_id: int, seen_hash: str | None = None, *, and_recipe: bool = False
) -> tuple[Edition, Newsletter]:
    """Return an unsent edition under its lock; seen_hash: only if it is still that.

    Raises NotNow, ChangedSince, NoSuchEdition.
    """
    row, newsletter = locked(edition_id, and_recipe=and_recipe)
    check_unsent(EditionState(row.state))
    if seen_hash is not None:
        check_seen(row, seen_hash)
    return row, newsletter


def check_seen(row: Edition, seen_hash: str) -> None:
    """Do nothing if the content is what was seen. Raises ChangedSince."""
    if row.hash != seen_hash:
        raise ChangedSince(
            "The edition changed since you looked. Nothing was done; look again."
        )
