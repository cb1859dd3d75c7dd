"""Who receives mail for a domain: a small fixed table; the ids are stored.

Lanes, pacing and the order of a run go by these ids. 0 is everybody else.
"""

from collections.abc import Sequence

OTHER = 0

# id: (name, domains). Ids are stored with each subscriber: never renumber.
PROVIDERS: dict[int, tuple[str, tuple[str, ...]]] = {
    OTHER: ("other", ()),
    1: ("gmail", ("gmail.com", "googlemail.com")),
    2: (
        "yahoo",
        (
            *("yahoo.com", "yahoo.co.uk", "yahoo.co.za", "yahoo.fr", "yahoo.de"),
            *("yahoo.it", "yahoo.es", "yahoo.ca", "yahoo.co.in", "yahoo.com.au"),
            *("yahoo.com.br", "yahoo.in", "yahoo.ie", "ymail.com", "rocketmail.com"),
            *("aol.com", "aol.co.uk", "aim.com", "myyahoo.com"),
        ),
    ),
    3: (
        "outlook",
        (
            *("outlook.com", "hotmail.com", "live.com", "msn.com", "passport.com"),
            *("outlook.co.za", "live.co.za", "hotmail.co.za", "hotmail.co.uk"),
            *("live.co.uk", "outlook.fr", "hotmail.fr", "live.fr", "outlook.de"),
            *("hotmail.de", "live.de", "hotmail.it", "hotmail.es", "outlook.es"),
            *("live.nl", "hotmail.nl", "windowslive.com"),
        ),
    ),
    4: ("icloud", ("icloud.com", "me.com", "mac.com")),
    5: ("proton", ("proton.me", "protonmail.com", "protonmail.ch", "pm.me")),
    6: ("gmx", ("gmx.de", "gmx.net", "gmx.com", "gmx.at", "gmx.ch", "web.de")),
    7: ("orange", ("orange.fr", "wanadoo.fr")),
    8: ("comcast", ("comcast.net", "xfinity.com")),
    9: ("microsoft365", ()),  # by its mail exchangers alone; so is the next
    10: ("mimecast", ()),
    20: ("mweb", ("mweb.co.za", "iafrica.com")),
    21: ("telkom", ("telkomsa.net", "telkom.co.za")),
    22: ("vodacom", ("vodamail.co.za", "vodacom.co.za")),
    23: ("webmail", ("webmail.co.za",)),
    24: ("lantic", ("lantic.net",)),
    25: ("absamail", ("absamail.co.za",)),
    26: ("polka", ("polka.co.za",)),
}

# Domains of companies and papers: by the name of their mail exchangers (KumoMTA,
# assets/policy-extras/shaping.toml). Not there, and as seen in DNS: Proton's
# (mail and mailsec.protonmail.ch), GMX's (mx00.gmx.net), Orange's (smtp-in.orange.fr)
# and Comcast's (mx1.comcast.net).
EXCHANGERS = {
    ".google.com": 1,  # Google Workspace: the same machines as Gmail
    ".googlemail.com": 1,
    ".yahoodns.net": 2,
    ".olc.protection.outlook.com": 3,
    ".icloud.com": 4,
    ".protonmail.ch": 5,
    ".gmx.net": 6,
    ".orange.fr": 7,
    ".comcast.net": 8,
    ".mail.protection.outlook.com": 9,
    ".mx.microsoft": 9,
    ".mimecast.com": 10,
    ".mimecast.co.za": 10,
    ".mimecast-offshore.com": 10,
}

_BY_DOMAIN = {
    domain: number for number, (_, domains) in PROVIDERS.items() for domain in domains
}


def provider_of(domain: str) -> int:
    """Return the id of who receives mail for a domain, OTHER if unknown."""
    return _BY_DOMAIN.get(domain.lower(), OTHER)


def provider_behind(exchangers: Sequence[str]) -> int:
    """Return the id of who runs mail exchangers, OTHER if unknown.

    exchangers: host names, lower case, the preferred first; the first known decides.
    """
    for host in exchangers:
        for suffix, number in EXCHANGERS.items():
            if f".{host}".endswith(suffix):
                return number
    return OTHER


def provider_name(provider_id: int) -> str:
    """Return the name of a provider as the operators' page shows it."""
    return PROVIDERS.get(provider_id, PROVIDERS[OTHER])[0]
