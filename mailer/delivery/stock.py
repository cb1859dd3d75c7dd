"""The presses of a run: which of its variants is printed for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from django.conf import settings

from mailer.audience import queries as audience
from mailer.audience.newsletter import Newsletter
from mailer.delivery import dkim_keys
from mailer.delivery.dkim import Key
from mailer.delivery.headers import Unprintable
from mailer.delivery.models import Run, RunText
from mailer.delivery.press import House, Mail, Press
from mailer.delivery.relays import read_relays
from mailer.delivery.run import LETTERS, RunKind
from mailer.delivery.signing import Unsigned, sign_ahead
from mailer.delivery.step import Asked
from mailer.delivery.transport import Envelope
from mailer.editions import queries as editions
from mailer.kernel.personal import Personal
from mailer.kernel.tokens import seal
from mailer.rendering import queries as rendering
from mailer.rendering.variant import Variant, VariantKey, variant_for

RUNS_KEPT = 16  # presses in memory: digests, alerts, and letters that pass through


@dataclass(frozen=True, slots=True)
class Presses:
    """The presses of one run, by the number of their variant.

    profile: of the relay that the mails go to; None: it makes the mails anew, so that
    no signature of ours would hold.
    """

    variants: Sequence[Variant]
    by_number: Mapping[int, Press]
    profile: str | None = ""

    def envelope(self, one: Asked) -> Envelope:
        """Return the message for one subscriber.

        Raises Unprintable where no variant is meant for such a reader.
        """
        try:
            variant = variant_for(
                self.variants,
                tier=one.tier,
                place=one.place_code,
                language=one.language,
            )
        except LookupError as error:
            raise Unprintable("no variant is made for such a reader") from error
        envelope = self.by_number[variant.number].envelope(
            position=one.position,
            address=one.address,
            subscriber_id=one.subscriber_id,
            profile=self.profile,
        )
        if isinstance(envelope.printed, Unsigned):
            sign_ahead(envelope.printed)
        return envelope


def presses_of(
    *, run_id: int, relay_id: int = 1, wave_at: datetime | None = None
) -> Presses:
    """Return the presses of a run, for one relay of the settings.

    wave_at: when the readers' own hour comes, which their mails are dated by; None:
    at the release.

    Raises Unprintable if it has nothing to say, or what it says can't be printed.
    """
    relays = read_relays(settings.RELAYS, sessions=settings.RELAY_SESSIONS)
    presses = _presses_of(run_id, wave_at)
    for relay in relays:
        if relay.id == relay_id:
            profile = None if relay.service else relay.profile
            return replace(presses, profile=profile)
    return presses


@lru_cache(maxsize=RUNS_KEPT)
def _presses_of(run_id: int, wave_at: datetime | None) -> Presses:
    """Return the presses of a run, which never change: its text is frozen with it."""
    run = Run.objects.get(pk=run_id)
    variants = variants_of(run)
    if not variants:
        raise Unprintable("nothing is rendered for this run")
    newsletter = None
    if run.newsletter_id:
        newsletter = audience.newsletter(run.newsletter_id)
    date = wave_at or run.release_at
    presses = {
        v.number: Press(_mail(run, newsletter, v, date), house()) for v in variants
    }
    return Presses(variants, presses)


def _mail(
    run: Run, newsletter: Newsletter | None, variant: Variant, date: datetime
) -> Mail:
    browser = seal("browser", (run.pk, variant.number), settings.TOKEN_KEYS)
    return Mail(
        run_id=run.pk,
        date=date,
        subject=variant.subject,
        html=variant.html,
        text=variant.text,
        from_name=newsletter.from_name if newsletter else settings.BRAND.name,
        from_address=newsletter.from_address if newsletter else settings.LETTERS_FROM,
        reply_to=newsletter.reply_to if newsletter else "",
        newsletter=newsletter,
        is_letter=run.kind in LETTERS,
        is_automatic=_is_automatic(run),
        kind=run.kind,
        same={
            Personal.PREFERENCES: f"{settings.PUBLIC_URL}/p",
            Personal.BROWSER: f"{settings.PUBLIC_URL}/v/{browser}",
        },
    )


def _is_automatic(run: Run) -> bool:
    """Tell whether no person had a hand in it: digests are people's stories."""
    if run.kind != RunKind.RESULTS or run.edition_id is None:
        return run.kind == RunKind.LETTER
    return editions.edition(run.edition_id).is_automatic


def variants_of(run: Run) -> list[Variant]:
    """Return what a run says, by number: its own texts, or the edition's variants."""
    if run.kind in LETTERS:
        rows = RunText.objects.filter(run_id=run.pk).order_by("number")
        return [_as_variant(row) for row in rows]
    return rendering.variants(
        edition_id=run.edition_id or 0, content_hash=run.content_hash
    )


def house() -> House:
    """Return what is equal for every mail of this installation."""
    return House(
        keys=settings.TOKEN_KEYS,
        public_url=settings.PUBLIC_URL,
        bounce_domain=settings.BOUNCE_DOMAIN,
        name=settings.BRAND.name,
        signing_keys=signing_keys(),
    )


def signing_keys() -> tuple[Key, ...]:
    """Return the keys with which this program signs; none where the relay does."""
    if settings.DKIM_SIGN != "app":
        return ()
    return dkim_keys.signing(settings.DKIM_KEYS)


def _as_variant(row: RunText) -> Variant:
    return Variant(
        id=0,
        edition_id=0,
        content_hash="",
        number=row.number,
        key=VariantKey(tier=row.tier, place=row.place, language=row.language),
        subject=row.subject,
        html=row.html,
        text=row.text,
    )
