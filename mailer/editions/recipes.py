"""Setting a newsletter's recipe: schedule, selection, who lets it go."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from mailer import bell
from mailer.audience import queries as audience
from mailer.editions import schedule
from mailer.editions.content import EditionKind, EditionState
from mailer.editions.journal import end
from mailer.editions.models import Edition, Recipe
from mailer.editions.queries import recipe_view
from mailer.editions.recipe import SCHEDULE, Approval, Waves, read_selection
from mailer.editions.states import UNSENT
from mailer.editions.view import RecipeView
from mailer.kernel.bells import Bell
from mailer.kernel.errors import Permanent

LONGEST_LEAD = 7 * 24 * 60  # minutes
LONGEST_DEADLINE = 24 * 60
LONGEST_LIFE = 7 * 24 * 60
LEADS = {Approval.AUTOMATIC: 2, Approval.EDITOR: 60}  # minutes, where none is said


class BadRecipe(Permanent):
    """The recipe can't be used; str() names every fault."""


@transaction.atomic
def set_recipe(  # noqa: PLR0913  keywords
    *,
    newsletter_id: int,
    now: datetime,
    cron: str | None = None,
    time_zone: str | None = None,
    selection: Mapping[str, Any] | None = None,
    approval: str | None = None,
    lead_minutes: int | None = None,
    deadline_minutes: int | None = None,
    waves: str | None = None,
    expires_minutes: int | None = None,
    by: str = SCHEDULE,
) -> RecipeView:
    """Set what is given of a newsletter's recipe; None leaves what is there.

    expires_minutes: 0 for as long as its kind of mail is worth sending.

    The first time, an editor approves, the zone is the paper's and there is no
    schedule. A new schedule counts from now: slots before it are nobody's, and an
    unsent edition of a slot it does not have is skipped.

    Raises BadRecipe with every fault, UnknownNewsletter.
    """
    audience.newsletter(newsletter_id)
    row = Recipe.objects.select_for_update().filter(pk=newsletter_id).first()
    is_first = row is None
    if row is None:
        row = Recipe(
            newsletter_id=newsletter_id,
            cron="",
            time_zone=settings.BRAND.time_zone,
            selection={},
            approval=Approval.EDITOR,
            deadline_minutes=120,
            lead_minutes=LEADS[Approval.EDITOR],
            waves=Waves.TOGETHER,
            since=now,
            planned_to=now,
        )
    before = (row.cron, row.time_zone)
    if is_first and lead_minutes is None and approval in set(Approval):
        lead_minutes = LEADS[Approval(approval)]
    given = {
        "cron": cron if cron is None else " ".join(cron.split()),
        "time_zone": time_zone,
        "selection": selection if selection is None else dict(selection),
        "approval": approval,
        "lead_minutes": lead_minutes,
        "deadline_minutes": deadline_minutes,
        "waves": waves,
        "expires_minutes": expires_minutes,
    }
    for name, value in given.items():
        if value is not None:
            setattr(row, name, value)
    row.expires_minutes = row.expires_minutes or None
    faults = _faults_of(row)
    if faults:
        raise BadRecipe("; ".join(faults))
    if before != (row.cron, row.time_zone):
        row.since = row.planned_to = now
    row.save()
    if before != (row.cron, row.time_zone) and not is_first:
        _skip_what_is_not_planned(row, by, now)
    bell.ring(Bell.PLAN)
    return recipe_view(row)


def _faults_of(row: Recipe) -> list[str]:
    faults = schedule.faults_of(row.cron, row.time_zone)
    faults += read_selection(row.selection)[1]
    if row.approval not in set(Approval):
        faults.append(f"approval '{row.approval}' must be one of {', '.join(Approval)}")
    if not 0 <= row.lead_minutes <= LONGEST_LEAD:
        faults.append(
            f"lead {row.lead_minutes} must be from 0 to {LONGEST_LEAD} minutes"
        )
    if not 0 < row.deadline_minutes <= LONGEST_DEADLINE:
        faults.append(
            f"deadline {row.deadline_minutes} must be from 1 to {LONGEST_DEADLINE} "
            "minutes"
        )
    if row.waves not in set(Waves):
        faults.append(f"waves '{row.waves}' must be one of {', '.join(Waves)}")
    if not 0 < (row.expires_minutes or LONGEST_LIFE) <= LONGEST_LIFE:
        faults.append(
            f"expiry {row.expires_minutes} must be from 1 to {LONGEST_LIFE} minutes, "
            "or 0 for the usual time"
        )
    return faults


def _skip_what_is_not_planned(row: Recipe, by: str, now: datetime) -> None:
    unsent = Edition.objects.select_for_update().filter(
        newsletter_id=row.newsletter_id, kind=EditionKind.DIGEST, state__in=UNSENT
    )
    for edition in unsent.order_by("pk"):
        slot = schedule.slot_at(row.cron, row.time_zone, edition.slot)
        if slot is None or slot.at != edition.slot_at:
            reason = "The schedule changed, and has no such slot any more"
            end(edition, EditionState.SKIPPED, reason, by=by, now=now)
