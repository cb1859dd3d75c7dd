"""A server is away in the middle of it: Valkey, then PostgreSQL."""

import pytest

from mailer.audience import operations as audience
from mailer.audience.letter import LetterKind
from mailer.editions import operations as editing
from mailer.editions import queries as editions
from mailer.kernel.clock import utc_now
from mailer.kernel.tokens import seal
from mailer.local import acts, programs
from mailer.local.visitor import Visitor
from tests.kit.audience import a_newsletter, a_reader_of, a_subscriber, many_readers
from tests.kit.processes import a_due_digest, until

pytestmark = pytest.mark.slow
WINDOW = 4 * 4  # four a session; see delivery.ledger.window_size


def test_mail_and_pages_go_on_while_the_broker_is_away_and_after_it_is_back(
    install, settings
):
    here = install()
    digest, later = a_newsletter(), a_newsletter()
    many_readers(60, digest)
    many_readers(60, later)
    ann = a_reader_of(later, address="ann@readers.example")
    ben = a_subscriber("ben@readers.example")
    here.start(
        programs.web(here.home),
        here.worker("breaking", "breaking"),
        here.worker("deliver", "deliver"),
        here.worker("rest", "collect,render,feedback,upkeep"),
        here.beat(),
    )

    here.kill("valkey")
    now = utc_now()
    due = a_due_digest(approval="editor")
    many_readers(60, due)
    editing.plan(now=now)
    [edition] = editions.editions(newsletter_id=due.id)
    editing.approve(edition_id=edition.id, seen_hash=edition.hash, by="S", now=now)
    audience.ask_letter(
        kind=LetterKind.LINK,
        subscriber_id=ben.id,
        data={"url": f"{here.home.web}/p/in/x", "minutes": 15},
        now=now,
    )
    reader = Visitor(here.home.web)
    reader.open("/")
    reader.press("Sign up", mail="nadia@readers.example", newsletter=str(digest.id))
    token = seal("leave", (ann.id, later.id), settings.TOKEN_KEYS)
    left = acts.one_click(f"{here.home.web}/u/{token}")
    here.ended_run(due)
    letter = here.the_mail("ben@")

    here.bring_back("valkey")
    after = a_due_digest("A second story", list_name="Evening digest")
    many_readers(60, after)
    here.ended_run(after)

    assert "come back soon" in reader.words
    assert reader.status in {200, 503}
    assert left
    assert letter.address == "ben@readers.example"
    assert here.postbox.counts() == {"mails": 121, "message_ids": 121, "doubled": 0}
    assert here.doubled() == {}


def test_a_database_killed_in_mid_send_doubles_nothing_and_all_is_accounted_for(
    install,
):
    here = install(delay=0.05)
    newsletter = a_due_digest()
    many_readers(400, newsletter)
    here.start(here.worker("worker"), here.beat(), programs.web(here.home))

    until(lambda: here.in_the_inbox() >= 40, "the digest going out")
    here.kill("postgres")
    arrived = here.in_the_inbox()
    reader = Visitor(here.home.web)
    reader.open("/")
    here.bring_back("postgres")
    run = here.ended_run(newsletter)

    counts = here.postbox.counts()
    assert reader.status == 500
    assert "Something here is broken" in reader.words
    assert 40 <= arrived < 400
    assert run.accepted + run.in_doubt == run.audience == 400
    assert run.in_doubt <= WINDOW
    assert run.accepted <= counts["mails"] <= 400
    assert counts["doubled"] == 0
    assert here.doubled() == {}
