"""Where an editor mends what the checks found: at a field, at a story, or nowhere.

Pure: no clock, no table.
"""

import re
from collections.abc import Iterable

from mailer.editions.content import Content, Item
from mailer.rendering.variant import Finding

SUBJECT, PREHEADER = "subject", "preheader"
SHORTEST = 12  # characters of an address or a headline that name one story
# "line 12: <img src="https://…": the lint cuts what it shows.
ADDRESS = re.compile(r"https?://[^\s\"'<>…]+")


def by_place(findings: Iterable[Finding], content: Content) -> dict[str, list[Finding]]:
    """Return findings by the id of the element they belong beside.

    "" holds those that belong to the whole mail. The same finding in two variants is
    one.
    """
    found: dict[str, list[Finding]] = {}
    for finding in dict.fromkeys(findings):
        found.setdefault(_place_of(finding, content), []).append(finding)
    return found


def anchor_of(item: Item) -> str:
    """Return the id of a story's element."""
    return f"story-{item.story.id}"


def _place_of(finding: Finding, content: Content) -> str:
    if finding.rule.startswith("P"):
        return PREHEADER
    if "subject" in finding.text.casefold():
        return SUBJECT
    said = [a for a in ADDRESS.findall(finding.where) if len(a) >= SHORTEST]
    for item in content.items:
        image = item.story.image
        own = [item.story.url, image.url if image else ""]
        is_its = any(one.startswith(address) for one in own for address in said)
        if is_its or _names(finding.text, item):
            return anchor_of(item)
    return ""


def _names(text: str, item: Item) -> bool:
    return len(item.title) >= SHORTEST and item.title in text
