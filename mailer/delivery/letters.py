"""Letters: a mail to one person is a run of one, in the same ledger.

Rooms below ask by a row in their own transaction; here it becomes a run in the
transaction that takes it, so that none is lost and none is sent twice. Test sends are
letters of an edition, to the staff.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from mailer import bell
from mailer.audience import operations as audience
from mailer.audience import queries as people
from mailer.audience.letter import LetterKind, LetterView
from mailer.delivery import dealing
from mailer.delivery.ledger import State
from mailer.delivery.models import Batch, Delivery, Reach, Run, RunText, Tally
from mailer.delivery.partitions import make_room
from mailer.delivery.ringing import ring_for
from mailer.delivery.run import LIFETIMES, PRIORITIES, RunKind, RunState
from mailer.delivery.tally import OTHERS
from mailer.editions import queries as editions
from mailer.kernel.bells import Bell
from mailer.kernel.errors import Permanent
from mailer.rendering import operations as rendering
from mailer.rendering.mail import render_letter
from mailer.rendering.variant import Rendered, Tier

A_LOOK = 100  # letters made runs in one go; more than that rings again

log = logging.getLogger(__name__)


class NotStaff(Permanent):
    """A test send goes to the paper's own people and to nobody else."""


def open_letters(*, now: datetime) -> int:
    """Make a run of each letter asked for, and wake the urgent pipe; return how many.

    A letter that has no words, or not the data they need, gets its run too: stopped,
    with the reason, for operators to see. It holds up no other.
    """
    audience.answer_requests(now=now)
    make_room(now=now)
    waiting = people.letters_waiting(A_LOOK)
    opened = sum(_open_letter(letter, now=now) for letter in waiting)
    if len(waiting) == A_LOOK:
        bell.ring(Bell.LETTERS)
    return opened


def _open_letter(letter: LetterView, *, now: datetime) -> bool:
    """Open one letter's run; False where it has a fault, or another worker took it."""
    if letter.kind is LetterKind.TEST:
        return _open_test_letter(letter, now=now)
    fault, texts = "", list[tuple[str, Rendered]]()
    try:
        rendered = render_letter(
            letter.kind,
            letter.data,
            letter.language,
            settings.BRAND,
            settings.PUBLIC_URL,
        )
        texts = [(Tier.FREE, rendered)]
    except Permanent as error:
        fault = str(error)
    run = _a_run(RunKind.LETTER, now=now, letter_id=letter.id)
    return _take(letter, run, texts, fault, now=now)


def _open_test_letter(letter: LetterView, *, now: datetime) -> bool:
    fault, newsletter_id, edition_id = "", 0, None
    texts: list[tuple[str, Rendered]] = []
    try:
        edition_id = int(letter.data["edition_id"])
        newsletter_id, texts = _test_of(edition_id)
    except (Permanent, LookupError, ValueError) as error:
        fault = str(error)
    run = _a_run(
        RunKind.TEST,
        now=now,
        letter_id=letter.id,
        edition_id=edition_id,
        newsletter_id=newsletter_id,
    )
    return _take(letter, run, texts, fault, now=now)


@transaction.atomic
def _take(
    letter: LetterView,
    run: Run,
    texts: Sequence[tuple[str, Rendered]],
    fault: str,
    *,
    now: datetime,
) -> bool:
    """Take a letter and write its run, both or neither."""
    if not audience.letter_taken(letter_id=letter.id, now=now):
        return False
    _write(run, [letter.subscriber_id], texts, fault=fault, now=now)
    return not fault


@transaction.atomic
def send_test(*, edition_id: int, subscriber_ids: Sequence[int], now: datetime) -> int:
    """Send an edition to some of the staff, marked TEST; return the run.

    Nothing chosen means nobody. Raises NotStaff if one of them is not on the staff,
    NoSuchEdition, and what rendering raises for an edition with a fault.
    """
    wanted = sorted(set(subscriber_ids))
    staff = {person.id for person in people.staff()}
    if not wanted or not staff.issuperset(wanted):
        raise NotStaff("A test goes to people on the staff list, and to at least one.")
    make_room(now=now)
    newsletter_id, texts = _test_of(edition_id)
    run = _a_run(
        RunKind.TEST, now=now, edition_id=edition_id, newsletter_id=newsletter_id
    )
    _write(run, wanted, texts, fault="", now=now)
    return run.pk


def _test_of(edition_id: int) -> tuple[int, list[tuple[str, Rendered]]]:
    """Return whose edition it is and how it reads as a test, by tier."""
    content = editions.content(edition_id=edition_id)
    tiers = [key.tier for key in rendering.keys_of(content)]
    texts = rendering.render_test(edition_id=edition_id)
    return content.newsletter.id, list(zip(tiers, texts, strict=True))


def _a_run(
    kind: RunKind,
    *,
    now: datetime,
    letter_id: int | None = None,
    edition_id: int | None = None,
    newsletter_id: int = 0,
) -> Run:
    return Run(
        kind=kind,
        letter_id=letter_id,
        edition_id=edition_id,
        newsletter_id=newsletter_id,
        priority=PRIORITIES[kind],
        state=RunState.OPEN,
        asked_at=now,
        release_at=now,
        opened_at=now,
        give_up_at=now + LIFETIMES[kind],
    )


def _write(
    run: Run,
    subscriber_ids: Sequence[int],
    texts: Sequence[tuple[str, Rendered]],
    *,
    fault: str,
    now: datetime,
) -> None:
    """Write a small run whole: its texts, a row and a batch for each person."""
    run.audience = len(subscriber_ids)
    if fault:
        run.state, run.finished_at, run.reason = RunState.STOPPED, now, fault
    run.save()
    RunText.objects.bulk_create(
        RunText(
            run_id=run.pk,
            number=number,
            tier=tier,
            subject=rendered.subject,
            html=rendered.html,
            text=rendered.text,
        )
        for number, (tier, rendered) in enumerate(texts, start=1)
    )
    state = State.CANCELLED if fault else State.DUE
    people_here = list(enumerate(subscriber_ids, start=1))
    Delivery.objects.bulk_create(
        Delivery(
            run_id=run.pk,
            position=position,
            subscriber_id=subscriber_id,
            state=state,
            reason=fault,
            settled_at=now if fault else None,
        )
        for position, subscriber_id in people_here
    )
    reach = {
        row.subscriber_id: (row.provider_id, row.address)
        for row in Reach.objects.filter(
            newsletter_id=0, subscriber_id__in=subscriber_ids
        )
    }
    lanes = [reach.get(one, (0, ""))[0] for one in subscriber_ids]
    Tally.objects.bulk_create(
        Tally(
            run_id=run.pk,
            writer=OTHERS,
            provider_id=lane,
            state=state,
            n=n,
            began_at=now,
            changed_at=now,
        )
        for lane, n in Counter(lanes).items()
    )
    if not fault:
        Batch.objects.bulk_create(
            Batch(
                run=run,
                priority=run.priority,
                first=position,
                last=position,
                next=position,
                due_at=now,
                **dealing.lane_of(
                    run, provider_id=provider_id, address=address, now=now
                ),
            )
            for position, subscriber_id in people_here
            for provider_id, address in [reach.get(subscriber_id, (0, ""))]
        )
        ring_for(run_id=run.pk)
    log.info("delivery.letter.opened run=%s kind=%s", run.pk, run.kind)
