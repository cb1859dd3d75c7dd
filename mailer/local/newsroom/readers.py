"""A thousand invented readers, always the same ones."""

import csv
import io
import random
from dataclasses import dataclass

from mailer.local.newsroom.polls import PLACES

FIRST = (
    *("Adaeze", "Amadu", "Ana", "Ayo", "Bashir", "Britta", "Chidi", "Dorte", "Ebo"),
    *("Efe", "Elin", "Farai", "Femi", "Grete", "Hanne", "Ilse", "Imani", "Jonah"),
    *("Joram", "Kaia", "Kwame", "Lena", "Lindiwe", "Maren", "Marek", "Mirela"),
    *("Naledi", "Ndidi", "Nils", "Odile", "Oskar", "Paulo", "Petra", "Ravi", "Rosa"),
    *("Selma", "Simi", "Sora", "Tariq", "Teo", "Thabo", "Tobias", "Ulla", "Wanda"),
    *("Yusuf", "Zanele", "Zoltan", "Ingrid"),
)
LAST = (
    *("Abode", "Adeyo", "Amari", "Ansou", "Belay", "Brandt", "Falk", "Ferro"),
    *("Halima", "Halvorsen", "Idowu", "Kesh", "Lindholm", "Manyala", "Marandu"),
    *("Mwangi", "Nkemo", "Oduya", "Okoro", "Osterman", "Perrault", "Renhart", "Renn"),
    *("Sarr", "Sithole", "Strand", "Talo", "Torv", "Voss", "Wiese", "Zuberi", "Ekman"),
)
# Invented mail providers: `.example` is nobody's, for ever (RFC 2606 §2).
DOMAINS = (
    *("karanda-post.example", "causewaymail.example", "dunmere.example"),
    *("deltanet.example", "kessane-uni.example", "saltworks.example"),
)
WEIGHTS = (40, 25, 8, 14, 8, 5)
PAYING = 0.3
CONSENTED = ("2019-02-11", "2020-05-03", "2021-11-20", "2022-03-03", "2023-01-15")


@dataclass(frozen=True)
class Reader:
    """One invented reader."""

    address: str
    name: str
    place: str
    tier: str
    consented_on: str


def readers(count: int = 1_000) -> list[Reader]:
    """Return that many readers; the same number gives the same people."""
    dice = random.Random("readers of the Causeway")  # noqa: S311  invented people
    sizes = [place.size for place in PLACES]
    found: list[Reader] = []
    for number in range(1, count + 1):
        first, last = dice.choice(FIRST), dice.choice(LAST)
        [domain] = dice.choices(DOMAINS, WEIGHTS)
        [place] = dice.choices(PLACES, sizes)
        tier = "subscriber" if dice.random() < PAYING else "free"
        found.append(
            Reader(
                f"{first}.{last}.{number}@{domain}".casefold(),
                f"{first} {last}",
                place.code,
                tier,
                dice.choice(CONSENTED),
            )
        )
    return found


def readers_csv(count: int = 1_000) -> str:
    """Return the readers as the file `mailer import_subscribers` takes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["email", "name", "place", "language", "tier", "consented_at", "consent_source"]
    )
    for reader in readers(count):
        writer.writerow(
            [
                *(reader.address, reader.name, reader.place, "en", reader.tier),
                *(reader.consented_on, "sign-up form of the old site"),
            ]
        )
    return out.getvalue()
