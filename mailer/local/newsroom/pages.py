"""The newsroom's own site, plainly: a front page, sections, stories."""

from collections.abc import Sequence
from datetime import timedelta
from html import escape

from mailer.local.newsroom.feeds import NAME, alt_of, html_of, picture_url
from mailer.local.newsroom.piece import Piece
from mailer.local.newsroom.site import ZONE, Out

FEEDS = (
    ("/feeds/news.rss", "application/rss+xml", "The Causeway: news"),
    ("/feeds/opinion.atom", "application/atom+xml", "The Causeway: opinion"),
    ("/feeds/press.json", "application/feed+json", "Karanda press wire"),
    ("/feeds/events.json", "application/feed+json", "The Causeway: diary"),
)
STYLE = """
:root{color-scheme:light dark;--paper:#fbfaf7;--ink:#1b1a17;--quiet:#57534a;
--hair:#d5cebf;--brand:#0b5563;--tint:#e6eeed}
@media(prefers-color-scheme:dark){:root{--paper:#14130f;--ink:#f1eee6;--quiet:#b8b1a2;
--hair:#3d392f;--brand:#8ccbd6;--tint:#10272c}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:42rem;padding:0 1.25rem 3rem;background:var(--paper);
color:var(--ink);font:1.125rem/1.6 Georgia,'Times New Roman',serif}
header{border-top:4px solid;margin-top:1.25rem;padding:.75rem 0;
border-bottom:1px solid var(--hair)}
header a{font-size:1.7rem;font-weight:bold;letter-spacing:-.02em;color:inherit;
text-decoration:none}
nav,.meta,figcaption,footer{font:.9rem/1.5 'Helvetica Neue',Helvetica,Arial,sans-serif;
color:var(--quiet)}
nav a{display:inline-block;padding:.5rem .9rem .5rem 0;color:inherit}
h1{font-size:2.2rem;line-height:1.15;margin:.3em 0}
h2{border-top:2px solid;padding-top:.4rem;font-size:1rem;
font-family:'Helvetica Neue',Helvetica,Arial,sans-serif}
a{color:var(--brand)}
.stand{font-size:1.25rem;line-height:1.5}
.kick{color:var(--brand);font:bold .9rem Helvetica,Arial,sans-serif;margin:1.6rem 0 0}
img{max-width:100%;height:auto;display:block}
figure{margin:1.25rem 0}
ul{list-style:none;padding:0}
li{border-top:1px solid var(--hair);padding:.6rem 0}
li:first-child{border:0}
li a{color:inherit;text-decoration:none}
li a:hover{text-decoration:underline}
.tint{background:var(--tint);padding:1rem 1.25rem}
"""


def front(found: Sequence[Out], *, base: str) -> str:
    """Return the front page: what is out, by section, newest first."""
    here = [o for o in found if not o.withdrawn_at]
    sections = list(dict.fromkeys(o.piece.section for o in here))
    parts = []
    for section in sections:
        links = "".join(
            f'<li><a href="{o.piece.path}">{escape(o.piece.title)}</a></li>'
            for o in here
            if o.piece.section == section
        )
        name = escape(section)
        parts.append(f'<h2 id="{_id(section)}">{name}</h2><ul>{links}</ul>')
    return _page(NAME, "".join(parts), base=base)


def story(out: Out, found: Sequence[Out], *, base: str) -> str:
    """Return the page of one piece."""
    piece = out.piece
    local = out.published_at.astimezone(ZONE)
    when = f"{local.day} {local:%B %Y, %H:%M}"
    parts = [
        f'<p class="kick">{escape(piece.section)}</p>',
        f"<h1>{escape(piece.title)}</h1>",
        f'<p class="stand">{escape(piece.standfirst)}</p>',
        f'<p class="meta">{escape(_byline(piece))}{when}{_version(out)}</p>',
    ]
    if out.starts_at:
        begin = out.starts_at.astimezone(ZONE)
        parts.append(
            f'<p class="tint">{begin.day} {begin:%B, %H:%M}. {escape(piece.venue)}</p>'
        )
    if piece.picture:
        parts.append(
            f'<figure><img src="{picture_url(piece, base)}" width="1200" height="675" '
            f'alt="{escape(alt_of(piece))}"></figure>'
        )
    if piece.kind == "press_release":
        parts.append(
            '<p class="tint meta">Sent by the organisation named. Not written or '
            "checked by our newsroom.</p>"
        )
    parts.append(html_of(piece))
    here = {o.piece.slug: o.piece for o in found if not o.withdrawn_at}
    related = [here[slug] for slug in piece.related if slug in here]
    if related:
        links = "".join(
            f'<li><a href="{p.path}">{escape(p.title)}</a></li>' for p in related
        )
        parts.append(f"<h2>Related</h2><ul>{links}</ul>")
    return _page(piece.title, "".join(parts), base=base)


def gone(out: Out, *, base: str) -> str:
    """Return the page of a piece that was withdrawn."""
    said = (
        f"<h1>This piece was withdrawn</h1><p>{NAME} has withdrawn "
        f"“{escape(out.piece.title)}”. A correction follows here when there "
        "is more to say.</p>"
    )
    return _page("Withdrawn", said, base=base)


def missing(*, base: str) -> str:
    """Return the page for an address that leads nowhere."""
    said = "<h1>There is no such page</h1><p>The front page has everything.</p>"
    return _page("Not found", said, base=base)


def plain(title: str, text: str, *, base: str) -> str:
    """Return a page of one paragraph."""
    return _page(title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>", base=base)


def _version(out: Out) -> str:
    if not out.updated_at:
        return ""
    since = max(out.updated_at, out.published_at + timedelta(minutes=1))
    return f"; changed {since.astimezone(ZONE):%H:%M}"


def _byline(piece: Piece) -> str:
    names = " and ".join(piece.by) or piece.credit
    return f"{names} · " if names else ""


def _id(section: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in section.casefold())


def _page(title: str, body: str, *, base: str) -> str:
    alternates = "".join(
        f'<link rel="alternate" type="{kind}" title="{escape(name)}" href="{base}{at}">'
        for at, kind, name in FEEDS
    )
    shown = escape(title if title == NAME else f"{title} · {NAME}")
    links = "".join(f'<a href="{at}">{escape(name)}</a>' for at, _, name in FEEDS)
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{shown}</title>"
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"{alternates}<style>{STYLE}</style></head><body>"
        f'<header><a href="/">{NAME}</a></header><main>{body}</main>'
        f"<footer><h2>Feeds</h2><nav>{links}</nav><p>An invented paper of an invented "
        "country, made to show a mailer.</p></footer></body></html>"
    )
