"""The invented paper's contents and letters as mails: rendered, and written to files.

`python -m tests.kit.mails FOLDER` writes each of them as .html and .txt, to look at;
`--golden` writes the stored ones that tests/journeys/test_golden_mails.py compares.
"""

import sys
from pathlib import Path
from typing import Any

from mailer.editions.content import Content
from mailer.rendering.mail import render_content, render_letter
from mailer.rendering.variant import Rendered, Tier, VariantKey
from tests.kit import odd_contents
from tests.kit.rendering import (
    BASE_URL,
    THE_CAUSEWAY,
    a_digest,
    a_results_edition,
    an_alert,
)

GOLDEN = Path(__file__).parent / "golden"


def a_rendered(content: Content | None = None, tier: str = Tier.FREE) -> Rendered:
    """Return a content rendered for a tier, in the look of the invented paper."""
    return render_content(
        content or a_digest(), VariantKey(tier=tier), THE_CAUSEWAY, BASE_URL
    )


def a_letter(kind: str = "confirm", **data: Any) -> Rendered:
    """Return a rendered letter."""
    defaults: dict[str, dict[str, Any]] = {
        "confirm": {
            "url": f"{BASE_URL}/c/AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd",
            "newsletters": ["Morning digest", "Breaking news"],
            "place": "Tamba Valley",
            "days": 7,
        },
        "link": {"url": f"{BASE_URL}/p/in/AQECAwQFBgcICQoLDA0ODxAREhMU", "minutes": 15},
        "address_change": {
            "url": f"{BASE_URL}/c/AQECAwQFBgcICQoLDA0ODxAREhMU",
            "from": "r***@example.org",
            "days": 7,
        },
        "welcome": {"url": f"{BASE_URL}/p", "newsletters": ["Morning digest"]},
        "notice": {
            "title": "Morning digest was stopped",
            "lines": ["A relay was away for ten minutes.", "61,204 mails had gone."],
            "url": f"{BASE_URL}/desk",
            "button": "Open the run",
        },
    }
    return render_letter(
        kind, {**defaults.get(kind, {}), **data}, "en", THE_CAUSEWAY, BASE_URL
    )


def golden_mails() -> dict[str, Rendered]:
    """Return the mails that are stored and compared, by the name of their files."""
    return {
        "digest": a_rendered(a_digest()),
        "alert": a_rendered(an_alert()),
        "results": a_rendered(a_results_edition()),
    }


def more_mails() -> dict[str, Rendered]:
    """Return odd contents and letters, for looking at."""
    odd = {name: a_rendered(c) for name, c in odd_contents.all_of_them().items()}
    kinds = ("confirm", "link", "address_change", "welcome", "notice")
    return odd | {f"letter-{kind}": a_letter(kind) for kind in kinds}


def write(folder: Path, mails: dict[str, Rendered]) -> None:
    """Write mails as .html and .txt."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, mail in mails.items():
        (folder / f"{name}.html").write_text(mail.html, encoding="utf-8")
        (folder / f"{name}.txt").write_text(mail.text, encoding="utf-8")


if __name__ == "__main__":
    if "--golden" in sys.argv:
        write(GOLDEN, golden_mails())
    else:
        write(Path(sys.argv[1]), golden_mails() | more_mails())
