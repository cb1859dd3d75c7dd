"""A day of The Causeway in a few minutes: what the demo does, step by step.

Everything goes the way people go: through feeds, pages, files and the inbox.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from mailer.delivery import queries as delivery
from mailer.delivery.run import LETTERS
from mailer.editions import queries as editions
from mailer.editions.content import EditionKind
from mailer.editions.view import EditionView
from mailer.elections import operations as elections
from mailer.local import acts, report
from mailer.local.load import BREAKING, DIGEST, RESULTS, ZONE, fetch, load, set_schedule
from mailer.local.newsroom.site import Site
from mailer.local.postbox import Arrival, Postbox
from mailer.local.saying import Say
from mailer.local.stage import Stage
from mailer.local.visitor import Visitor, WentWrong
from mailer.sources import queries as sources
from mailer.sources.operations import poll_soon

TIME_TO_APPROVE = timedelta(seconds=12)  # between a new schedule and its slot
# One is enough, unless her letter is in doubt: that is not sent again by itself.
NEWCOMERS = (
    "nadia.oumarou",
    "sifiso.dube",
    "amina.sesay",
    "kofi.mensah",
    "zodwa.nkosi",
)
LETTER_SECONDS = 120
MANY = 1_000

T = TypeVar("T")


class Storyline:
    """The steps in their order. What the last line names is measured on the way."""

    def __init__(self, stage: Stage, site: Site, say: Say) -> None:
        self.stage = stage
        self.site = site
        self.say = say
        self.postbox = Postbox(stage.home.inbox)
        self.editor = Visitor(stage.home.web)
        self.lists: dict[str, int] = {}
        self.leaver = ""
        self.unsubscribed = 0
        self.breaking_first_mail_s = 0.0

    def play(self, *, kill: bool) -> None:
        """Go through the day."""
        self.news_comes_in()
        first = self.a_digest_is_approved()
        self.it_begins_to_go_out(first, kill=kill)
        self.somebody_signs_up()
        self.news_breaks()
        self.results_arrive(1)
        self.all_is_sent()
        self.a_reader_leaves(first)
        self.the_newsroom_goes_on()
        second = self.a_digest_is_approved()
        self.it_begins_to_go_out(second, kill=kill)
        self.results_arrive(2)
        self.all_is_sent()
        self.who_left_got_nothing_more(second)

    def news_comes_in(self) -> None:
        """Load the newsroom, publish the morning's stories, wait for the collectors."""
        self.lists = self._insist(
            lambda: load(self.stage.home, now=utc()), "loading the newsroom"
        )
        self.say.line(f"{len(self.lists)} newsletters, 1,000 readers, one election")
        found = sources.sources
        self._wait(lambda: all(s.last_ok_at for s in found()), "a first poll", 60)
        self.site.publish_batch("morning")
        least = len(self.site.out())  # a digest is filled once: all must be there
        count = self._wait(self._stories(least), f"{least} stories coming in", 90)
        self.say.line(f"{count} stories came in from {len(found())} feeds")

    def a_digest_is_approved(self) -> EditionView:
        """Give the digest its next slot, wait for the edition, approve it."""
        slot = acts.next_slot(not_before=utc() + TIME_TO_APPROVE)
        local = slot.astimezone(ZoneInfo(ZONE))
        cron = f"{local.minute} {local.hour} * * *"
        self._insist(
            lambda: set_schedule(self.lists, cron=cron, now=utc()), "setting a schedule"
        )
        edition = self._wait(lambda: self._edition_at(slot), "the digest's edition", 90)
        self._insist(lambda: acts.log_in(self.editor), "logging in")
        self._insist(lambda: acts.approve(self.editor, edition.id), "approving")
        self.say.line(
            f"{edition.newsletter.name}, {edition.stories} stories: approved, leaves "
            f"{slot:%H:%M:%S} UTC"
        )
        return edition

    def it_begins_to_go_out(self, edition: EditionView, *, kill: bool) -> None:
        """Wait until some of it is in the inbox. From then on programs are killed."""
        self._wait(lambda: self._first_of(edition), "the first mail of the digest", 150)
        self.say.line("The digest is going out")
        self.stage.killing = kill

    def somebody_signs_up(self) -> None:
        """Sign a newcomer up through the pages; her confirmation must not wait."""
        reader = Visitor(self.stage.home.web)
        for number, name in enumerate(NEWCOMERS, start=1):
            begun = time.monotonic()
            letter = self._letter_to(reader, f"{name}@readers.example", number)
            if letter is not None:
                break
        else:
            raise WentWrong(f"no confirmation reached any of {len(NEWCOMERS)} people")
        self.say.line(
            f"Sign-up: the confirmation was there {time.monotonic() - begun:.1f} s "
            "after, while the digest was going out"
        )
        links = self._insist(lambda: self.postbox.links(letter.id), "reading it")
        link = next(link for link in links if "/c/" in link)
        self._insist(lambda: acts.confirm(reader, link), "confirming")

    def _letter_to(self, reader: Visitor, address: str, number: int) -> Arrival | None:
        """Sign up, and return the letter; None if it is in doubt and did not come.

        number: of this letter, the only one that may have come.
        """
        wanted = [self.lists[DIGEST], self.lists[BREAKING]]
        self._insist(lambda: acts.sign_up(reader, address, wanted), "signing up")

        def came_or_not() -> list[Arrival | None]:
            if came := self.postbox.newest(address):
                return [came[0]]
            runs = delivery.runs(letters=True, limit=MANY)
            lost = [r for r in runs if r.kind in LETTERS and r.over and r.in_doubt]
            return [None] if len(lost) >= number else []

        return self._wait(came_or_not, "her confirmation", LETTER_SECONDS)[0]

    def news_breaks(self) -> None:
        """Publish the breaking story and break it through the pages."""
        slug = self.site.break_story(now=utc())
        self._poll_soon()
        self._wait(
            lambda: any(slug in s.url for s in sources.recent(limit=30)),
            "the breaking story coming in",
            60,
        )

        def broken() -> None:
            if self._alert() is None:
                acts.break_story(self.editor, slug)

        self._insist(broken, "breaking the story")
        alert = self._wait(self._alert, "the alert's edition", 30)
        mail = self._wait(lambda: self._first_of(alert), "the first breaking mail", 240)
        late = (mail.arrived_at - alert.release_at).total_seconds()
        self.breaking_first_mail_s = round(max(0.0, late), 2)
        self.say.line(
            f"Breaking: the first mail came {self.breaking_first_mail_s} s after the "
            "hold"
        )

    def results_arrive(self, number: int) -> None:
        """Take the count's next file in."""
        self.site.publish_results(number, now=utc())
        before = self._results_editions()
        name = f"results-{number}.csv"
        data = self._insist(
            lambda: fetch(f"{self.stage.home.newsroom}/data/{name}"), "a count"
        )
        taken = self._insist(
            lambda: elections.take_results(data=data, name=name, now=utc()),
            "taking results",
        )
        if taken.faults:
            raise WentWrong(f"{name}: {taken.faults[0]}")
        councils = len(taken.results)
        self.say.line(f"Results of {councils} councils came in ({name})")
        self._wait(
            lambda: self._results_editions() > before,
            "an edition for each council",
            120,
        )

    def all_is_sent(self) -> None:
        """Wait until every delivery has ended."""
        with self.say.progress("Sending") as told:

            def over() -> bool:
                runs = delivery.runs(limit=MANY)
                ended = sum(run.audience - run.left - run.in_flight for run in runs)
                told(ended, sum(run.audience for run in runs))
                return not (report.unfinished() or editions.releasable(now=utc()))

            self._wait(over, "every mail to end", 900)
        self.stage.killing = False
        self.say.line(f"{self._counts():,} mails in the inbox, every run is over")

    def a_reader_leaves(self, edition: EditionView) -> None:
        """Use one-click from a digest in the inbox, as a mail program does."""
        mail = self._wait(lambda: self._first_of(edition), "a digest", 30)
        self.leaver = mail.address
        address = self._insist(lambda: self.postbox.one_click(mail.id), "its headers")
        self._wait(lambda: acts.one_click(address), "one-click", 60)
        self.unsubscribed += 1
        self.say.line("A reader left with one click")

    def the_newsroom_goes_on(self) -> None:
        """Publish more, edit one story, withdraw another."""
        known = len(sources.recent(limit=MANY))
        for _ in range(10):
            self.site.publish_next(now=utc())
        self.site.edit(now=utc())
        self.site.withdraw(now=utc())
        self._poll_soon()
        self._wait(self._stories(known + 10), "more stories", 60)
        self.say.line("10 more stories; one edited at its source, one withdrawn")

    def who_left_got_nothing_more(self, edition: EditionView) -> None:
        """Look in the inbox: who left has no second digest."""
        subject = editions.edition(edition.id).subject
        mails = self.postbox.newest(self.leaver, limit=MANY)
        if any(mail.subject == subject for mail in mails):
            raise WentWrong(f"a reader who left got “{subject}”")

    def _poll_soon(self) -> None:
        """After kills, ask for a poll: one cut short keeps others off for minutes."""

        def ask() -> None:
            for source in sources.sources():
                poll_soon(source_id=source.id, now=utc())

        if self.stage.kills:
            self._insist(ask, "asking for a poll")

    def _stories(self, least: int) -> Callable[[], int]:
        def enough() -> int:
            count = len(sources.recent(limit=MANY))
            return count if count >= least else 0

        return enough

    def _edition_at(self, slot: datetime) -> EditionView | None:
        found = editions.editions(newsletter_id=self.lists[DIGEST], limit=5)
        return next((e for e in found if e.slot_at == slot and e.is_unsent), None)

    def _alert(self) -> EditionView | None:
        found = editions.editions(newsletter_id=self.lists[BREAKING], limit=1)
        return next(iter(found), None)

    def _results_editions(self) -> int:
        found = editions.editions(newsletter_id=self.lists[RESULTS], limit=MANY)
        return sum(e.kind is EditionKind.RESULTS for e in found)

    def _first_of(self, edition: EditionView) -> Arrival | None:
        """Return the first mail of an edition in the inbox, by its subject."""
        found = self.postbox.newest(editions.edition(edition.id).subject, limit=5_000)
        return found[-1] if found else None

    def _counts(self) -> int:
        return self._insist(lambda: self.postbox.counts()["message_ids"], "a count")

    def _wait(self, happened: Callable[[], T | None], what: str, seconds: float) -> T:
        return self.stage.wait_for(happened, what, seconds=seconds)

    def _insist(self, act: Callable[[], T], what: str) -> T:
        return self.stage.insist(act, what)


def utc() -> datetime:
    """Return the time: the demo is an edge."""
    return datetime.now(tz=UTC)
