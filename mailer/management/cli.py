"""The entry of `mailer`: Django's command runner under our name."""

import os
import sys

from django.core.management import ManagementUtility

# These must work before there is a configuration, or to repair one.
WITHOUT_SETTINGS = {"demo", "check_config"}


def main() -> None:
    """Run `mailer COMMAND …`."""
    arguments = ["mailer", *sys.argv[1:]]
    if arguments[1:2] and arguments[1] in WITHOUT_SETTINGS:
        os.environ["DJANGO_SETTINGS_MODULE"] = "mailer.wiring.settings_for_types"
    else:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.wiring.settings")
    ManagementUtility(arguments).execute()


if __name__ == "__main__":
    main()
