"""Addresses of stories: which are usable, and when two are the same one.

The clean address is a name to compare by, never a link to follow: it may have lost
what a server needs.
"""

import re
from urllib.parse import parse_qsl, quote, unquote, urljoin, urlsplit, urlunsplit

LONGEST = 2_000  # characters; mail clients and proxies cut beyond

# Parameters that say where a reader came from, never what she reads.
TRACKING = re.compile(
    r"utm_.*|pk_(campaign|kwd|source|medium|content|cid)|(piwik|mtm|matomo)_.*"
    r"|at_(medium|campaign|custom.*|link.*|format|bbc.*|ptr.*)|hsa_.*|_hs(enc|mi)"
    r"|vero_.*|oly_.*|fb_?clid|fb_(action|source|ref).*|gclid|gclsrc|dclid|[gw]braid"
    r"|_ga|_gl|msclkid|twclid|ttclid|li_fat_id|ys?clid|igsh(id)?|epik|s_?cid|mkt_tok"
    r"|mc_(cid|eid)|wt[._]mc.*|ns_(campaign|mchannel|source|linkname|fee)|cmp(id)?"
    r"|icid|intcmp|ito|xtor|ncid|smid|smtyp|sr_share|soc_(src|trk)|ocid|ref_(src|url)"
    r"|spm|ftag|traffic_source",
    re.IGNORECASE,
)
# What these mean depends on the site; with these values they say nothing.
TRACKING_VALUES = {
    ("ref", "rss"), ("ref", "feed"), ("source", "rss"), ("source", "feed"),
    ("from", "rss"), ("from", "feed"), ("partner", "rss"), ("feed", "rss"),
    ("src", "rss"), ("rss", "1"), ("rss", ""), ("amp", "1"), ("amp", ""),
    ("outputtype", "amp"),
}  # fmt: skip
SAFE = "!~*'()@:$,;=-._+"  # what a path may hold as it is (RFC 3986 §3.3), less "&"
DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SPACE_AND_CONTROL = re.compile(r"[\x00-\x20\x7f]+")


class NotALink(ValueError):
    """This is no address a reader could open; str() says why."""


def resolve(link: str, base: str) -> str:
    """Return the absolute http(s) address a link means where it stands.

    base: the address of the document, or what it says its links start from.
    Raises NotALink.
    """
    link = link.strip()
    if not link:
        raise NotALink("is empty")
    if len(link) > LONGEST:
        raise NotALink(f"is longer than {LONGEST} characters")
    try:
        # What names a scheme is whole: "https://" alone is not the base.
        address = link if _SCHEME.match(link) else urljoin(base, link)
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise NotALink("is not an address") from error
    if parts.scheme.lower() not in DEFAULT_PORTS:
        raise NotALink("does not start with http:// or https://")
    if not host:
        raise NotALink("names no host")
    if parts.username is not None or parts.password is not None:
        raise NotALink("carries a user name or password")
    # Browsers drop tabs and line ends; an inner blank is a mistake they encode.
    address = re.sub(r"[\t\r\n]", "", address)
    return _SPACE_AND_CONTROL.sub("%20", address)


def without_tracking(address: str) -> str:
    """Return an address as it was, but for the parameters that follow readers."""
    head, mark, rest = address.partition("?")
    query, sharp, fragment = rest.partition("#")
    kept = [
        pair
        for pair in query.split("&")
        if not TRACKING.fullmatch(unquote(pair.partition("=")[0]))
    ]
    if not mark or len(kept) == len(query.split("&")):
        return address
    return head + ("?" if kept else "") + "&".join(kept) + sharp + fragment


def clean(address: str) -> str:
    """Return the name by which an address is known, whoever linked to it how.

    Without scheme, `www.`, default port, fragment, tracking parameters and a slash at
    the end; the query in order; each character escaped in one way (RFC 3986 §6.2.2).
    Cleaning what is clean changes nothing.
    """
    parts = urlsplit(address)
    host = (parts.hostname or "").rstrip(".")
    host = _ascii(host).removeprefix("www.")
    port = parts.port
    if port is not None and port != DEFAULT_PORTS.get(parts.scheme.lower()):
        host = f"{host}:{port}"
    path = re.sub(r"/{2,}", "/", _one_escape(parts.path)).rstrip("/")
    kept = sorted(
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _tracks(name, value)
    )
    query = "&".join(f"{_quoted(n)}={_quoted(v)}" for n, v in kept)
    # "#!" was how one-page sites named their pages.
    fragment = _one_escape(parts.fragment) if parts.fragment.startswith("!") else ""
    return urlunsplit(("", host, path, query, fragment)).removeprefix("//")


def host_of(address: str) -> str:
    """Return the host of an address in lower case without `www.`, or "" for none."""
    try:
        return _ascii(urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _tracks(name: str, value: str) -> bool:
    pair = (name.lower(), value.lower())
    return bool(TRACKING.fullmatch(name)) or pair in TRACKING_VALUES


def _ascii(host: str) -> str:
    try:
        return host.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return host.lower()


def _one_escape(text: str) -> str:
    # Segment by segment: an escaped slash is no slash.
    return "/".join(
        quote(
            unquote(segment, errors="surrogateescape"), SAFE, errors="surrogateescape"
        )
        for segment in text.split("/")
    )


def _quoted(text: str) -> str:
    return quote(text, safe="-._~", errors="surrogateescape")
