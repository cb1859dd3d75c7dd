"""A peer that sends, in an environment of its own; nothing of ours is imported.

    python -I peer_sender.py PEER PORT SESSIONS MESSAGE_FILE [DATABASE_HOST DATABASE]

Talks by lines: a number asks it to make ready for so many mails, and it says "ready";
an empty line lets it go, and it says the seconds it took and its processor seconds.
"""
# ruff: noqa: PLC0415, T201

import asyncio
import json
import logging
import smtplib
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

HOST, NAME = "127.0.0.1", "bench.example"
SENDER = "b-aaaaaahaaaaaam-i6foxaw7kv@bounce.causeway.example"
LINE = '<p>The council of Kessane says no to <a href="https://x/y">it</a>.</p>\n'

Send = Callable[[], None]
Peer = Callable[[int], Send]


def with_smtplib(port: int, sessions: int, message: bytes) -> Peer:
    """Return the standard library's client: a thread and one connection a session."""

    def share(mine: range) -> None:
        with smtplib.SMTP(HOST, port, local_hostname=NAME) as client:
            for number in mine:
                client.sendmail(SENDER, [f"r{number}@a.example"], message)

    def send(mails: int) -> None:
        shares = [range(n, mails, sessions) for n in range(sessions)]
        with ThreadPoolExecutor(sessions) as threads:
            list(threads.map(share, shares))  # raises what a thread raised

    return lambda mails: partial(send, mails)


def with_aiosmtplib(port: int, sessions: int, message: bytes) -> Peer:
    """Return aiosmtplib in one loop: a task and one connection a session."""
    import aiosmtplib

    async def share(mine: range) -> None:
        client = aiosmtplib.SMTP(
            hostname=HOST, port=port, local_hostname=NAME, start_tls=False
        )
        async with client:
            for number in mine:
                await client.sendmail(SENDER, [f"r{number}@a.example"], message)

    async def send(mails: int) -> None:
        shares = [range(n, mails, sessions) for n in range(sessions)]
        await asyncio.gather(*map(share, shares))

    return lambda mails: lambda: asyncio.run(send(mails))


def with_django_newsletter(
    port: int, sessions: int, message: bytes, host: str, database: str
) -> Peer:
    """Return django-newsletter as its manual runs it: one `submit_newsletter`.

    It has no sessions: one process, one mail after another, a connection for each.
    """
    del sessions
    begin_django(
        *("newsletter", port, host, database),
        *("django.contrib.auth", "django.contrib.sites", "sorl.thumbnail"),
        NEWSLETTER_THUMBNAIL="sorl-thumbnail",
        NEWSLETTER_USE_HTTPS=True,
        ROOT_URLCONF="newsletter.urls",
        SITE_ID=1,
    )
    from django.core.management import call_command
    from newsletter.models import Article, Message, Newsletter, Submission, Subscription

    def ready(mails: int) -> Send:
        letter, is_new = Newsletter.objects.get_or_create(
            slug=f"to-{mails}", title="Morning", email="a@b.example", sender="Causeway"
        )
        edition, _ = Message.objects.get_or_create(
            newsletter=letter, slug="one", title="The quay is open"
        )
        if is_new:
            Subscription.objects.bulk_create(
                Subscription(
                    newsletter=letter, email_field=f"r{n}@a.example", subscribed=True
                )
                for n in range(mails)
            )
            fill(edition)
        submission = Submission.from_message(edition)
        submission.prepared = True
        submission.save()

        def send() -> None:
            call_command("submit_newsletter", verbosity=0)
            submission.refresh_from_db()
            assert submission.sent

        return send

    def fill(edition: Message) -> None:
        article = Article.objects.create(post=edition, title="All", text="")
        trial = Submission.from_message(edition)
        reader = trial.subscriptions.first()

        def bytes_with(lines: int) -> int:
            article.text = LINE * lines
            article.save()
            return len(trial.get_message(reader).message().as_bytes(linesep="\r\n"))

        lines_for(len(message), bytes_with)  # the last it tries stays
        trial.delete()

    return ready


def with_django_post_office(
    port: int, sessions: int, message: bytes, host: str, database: str
) -> Peer:
    """Return django-post-office: a row a mail, `send_queued_mail` in one process."""
    begin_django(
        *("post_office", port, host, database),
        POST_OFFICE={"THREADS_PER_PROCESS": sessions, "BATCH_SIZE": 1000},
        DEFAULT_FROM_EMAIL=SENDER,
    )
    from django.core.management import call_command
    from post_office import mail
    from post_office.models import STATUS, Email

    def a_mail(number: int, lines: int) -> dict[str, str]:
        values = {"subject": "The quay is open", "message": "Read on."}
        return values | {
            "recipients": f"r{number}@a.example",
            "html_message": LINE * lines,
        }

    def bytes_with(lines: int) -> int:
        [one] = mail.send_many([a_mail(0, lines)])
        return len(one.prepare_email_message().message().as_bytes(linesep="\r\n"))

    lines = lines_for(len(message), bytes_with)

    def ready(mails: int) -> Send:
        Email.objects.all().delete()
        mail.send_many([a_mail(number, lines) for number in range(mails)])

        def send() -> None:
            call_command("send_queued_mail", verbosity=0)
            assert Email.objects.filter(status=STATUS.sent).count() == mails

        return send

    return ready


def begin_django(
    app: str, port: int, host: str, database: str, *more: str, **values: object
) -> None:
    """Set Django up for one application, and make its tables."""
    import django
    from django.conf import settings

    postgres = {"ENGINE": "django.db.backends.postgresql", "USER": "stoppress"}
    templates = {"BACKEND": "django.template.backends.django.DjangoTemplates"}
    settings.configure(
        DATABASES={"default": postgres | {"NAME": database, "HOST": host}},
        INSTALLED_APPS=["django.contrib.contenttypes", *more, app],
        TEMPLATES=[templates | {"APP_DIRS": True}],
        EMAIL_HOST=HOST,
        EMAIL_PORT=port,
        SECRET_KEY="only-for-the-benchmark",
        USE_TZ=True,
        **values,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    logger = logging.getLogger(app)
    logger.handlers = [Strict(logging.ERROR)]
    logger.propagate = False


def lines_for(size: int, bytes_with: Callable[[int], int]) -> int:
    """Return with how many lines a mail has so many bytes, to the line."""
    some, more = bytes_with(100), bytes_with(200)
    lines = 100 + round((size - some) / (more - some) * 100)
    assert abs(bytes_with(lines) - size) <= len(LINE)
    return lines


class Strict(logging.Handler):
    """Ends a peer that logs an error and goes on: that mail was not sent."""

    def emit(self, record: logging.LogRecord) -> None:
        """Raise RuntimeError with what was logged."""
        raise RuntimeError(record.getMessage())


PEERS: dict[str, Callable[..., Peer]] = {
    "smtplib": with_smtplib,
    "aiosmtplib": with_aiosmtplib,
    "django_newsletter": with_django_newsletter,
    "django_post_office": with_django_post_office,
}


def main(name: str, port: str, sessions: str, message: str, *more: str) -> None:
    """Serve one peer until there are no more lines."""
    ready = PEERS[name](int(port), int(sessions), Path(message).read_bytes(), *more)
    while line := sys.stdin.readline():
        send = ready(int(line))
        print("ready", flush=True)
        sys.stdin.readline()
        began, cpu = time.perf_counter(), time.process_time()
        send()
        taken = time.perf_counter() - began, time.process_time() - cpu
        print(json.dumps(taken), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
