"""The harbour log: small news that never ends, for when everything else is out."""

import random
from datetime import datetime

from mailer.local.newsroom.piece import Piece

SHIPS = (
    *("Heron", "Salt Widow", "Maria Adeyo", "Northshore IV", "Dunmere Lass"),
    *("Solane Star", "Cormorant", "Patience", "Umber Queen", "Grey Gull"),
)
CARGO = ("maize", "salt", "timber", "cement", "tinned fish", "oranges", "bicycles")
PORTS = ("Dunmere", "Lantern Bay", "Selwe", "Port Solane", "Little Heron")
CORRECTIONS = (
    "The harbour office takes corrections on channel 12 and at its window, where the "
    "clock has been right since the winter."
)
WEATHER = (
    "Wind light from the south-west, sea smooth, visibility good.",
    "Fog to the outer buoy until about ten; horns in use.",
    "A fresh easterly, sea slight, small craft to keep inside the mole.",
    "Rain from the north, sea moderate, ferries to time.",
)


def log_of(slug: str, at: datetime) -> Piece:
    """Return the harbour log with this slug; the same slug gives the same log."""
    dice = random.Random(slug)  # noqa: S311  invented ships, not secrets
    ships = dice.sample(SHIPS, 3)
    lines = [
        f"{ship}, {dice.randint(80, 4200)} tonnes of {dice.choice(CARGO)}, "
        f"{dice.choice(('from', 'for'))} {dice.choice(PORTS)}."
        for ship in ships
    ]
    depth = dice.randint(68, 81) / 10
    body = [
        f"Berths at the main quay: {' '.join(lines)}",
        f"{dice.choice(WEATHER)} Depth over the bar at high water {depth} metres.",
        CORRECTIONS,
    ]
    return Piece(
        slug=slug,
        title=f"Harbour log: {ships[0]} in, {ships[1]} out",
        standfirst=f"Three ships, one tide, and {dice.choice(WEATHER).lower()}",
        section="Karanda",
        body="\n\n".join(body),
        by=("The harbour desk",),
        tags=("harbour log", "Kessane"),
        picture="harbour",
        alt="ships at a quay",
        batch="later",
        ago=at.minute,
    )
