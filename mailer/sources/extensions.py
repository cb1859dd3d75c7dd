"""What RSS and Atom share: Media RSS, Dublin Core, events, access, and our own words.

Our own namespace is `urn:stop-press:feed`; docs/sources.md lists its elements.
"""

from urllib.parse import urljoin, urlsplit

from mailer.sources.dates import NotADate, read_date
from mailer.sources.draft import Category, Gone, Words
from mailer.sources.html import looks_like_html, pixels
from mailer.sources.markup import CUT_OFF, Node
from mailer.sources.story import Image, Related

PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif")
MOST_ITEMS = 1_000  # of one document; the newest come first in every feed we know

# Element of ours or of others → the mark that drafting and filing know.
MARKS = {
    "sp:kind": "kind",
    "sp:section": "section",
    "sp:subscriberOnly": "subscriber_only",
    "sp:withdrawn": "withdrawn",
    "sp:startsAt": "starts_at",
    "sp:venue": "venue",
    "ev:startdate": "starts_at",
    "ev:location": "venue",
    "xcal:dtstart": "starts_at",
    "xcal:location": "venue",
    "news:access": "subscriber_only",
    "dcterms:accessRights": "subscriber_only",
}


def words(node: Node | None) -> Words:
    """Return the text or HTML of an element that does not say which it is."""
    if node is None:
        return Words()
    if node.children:
        return Words(node.inner_html(), is_html=True)
    text = node.inner_text()
    return Words(text, is_html=looks_like_html(text))


def base_of(node: Node, base: str) -> str:
    """Return what relative links inside an element start from."""
    try:
        return urljoin(base, node.get("xml:base"))
    except ValueError:
        return base


def marks_of(item: Node) -> tuple[tuple[str, str], ...]:
    """Return what an item says of itself beyond the words of its format."""
    found: dict[str, str] = {"cut_off": "yes"} if item.get(CUT_OFF) else {}
    for name, mark in MARKS.items():
        said = item.text(name)
        if said:
            found.setdefault(mark, said)
    if item.first("sp:withdrawn") is not None:
        found.setdefault("withdrawn", "yes")  # <sp:withdrawn/>
    if item.first("sp:subscriberOnly") is not None:
        found.setdefault("subscriber_only", "yes")
    return tuple(found.items())


def images_of(item: Node) -> tuple[Image, ...]:
    """Return the pictures an item names, in order of trust.

    Media RSS lets words stand on the picture, its group or the item; the nearest
    count. Thumbnails come last: they are what is left where there is nothing else.
    """
    named, thumbnails = [], []
    for node, outer in _media(item):
        url = node.get("url")
        if node.name == "media:thumbnail":
            thumbnails.append(_image(node, url, outer))
        elif _is_picture(node.get("type"), node.get("medium"), url):
            named.append(_image(node, url, outer))
    named += [
        _image(node, node.get("url"), [item])
        for node in item.all("enclosure")
        if _is_picture(node.get("type"), "", node.get("url"))
    ]
    return tuple(image for image in named or thumbnails if image.url)


def categories_of(item: Node) -> list[Category]:
    """Return the categories of Dublin Core and Media RSS."""
    said = [Category(node.inner_text()) for node in item.all("dc:subject")]
    keywords = item.text("media:keywords").split(",")
    return said + [Category(word) for word in keywords if word.strip()]


def related_of(item: Node, links: list[Node]) -> tuple[Related, ...]:
    """Return related pieces: rel="related" links, and our own element."""
    found = [
        Related(link.get("title"), link.get("href"))
        for link in links
        if link.get("rel") == "related"
    ]
    ours = item.all("sp:related")
    found += [Related(n.get("title") or n.inner_text(), n.get("href")) for n in ours]
    return tuple(found)


def gone_from(feed: Node) -> tuple[Gone, ...]:
    """Return the tombstones of a document (RFC 6721)."""
    found = []
    for node in feed.all("at:deleted-entry"):
        try:
            at = read_date(node.get("when"))
        except NotADate:
            at = None
        links = [link.get("href") for link in node.all("atom:link", "link")]
        found.append(Gone(node.get("ref"), next(iter(links), ""), at))
    return tuple(gone for gone in found if gone.guid or gone.url)


def _media(item: Node) -> list[tuple[Node, list[Node]]]:
    """Return each media object with what it stands in, nearest first."""
    found: list[tuple[Node, list[Node]]] = []
    wanted = ("media:content", "media:thumbnail")
    for child in item.children:
        if child.name == "media:group":
            found += [(node, [node, child, item]) for node in child.all(*wanted)]
        elif child.name in wanted:
            found.append((child, [child, item]))
            thumbs = child.all("media:thumbnail")
            found += [(node, [node, child, item]) for node in thumbs]
    return found


def _image(node: Node, url: str, outer: list[Node]) -> Image:
    def said(*names: str) -> str:
        return next((text for o in outer for text in [o.text(*names)] if text), "")

    alt = node.get("alt") or said("media:description", "media:title")
    words_of_alt = " ".join(alt.split())
    return Image(
        url,
        words_of_alt,
        pixels(node.get("width")),
        pixels(node.get("height")),
        said("media:credit", "media:copyright"),
    )


def _is_picture(media_type: str, medium: str, url: str) -> bool:
    if media_type or medium:
        return media_type.startswith("image/") or medium == "image"
    try:
        return urlsplit(url).path.lower().endswith(PICTURE_ENDINGS)
    except ValueError:
        return False
