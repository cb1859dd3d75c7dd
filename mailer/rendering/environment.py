"""The Jinja2 environment of mails, and what a fault in a template says.

Editorial text reaches a template as a value only; nothing here compiles a string that
came from outside. The environment of pages is another one (`wiring.pages`).
"""

import re
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)

from mailer.kernel.errors import Permanent
from mailer.rendering import plain, wording

_BLANK_LINES = re.compile(r"\n\s*\n+")
_INDENT = re.compile(r"\n[ \t]+")
_THREE_LINE_ENDS = re.compile(r"\n{4,}")


class TemplateFault(Permanent):
    """A template cannot be rendered: str() names the template, the line, the fault."""


@cache
def environment(folder: Path) -> Environment:
    """Return the environment of the mail templates in a folder."""
    env = Environment(
        loader=FileSystemLoader(folder),
        autoescape=_is_escaped,  # noqa: S701  all but plain text and stylesheets
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters.update(
        fold=plain.fold,
        item=plain.item,
        underlined=plain.underlined,
        figure=wording.figure,
        words=wording.in_words,
        joined=wording.joined,
        sentence=wording.sentence,
    )
    return env


def compose(env: Environment, name: str, values: Mapping[str, Any]) -> str:
    """Return a template filled with values, without the indentation of its source.

    Raises TemplateFault for whatever goes wrong in it.
    """
    try:
        filled = env.get_template(name).render(values)
    except TemplateSyntaxError as error:
        raise TemplateFault(
            f"{error.name or name}, line {error.lineno}: {error.message}"
        ) from error
    except Exception as error:  # anything a filter or an attribute may raise
        where = _last_line_in_templates(error, env) or name
        what = error.message if isinstance(error, TemplateError) else repr(error)
        raise TemplateFault(f"{where}: {what}") from error
    if name.endswith(".html"):
        return _INDENT.sub("\n", _BLANK_LINES.sub("\n", filled)).strip() + "\n"
    return _THREE_LINE_ENDS.sub("\n\n\n", filled).strip() + "\n"


def _is_escaped(name: str | None) -> bool:
    return name is None or not name.endswith((".txt", ".css"))


def _last_line_in_templates(error: Exception, env: Environment) -> str:
    """Jinja2 rewrites the traceback: frames of templates carry their own lines."""
    folder = (
        env.loader.searchpath[0] if isinstance(env.loader, FileSystemLoader) else ""
    )
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if folder and frame.filename.startswith(folder):
            name = frame.filename.removeprefix(folder).lstrip("/")
            return f"{name}, line {frame.lineno}"
    return ""
