"""Contents that break designs: no picture, no words, huge words, other scripts."""

from dataclasses import replace

from mailer.editions.content import Block, Content
from mailer.elections.result import CouncilResult, Status
from mailer.sources.story import Image
from tests.kit.rendering import (
    SITE,
    SLOT_AT,
    a_council_result,
    a_digest,
    a_partial_result,
    a_plain_alert,
    a_results_edition,
    an_item,
)

HUGE = (
    "Committee on the Harmonisation of Inland Waterway Signage publishes the seventh "
    "and, its chair insists, the final draft of a timetable for the consultation about "
    "whether the lamps on the breakwater should be amber, or amber only in winter"
)
ARABIC = "مجلس بلدي بلا أغلبية بعد ليلة طويلة من الفرز"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
EMOJI = f"Fireworks \U0001f386 over the harbour, and a family {FAMILY} who slept"
UNBROKEN = (
    "Donaudampfschifffahrtselektrizit\u00e4tenhauptbetriebswerkbauunterbeamten"
    "gesellschaft"
)


def all_of_them() -> dict[str, Content]:
    """Return the odd contents, by a name for their files."""
    return {
        "bare": a_bare_digest(),
        "forty": forty_stories(),
        "scripts": other_scripts(),
        "locked": with_locked_stories(),
        "portrait": with_a_portrait(),
        "two-cards": with_cards(2),
        "one-card": with_cards(1),
        "alert-plain": a_plain_alert(),
        "partial": a_results_edition(a_partial_result()),
        "complete": a_results_edition(_complete()),
        "correction": a_results_edition(_corrected()),
        "test": replace(a_digest(), is_test=True),
    }


def a_bare_digest() -> Content:
    """Return a digest of three stories without a picture, a note or an opinion."""
    return a_digest(
        an_item(Block.LEAD, "The ferry is back", standfirst="After nine weeks."),
        an_item(Block.SECTION, "A quiet night in the courts", section="Courts"),
        an_item(Block.SECTION, "Salt works to reopen with 140 jobs", section="Courts"),
    )


def forty_stories() -> Content:
    """Return a digest of forty stories, in five sections and after the cards."""
    names = ("Karanda", "Business", "Sport", "Culture", "Coast")
    return a_digest(
        an_item(Block.LEAD, HUGE, standfirst=HUGE, section="Waterways"),
        *(an_item(Block.LATEST, f"Late story number {n}", section="Night")
          for n in range(9)),
        *(an_item(Block.SECTION, f"Story {n} of a long day with much to tell",
                  section=names[n % 5])
          for n in range(30)),
    )  # fmt: skip


def other_scripts() -> Content:
    """Return a digest with Arabic, emoji, one endless word and markup in titles."""
    picture = Image(f"{SITE}/pictures/city.jpg", "", 1200, 675)
    return a_digest(
        an_item(Block.LEAD, ARABIC, standfirst=ARABIC, language="ar", image=picture),
        an_item(Block.LATEST, EMOJI, image=picture, section="Night"),
        an_item(Block.LATEST, UNBROKEN, section="Shipping"),
        an_item(Block.LATEST, "Tshivenḓa: <b>Mulambo</b> & the river", image=picture),
        an_item(Block.SECTION, ARABIC, section="World"),
        an_item(Block.SECTION, UNBROKEN, section="World"),
        an_item(Block.OPINION, ARABIC, standfirst=ARABIC, authors=("Wanda Kesh",)),
        an_item(Block.EVENT, "A meeting without a time"),
        an_item(Block.EVENT, UNBROKEN, starts_at=SLOT_AT, venue="Town hall"),
    )


def with_locked_stories() -> Content:
    """Return a digest whose lead, a card and a headline are for subscribers."""
    whole = a_digest()
    locked = {1, 3, 6, 17}
    return replace(
        whole,
        preheader="",
        items=tuple(
            replace(item, story=replace(item.story, subscriber_only=True))
            if item.position in locked
            else item
            for item in whole.items
        ),
    )


def with_a_portrait() -> Content:
    """Return a digest whose lead has a portrait, and cards of odd shapes."""
    shapes = ((800, 1200), (900, 900), (1600, 400), (None, None))
    whole = a_digest()
    return replace(
        whole,
        items=tuple(
            replace(
                item,
                story=replace(
                    item.story,
                    image=replace(
                        item.story.image, width=shape[0], height=shape[1],
                        credit="Photograph: Ruben Achterveld",
                    )
                    if item.story.image
                    else None,
                ),
            )
            for item, shape in zip(whole.items, shapes, strict=False)
        ) + whole.items[4:],
    )  # fmt: skip


def with_cards(count: int) -> Content:
    """Return the digest with so many of its three cards."""
    whole = a_digest()
    return replace(whole, items=whole.items[: 1 + count] + whole.items[4:])


def _complete() -> CouncilResult:
    return a_council_result(
        status=Status.COMPLETE, seats_official=False, seats_agree=None
    )


def _corrected() -> CouncilResult:
    return a_council_result(
        status=Status.CORRECTED,
        corrects=6,
        corrects_as_at=SLOT_AT,
        what_changed=(
            "Civic Front has 19 seats, not 20.",
            "Tamba Residents have 2 seats, not 1.",
        ),
    )
