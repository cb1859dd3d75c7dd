"""The languages newsletters come in, by their own names."""

from collections.abc import Iterable

from mailer.audience.newsletter import Newsletter

# Own names as in CLDR 46. What is not here is shown by its code.
NAMES = {
    "af": "Afrikaans",
    "ar": "العربية",
    "de": "Deutsch",
    "en": "English",
    "es": "español",
    "fr": "français",
    "it": "italiano",
    "nl": "Nederlands",
    "pt": "português",
    "st": "Sesotho",
    "sw": "Kiswahili",
    "tn": "Setswana",
    "xh": "isiXhosa",
    "zu": "isiZulu",
}


def languages_of(newsletters: Iterable[Newsletter]) -> list[tuple[str, str]]:
    """Return code and name of each language there is a newsletter in, by name."""
    codes = {n.language for n in newsletters}
    named = [(code, NAMES.get(code, NAMES.get(code[:2], code))) for code in codes]
    return sorted(named, key=lambda pair: pair[1].casefold())
