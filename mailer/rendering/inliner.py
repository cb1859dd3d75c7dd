"""The one place where premailer is called, with a fence on either side.

What premailer 3.10.0 does to a page was measured: it drops a doctype that is not
exactly `<!DOCTYPE html>`, writes width="auto" over our attributes, kills `!important`
outside ignored blocks, and lxml under it cuts a page at a lone surrogate in silence.
"""

import logging
import re

import cssutils
from premailer import Premailer

from mailer.kernel.errors import Permanent

DOCTYPE = "<!DOCTYPE html>"
_COMMENT_ENDS = re.compile(r"<!--\[if [^\]]*\]>|<!\[endif\]-->")
_TO_ENTITIES = re.compile(r"[\u00a0\u034f\u200b-\u200f\u2060]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
MANY = 0.03  # above this share entities cost more than UTF-8 saves
logging.getLogger("premailer").setLevel(logging.CRITICAL)
cssutils.ser.prefs.minimizeColorHash = False  # Outlook wants all six digits


class Damaged(Permanent):
    """The inliner lost a part of the page; str() says which."""


def inline(page: str) -> str:
    """Return the page with the rules of its plain style blocks in style attributes.

    Blocks marked data-premailer="ignore" stay as they are. Letters outside ASCII
    become numeric entities in a mostly Latin page, so that no charset can spoil them.

    Raises Damaged where the doctype, an Outlook comment or the end went missing.
    """
    if not page.startswith(DOCTYPE):
        raise Damaged(f"the page must begin with {DOCTYPE}")
    if _SURROGATE.search(page):
        raise Damaged("the page holds a lone surrogate: lxml would cut it there")
    inlined: str = Premailer(
        page,
        allow_network=False,
        disable_validation=True,  # mso-* passes
        strip_important=True,
        keep_style_tags=False,
        remove_classes=False,  # dark and phone rules need them
        align_floating_images=False,  # halves the time
        disable_basic_attributes=["width", "height"],
        cssutils_logging_level=logging.CRITICAL,
    ).transform(pretty_print=False)
    _compare(page, inlined)
    return _entities(inlined)


def _compare(before: str, after: str) -> None:
    if not after.startswith(DOCTYPE):
        raise Damaged("the inliner lost the doctype")
    if not after.rstrip().endswith("</html>"):
        raise Damaged("the inliner lost the end of the page")
    lost = len(_COMMENT_ENDS.findall(before)) - len(_COMMENT_ENDS.findall(after))
    if lost:
        raise Damaged(f"the inliner lost {lost} ends of Outlook comments")
    for tag in ("<a ", "<img ", "<td"):
        if before.count(tag) != after.count(tag):
            raise Damaged(
                f"the inliner made {after.count(tag)} of {before.count(tag)} {tag}…>"
            )


def _entities(page: str) -> str:
    few = len(_NOT_ASCII.findall(page)) < MANY * len(page)
    which = _NOT_ASCII if few else _TO_ENTITIES
    return which.sub(lambda found: f"&#{ord(found[0])};", page)
