"""What `make check` asks of templates and migrations: `python -m mailer.wiring.check`.

Every template must compile; no model may have changed without its migration.
"""

import os
import sys
import warnings
from pathlib import Path

import django
from jinja2 import TemplateSyntaxError


def main() -> int:
    """Print every fault; return the exit status."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "mailer.wiring.settings_for_types"
    django.setup()
    from django.conf import settings  # noqa: PLC0415  after setup
    from django.core.management import call_command  # noqa: PLC0415

    faults = broken_templates(settings.TEMPLATE_DIR)
    for fault in faults:
        print(fault, file=sys.stderr)  # noqa: T201
    warnings.simplefilter("ignore", RuntimeWarning)  # there is no database here
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    return 1 if faults else 0


def broken_templates(folder: Path) -> list[str]:
    """Return `file:line: fault` for every template that does not compile."""
    from mailer.wiring.pages import environment  # noqa: PLC0415  after setup

    env, faults = environment(autoescape=True), []
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".html", ".txt", ".jinja"}:
            try:
                env.parse(path.read_text(encoding="utf-8"))
            except TemplateSyntaxError as error:
                faults.append(f"{path}:{error.lineno}: {error.message}")
    return faults


if __name__ == "__main__":
    sys.exit(main())
