"""The Jinja2 environment of the pages (mails have their own, in rendering).

docs/pages.md explains the frames, the parts and these filters, with an example each.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.messages import get_messages
from django.templatetags.static import static
from django.urls import reverse
from django_htmx.jinja import htmx_script
from jinja2 import Environment, StrictUndefined

from mailer.kernel import figures, moments


def environment(**options: Any) -> Environment:
    """Return the environment for desk, public and operators' pages."""
    options["undefined"] = StrictUndefined
    options["trim_blocks"] = options["lstrip_blocks"] = True
    env = Environment(**options)  # noqa: S701  Django's backend sets autoescape
    zone = ZoneInfo(settings.PAGE_TIME_ZONE)
    env.globals.update(
        static=static,
        url=_url,
        brand=settings.BRAND,
        get_messages=get_messages,
        htmx_script=htmx_script,
        percent=figures.percent,
        bar=figures.bar,
        public_url=settings.PUBLIC_URL,
    )
    env.filters.update(
        grouped=figures.grouped,
        people=figures.people,
        counted=figures.counted,
        zipped=_zipped,
        upper_first=_upper_first,
        lower_first=_lower_first,
        clock=partial(_local, moments.clock, zone),
        day=partial(_local, moments.day, zone),
        near=partial(_local, moments.near, zone),
        moment=partial(_moment, zone),
        apart=moments.apart,
        duration=moments.duration,
    )
    return env


def _url(name: str, *parts: Any, **more: Any) -> str:
    """Return an address: url("desk:edition", 7), or as `reverse` takes it."""
    return reverse(name, args=parts, **more) if parts else reverse(name, **more)


def _local(say: Any, zone: ZoneInfo, at: datetime, *rest: Any, **named: Any) -> str:
    """Say a moment in the pages' zone."""
    return str(say(at, zone, *rest, **named))


def _moment(zone: ZoneInfo, at: datetime) -> str:
    same = str(zone) == settings.BRAND.time_zone
    return moments.moment(at, zone, name=settings.BRAND.time_zone_name if same else "")


def _zipped(one: Sequence[Any], other: Sequence[Any]) -> list[tuple[Any, Any]]:
    return list(zip(one, other, strict=True))


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower_first(text: str) -> str:
    """Let words follow in a sentence; an abbreviation stays as it is."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
