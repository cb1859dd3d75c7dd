"""The Jinja2 environment of the pages (mails have their own, in rendering)."""

from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, StrictUndefined


def environment(**options: Any) -> Environment:
    """Return the environment for desk, public and operators' pages."""
    options["undefined"] = StrictUndefined
    options["trim_blocks"] = options["lstrip_blocks"] = True
    env = Environment(**options)  # noqa: S701  Django's backend sets autoescape
    env.globals.update(static=static, url=reverse, brand=settings.BRAND)
    return env
