"""Builders of contents of an invented paper: a digest, an alert, a results edition."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mailer.audience.newsletter import Newsletter
from mailer.editions.content import Alert, Block, Content, EditionKind, Item
from mailer.elections import words
from mailer.elections.result import CouncilResult, Standing, Status
from mailer.kernel.brand import Brand
from mailer.rendering.variant import VariantKey
from mailer.sources.story import Image, Kind, Related, Story

SITE = "https://causeway.example"
BASE_URL = "https://news.causeway.example"
SLOT_AT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 06:00 in Karanda
ZONE = "Africa/Johannesburg"

THE_CAUSEWAY = Brand(
    name="The Causeway",
    site_url=f"{SITE}/",
    postal_address="The Causeway Press, 14 Weighhouse Quay, Kessane 1001, Karanda",
    editor="Ruvane Oduya",
    corrections_url=f"{SITE}/corrections",
    time_zone=ZONE,
    time_zone_name="Karanda time",
)
MORNING = Newsletter(
    id=1,
    slug="morning",
    name="Morning digest",
    description="What happened and what comes next.",
    rhythm="on weekdays at 06:00",
    list_id="morning.news.causeway.example",
    from_name="The Causeway",
    from_address="morning@news.causeway.example",
    reply_to="desk@causeway.example",
)
ALERTS = replace(
    MORNING, id=2, slug="alerts", name="Breaking news", is_alerts=True,
    rhythm="only when it matters, at most six times a day",
    list_id="alerts.news.causeway.example",
)  # fmt: skip
ELECTIONS = replace(
    MORNING, id=3, slug="elections", name="Election results", by_place=True,
    rhythm="when your council's count changes",
    list_id="elections.news.causeway.example",
)  # fmt: skip

_FREE = VariantKey()


def a_told_story(title: str = "A story", **values: Any) -> Story:
    """Return a story with a slug of its title as its address."""
    slug = "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())
    defaults: dict[str, Any] = {
        "id": sum(map(ord, title)),
        "revision": 1,
        "source_id": 1,
        "source_name": "The Causeway",
        "guid": slug,
        "url": f"{SITE}/{slug[:48].rstrip('-')}",
        "title": title,
        "published_at": SLOT_AT - timedelta(hours=2),
        "language": "en",
    }
    return Story(**{**defaults, **values})


def an_item(block: Block, title: str = "A story", **values: Any) -> Item:
    """Return a story in its place, saying what the story says."""
    story = a_told_story(title, **values)
    return Item(block, 1, story, story.title, story.standfirst)


def a_digest(*items: Item, **values: Any) -> Content:
    """Return a digest of these items, or the whole one of the invented paper."""
    placed = tuple(
        replace(item, position=n)
        for n, item in enumerate(items or _whole_digest(), start=1)
    )
    defaults: dict[str, Any] = {
        "edition_id": 1,
        "kind": EditionKind.DIGEST,
        "newsletter": MORNING,
        "number": 1204,
        "slot_at": SLOT_AT,
        "time_zone": ZONE,
        "subject": placed[0].title if placed else "",
        "preheader": ""
        if items
        else "Eleven of twenty councils have no majority. Also: the press-card law "
        "falls, and bread gets cheaper.",
        "note": "" if items else _NOTE,
        "note_by": "" if items else "Leila Ansou, morning editor",
        "items": placed,
    }
    return Content(**{**defaults, **values})


def an_alert(**values: Any) -> Content:
    """Return an alert about a dam, with advice and both lists."""
    alert = Alert(
        headline="Oreme dam is leaking: three towns below it are told to move uphill "
        "now",
        line="Water is coming through the east wall. The Ministry of Water ordered "
        "people out of Lower Oreme, Tarrin and Mill Ford at 13:52. No one is reported "
        "hurt.",
        url=f"{SITE}/live/oreme-dam",
        at=datetime(2026, 11, 24, 12, 8, tzinfo=UTC),
        advice_for="If you are in one of the three towns",
        advice="Go on foot to the ridge road, away from the river. Leave the car: the "
        "bridge at Tarrin is closed. Emergency line: 117, free from any phone.",
        known=(
            (
                "The leak is in the upper third of the east wall. (Ministry of Water, "
                "13:50)"
            ),
            "Both spillway gates are open. (our reporter at the gate, 14:01)",
            "About 6,200 people live in the three towns. (2022 census)",
        ),
        unknown=(
            "Whether the wall will hold. Engineers reach it at about 14:40.",
            "How long people must stay away.",
            "What the ministry knew of the crack we reported this morning.",
        ),
        byline="Reporting: Ilse Marandu in Tarrin, Ruben Achterveld in Kessane. Next "
        "mail when something important changes, or at 16:00.",
    )
    return a_plain_alert(**{"alert": alert, **values})


def a_plain_alert(**values: Any) -> Content:
    """Return what the desk sends with one headline and one line."""
    alert = values.pop("alert", None) or Alert(
        headline="Harbour bridge closed after a ship strikes its second pier",
        line="No one is hurt. Traffic goes over the old causeway until engineers have "
        "been under water.",
        url=f"{SITE}/live/harbour-bridge",
        at=datetime(2026, 11, 24, 12, 8, tzinfo=UTC),
    )
    defaults: dict[str, Any] = {
        "edition_id": 2,
        "kind": EditionKind.ALERT,
        "newsletter": ALERTS,
        "number": 31,
        "slot_at": alert.at,
        "time_zone": ZONE,
        "subject": f"Breaking: {alert.headline}",
        "preheader": "",
        "alert": alert,
    }
    return Content(**{**defaults, **values})


def a_council_result(**values: Any) -> CouncilResult:
    """Return the declared result of Tamba Valley; its figures obey the formula."""
    parties = [
        ("Civic Front", "CF", "#1b5ea8", "#7fb2ea", 20110, 429, 19, 24),
        ("Harbour Alliance", "HA", "#9a5400", "#e3a45a", 13900, 297, 13, 12),
        ("People's Covenant", "PC", "#6b4e9e", "#bda4ea", 7380, 158, 7, 5),
        ("Karanda Greens", "KG", "#1b7a3d", "#7fca95", 3215, 69, 3, 2),
        ("Tamba Residents", "TR", "#0f6b66", "#6fc4bb", 2238, 48, 2, 0),
    ]
    standings = (
        *(Standing(name, short, light, dark, votes, tenths, seats, seats_before=before)
        for name, short, light, dark, votes, tenths, seats, before in parties),
        Standing(
            "Sora Linde", "", "#57606a", "#aab2bb", 611, None, 1, ward_seats=1,
            seats_before=2, independent=True, ward="17", has_list=False,
        ),
    )  # fmt: skip
    defaults: dict[str, Any] = {
        "id": 7,
        "election": "Local elections 2026",
        "election_code": "2026",
        "council": "Tamba Valley",
        "place_code": "tamba-valley",
        "revision": 3,
        "status": Status.DECLARED,
        "as_at": datetime(2026, 11, 24, 3, 42, tzinfo=UTC),
        "source": "Electoral Office of Karanda, declaration TV-3",
        "stations_in": 61,
        "stations_total": 61,
        "seats_total": 45,
        "standings": standings,
        "seats_official": True,
        "seats_agree": True,
        "quota": 1065,
        "registered": 41540,
        "cast": 24217,
        "turnout_before_tenths": 619,
        "previous_election": "2021",
        "control_before": "Civic Front",
    }
    return CouncilResult(**{**defaults, **values})


def a_partial_result(**values: Any) -> CouncilResult:
    """Return the same council with 24 of 61 voting districts in: no seats yet."""
    whole = a_council_result()
    standings = tuple(
        replace(s, votes=s.votes * 2 // 5, seats=None, ward_seats=0)
        for s in whole.standings
    )
    return replace(
        whole, status=Status.PARTIAL, stations_in=24, standings=standings, quota=None,
        seats_official=False, seats_agree=None, revision=1, **values,
    )  # fmt: skip


def a_results_edition(result: CouncilResult | None = None, **values: Any) -> Content:
    """Return the edition about a council's result."""
    result = result or a_council_result()
    defaults: dict[str, Any] = {
        "edition_id": 3,
        "kind": EditionKind.RESULTS,
        "newsletter": ELECTIONS,
        "number": 12,
        "slot_at": result.as_at,
        "time_zone": ZONE,
        "subject": words.subject(result),
        "preheader": words.preheader(result),
        "result": result,
        "place_code": result.place_code,
        "is_correction": result.corrects is not None,
    }
    return Content(**{**defaults, **values})


_NOTE = (
    "Good morning. Eleven of our twenty councils woke up without a majority, and the "
    "parties that spent a month calling each other unfit to govern spent the night on "
    "the telephone. We have the full count, what each council can still do, and a "
    "quieter story I hope you will keep for the ferry: the last lamp-keeper on the "
    "Kessane breakwater hands over his keys."
)


def _picture(name: str, alt: str) -> Image:
    return Image(f"{SITE}/pictures/{name}.jpg", f"Illustration: {alt}", 1200, 675)


def _whole_digest() -> tuple[Item, ...]:
    sections = {
        "Karanda": (
            "Teachers\u2019 union accepts the second offer, by 51 votes",
            "Ferry 9 was overloaded on nine of ten crossings, logs show",
            "The lamp-keeper\u2019s last night on the breakwater",
        ),
        "Business": (
            "Central bank holds at 7.25% and says why twice",
            "Salt works at Dunmere to reopen with 140 jobs",
            "Mobile money fees: what the four networks now charge",
        ),
        "Sport": (
            "Kessane Rovers 2, Umber Athletic 2: a point nobody wanted",
            "Selwe names an uncapped keeper for the Delta Cup",
            "Marathon moves to dawn after last year\u2019s heat",
        ),
        "Culture": (
            "A film shot in one tram, in one night, in four languages",
            "The library that lends tools, sewing machines and a boat",
            "Three new books about the flood, and the one to read first",
        ),
    }
    return (
        an_item(
            Block.LEAD,
            "No majority in eleven councils as the Civic Front loses its grip",
            section="Local elections",
            standfirst="The governing party stays largest in fourteen of twenty "
            "councils but can rule alone in only five. Talks began before the last "
            "ward was declared, and in Tamba Valley three smaller parties hold exactly "
            "the seats they would need together.",
            authors=("Tobias Nkemo", "Ilse Marandu"),
            body_text="word " * 1400,
            image=_picture(
                "ballot", "a ballot paper half way into the slot of a ballot box"
            ),
            related=(
                Related(
                    "All twenty councils: seats, turnout and what could still change",
                    f"{SITE}/elections/2026",
                ),
                Related(
                    "How the seats are worked out, with the sums for one council",
                    f"{SITE}/elections/how-seats-work",
                ),
                Related("Find your ward and who won it", f"{SITE}/elections/ward"),
            ),
        ),
        an_item(
            Block.LATEST,
            "Oreme dam is at its fullest since 1998, and engineers want it lower",
            section="Water",
            standfirst="A crack gauge moved four millimetres in a week. The ministry "
            "calls that normal.",
            image=_picture("landscape", "a causeway across still water at sunrise"),
        ),
        an_item(
            Block.LATEST,
            "Press-card law falls: ministers may not choose who reports",
            section="Courts",
            standfirst="Five judges to two. The state has ninety days to write "
            "another.",
            image=_picture("court", "two people on the steps of a columned court"),
        ),
        an_item(
            Block.LATEST,
            "Bread drops under eight marels for the first time in two years",
            section="Prices",
            standfirst="Cheaper maize and a full harbour. Cooking oil has not "
            "followed.",
            image=_picture("market", "striped awnings over fruit stalls and traders"),
        ),
        *(
            an_item(Block.SECTION, title, section=name)
            for name, titles in sections.items()
            for title in titles
        ),
        an_item(
            Block.OPINION,
            "A hung council is not a broken one. Ask anyone who has shared a well.",
            kind=Kind.OPINION,
            standfirst="We treat a missing majority as a fault in the machine. In four "
            "valleys it has been the only arrangement that ever mended a pipe.",
            authors=("Wanda Kesh",),
            credit="Columnist. Teaches water law at the University of Kessane.",
        ),
        *(
            an_item(
                Block.EVENT,
                title,
                kind=Kind.EVENT,
                starts_at=SLOT_AT + timedelta(hours=hours),
                venue=venue,
            )
            for hours, title, venue in (
                (3.5, "Appeal court rules on the Dunmere fishing quota", ""),
                (8, "Ministry of Water briefing on the Oreme dam", "We report live"),
                (36, "Last hour for objections to the count in Ward 9, Tamba Valley",
                 ""),
                (62.25, "Delta Cup: Karanda against Solane", "Selwe"),
            )
        ),
        an_item(
            Block.PUZZLE,
            "Crossword 6,119, with a river in every corner",
            kind=Kind.PUZZLE,
        ),
        *(
            an_item(Block.PRESS, title, kind=Kind.PRESS_RELEASE, credit=sender)
            for sender, title in (
                ("Harbour Authority of Kessane",
                 "Night dredging on berth 4 from 30 November to 11 December"),
                ("Karanda Bureau of Statistics",
                 "Household survey 2026: field workers carry a green card"),
                ("Delta Health Trust",
                 "Measles catch-up clinics in nine districts, no appointment"),
            )
        ),
    )  # fmt: skip
