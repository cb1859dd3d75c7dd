"""`mailer init`: make an empty installation ready, once; a second run changes nothing.

1. Makes SECRET_KEY in the file that SECRET_KEY_FILE names, if there is no key yet.
2. Brings the database to this version.
3. Prints a log-in link for the first editor, if there is none.
"""

import argparse
import os
import secrets
import sys
from pathlib import Path

import django


def make_secret(environment: dict[str, str]) -> bool:
    """Write a new key where SECRET_KEY_FILE says, unless there is one; tell if so."""
    path = environment.get("SECRET_KEY_FILE", "")
    if environment.get("SECRET_KEY") or not path or Path(path).exists():
        return False
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(secrets.token_urlsafe(48) + "\n")
    return True


def main(arguments: list[str]) -> None:
    """Run the three steps, saying what was done."""
    parser = argparse.ArgumentParser(
        prog="mailer init",
        description="Make an empty installation ready: secret key, database, first "
        "editor. A second run changes nothing.",
        epilog="Example: SECRET_KEY_FILE=/secrets/secret_key mailer init",
    )
    parser.parse_args(arguments)
    if make_secret(dict(os.environ)):
        print("Made a secret key.")  # noqa: T201
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.wiring.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415  after setup

    call_command("migrate", verbosity=0, interactive=False)
    print("The database is at this version.")  # noqa: T201
    call_command("create_editor", first=True)


if __name__ == "__main__":
    main(sys.argv[2:])
