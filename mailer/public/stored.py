"""A stored mail as a page: `/v/<token>`, and the body of the archive's editions.

The bytes are those that were sent, but for the personal addresses: a page may be passed
on, and nobody shall leave a list through it.
"""

import re
from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from mailer.audience.operations import TooOften
from mailer.delivery import queries as delivery
from mailer.editions.view import EditionView
from mailer.kernel.tokens import BadToken
from mailer.public.asked import dead_link, not_now, numbers_in
from mailer.public.private import private, shows_a_mail
from mailer.rendering import framed
from mailer.rendering import queries as rendering
from mailer.rendering.variant import Tier, Variant

BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
BODY_ENDS = re.compile(r"</body\s*>", re.IGNORECASE)
HEAD_ENDS = re.compile(r"</head\s*>", re.IGNORECASE)


@require_safe
@private
@shows_a_mail
def in_browser(request: HttpRequest, token: str) -> HttpResponse:
    """GET /v/<token>: the mail somebody got, without what was hers alone in it."""
    try:
        run_id, number = numbers_in(request, "browser", token)
    except TooOften as why:
        return not_now(request, why, back=reverse("public:archive"))
    except (BadToken, ValueError):
        return dead_link(request)
    variant = delivery.variant_of(run_id, number)
    if variant is None or not variant.edition_id:  # a letter is for one person alone
        return render(request, "public/not_kept.html", {"secret": True}, status=404)
    return HttpResponse(_harmless(variant.html, here=request.path))


def for_everyone(edition: EditionView, *, here: str) -> str | None:
    """Return the HTML everyone may read, None where it went to paying subscribers only.

    here: the path of the page it is shown on.
    """
    found = rendering.variants(
        edition_id=edition.id, content_hash=edition.approved_hash or edition.hash
    )
    free = open_variant(found)
    return None if free is None else _harmless(free.html, here=here)


def open_variant(variants: Sequence[Variant]) -> Variant | None:
    """Return the variant without a paid line in it, the most general one first."""
    free = [v for v in variants if v.key.tier == Tier.FREE]
    return min(free, key=lambda v: (v.key.language, v.key.place), default=None)


def _harmless(html: str, *, here: str) -> str:
    mails = reverse("public:mails")
    return framed.for_everyone(html, unsubscribe=mails, preferences=mails, browser=here)


def with_strip(request: HttpRequest, html: str, page: Mapping[str, object]) -> str:
    """Return the mail's HTML with the archive's strip at the top of its body.

    The mail itself is the page's main part: a screen reader can go straight there.
    """
    strip = render_to_string("public/strip.html", dict(page), request)
    links = render_to_string("public/strip_head.html", dict(page), request)
    html = HEAD_ENDS.sub(lambda found: links + found[0], html, count=1)
    html = BODY.sub(lambda found: f"{found[0]}{strip}<main>", html, count=1)
    return BODY_ENDS.sub(lambda found: f"</main>{found[0]}", html, count=1)
