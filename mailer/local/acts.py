"""What people do in the demo, each through the pages of the web server."""

import re
from datetime import UTC, datetime, timedelta

from mailer.desk import people
from mailer.local.visitor import Visitor, WentWrong, post

PASSWORD = "a-causeway-of-thirteen-piers"  # noqa: S105  of a demo on this machine
EDITOR = "thandi"
FULL_NAME = "Thandi Mokoena"


def log_in(editor: Visitor) -> None:
    """Log the editor in; the first time she sets her password by her invitation."""
    editor.open("/desk")
    if "Log out" in editor.words:
        return
    if not people.there_is_one():
        people.invite(name=EDITOR, full_name=FULL_NAME)
    editor.open("/desk/login")
    editor.press("Log in", username=EDITOR, password=PASSWORD)
    if editor.status != 200:  # noqa: PLR2004  she has not set it yet
        again = people.link_again(name=EDITOR)
        editor.open(again.link if again else "/desk/login")
        editor.press("Set password", password=PASSWORD)
    _must_say(editor, "Log out")


def approve(editor: Visitor, edition_id: int) -> None:
    """Check an edition and send it, unless it is approved already."""
    editor.open(f"/desk/e/{edition_id}/check")
    if "Approved by" in editor.words:
        return
    editor.press("Send to ")
    _must_say(editor, "Approved by")


def break_story(editor: Visitor, slug: str) -> None:
    """Break the story whose address ends so: write, check, send."""
    editor.open("/desk/stories")
    row = f"//tr[.//a[contains(@href, '{slug}')]]"
    links = editor.page.xpath(f"{row}//a[. = 'Break this']/@href")
    if not links:
        raise WentWrong(f"no “Break this” beside {slug}: {editor.words[:300]}")
    editor.open(links[0])
    editor.press("Check")
    editor.press("Send to ")
    if "Breaking, step 3 of 3" not in editor.words and "Run " not in editor.words:
        raise WentWrong(editor.words[:300])


def sign_up(reader: Visitor, address: str, newsletter_ids: list[int]) -> None:
    """Sign somebody up for newsletters."""
    reader.open("/")
    wanted = ",".join(str(n) for n in newsletter_ids)
    reader.press("Sign up", mail=address, newsletter=wanted)
    _must_say(reader, "message is on its way")


def confirm(reader: Visitor, link: str) -> None:
    """Open the link of a confirmation and press its button."""
    reader.open(link)
    if "Yes, start" in reader.words:
        reader.press("Yes, start")
    _must_say(reader, "started")


def one_click(address: str) -> bool:
    """Post as RFC 8058 §3.1 says a mail program does; tell whether it was taken."""
    return post(address, {"List-Unsubscribe": "One-Click"}) == 200  # noqa: PLR2004


def next_slot(*, not_before: datetime) -> datetime:
    """Return the next full minute."""
    whole = not_before.astimezone(UTC).replace(second=0, microsecond=0)
    return whole + timedelta(minutes=1)


def _must_say(visitor: Visitor, words: str) -> None:
    if not re.search(words, visitor.words):
        raise WentWrong(f"{visitor.at} ({visitor.status}): {visitor.words[:300]}")
