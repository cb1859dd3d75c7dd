"""The commands that look at the wire and send nothing."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.kit.delivery import ScriptedTransport, a_run_of, drain
from tests.kit.mail_service import Said, a_mail_service
from tests.kit.smtp_server import a_server


def told(*words: str, **options) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


def test_a_relay_that_works_says_what_it_offers_and_gets_nothing(settings):
    with a_server(offers=("PIPELINING", "SIZE 1000")) as server:
        settings.RELAYS = (f"smtp://127.0.0.1:{server.port}",)

        text = told("check_relay")

    assert "Relay 1 takes mail from us" in text
    assert "DSN         not offered" in text
    assert "1,000 bytes" in text
    assert server.commands("MAIL", "RCPT", "DATA") == []
    assert server.heard[-1] == "QUIT"


def test_a_relay_that_is_away_is_one_line_and_exit_status_2(settings):
    settings.RELAYS = ("smtp://127.0.0.1:1",)

    with pytest.raises(CommandError, match="relay 1 cannot be reached") as refusal:
        call_command("check_relay", "1")

    assert refusal.value.returncode == 2


def test_a_program_reads_what_a_relay_offers(settings):
    with a_server() as server:
        settings.RELAYS = (f"smtp://127.0.0.1:{server.port}",)

        answer = json.loads(told("check_relay", "--json"))

    assert (answer["works"], answer["pipelining"]) == (True, True)


def test_a_mail_service_is_asked_whether_the_key_is_good(settings):
    with a_mail_service("postmark") as service:
        settings.RELAYS = (f"anymail+postmark://:key@127.0.0.1:{service.port}",)

        text = told("check_relay")

    assert "takes mail from us: postmark by https, 100 messages in a call" in text
    assert "Key         let in; an empty call is answered with 422" in text
    assert service.taken == []


def test_a_mail_service_that_refuses_the_key_is_one_line_and_exit_status_2(settings):
    with a_mail_service("resend", Said(401)) as service:
        settings.RELAYS = (f"anymail+resend://:key@127.0.0.1:{service.port}",)

        with pytest.raises(CommandError, match="answers our key with 401") as refusal:
            call_command("check_relay", "1")

    assert refusal.value.returncode == 2


@pytest.mark.django_db
def test_a_message_is_shown_as_the_very_bytes_that_were_sent(capfdbinary):
    run = a_run_of("ann@a.example")
    relay = ScriptedTransport()
    drain(relay)

    call_command("show_message", str(run.pk), "1")

    assert capfdbinary.readouterr().out == relay.envelopes[0].message


@pytest.mark.django_db
def test_a_program_reads_the_envelope_of_a_message():
    run = a_run_of("ann@a.example")

    answer = json.loads(told("show_message", str(run.pk), "1", "--json"))

    assert answer["rcpt_to"] == "ann@a.example"
    assert answer["mail_from"].startswith("b-")
    assert answer["bytes"] == len(answer["message"])


@pytest.mark.django_db
@pytest.mark.parametrize("which", [("999999", "1"), None])
def test_a_delivery_that_is_not_there_is_one_line_and_exit_status_2(which):
    run = a_run_of("ann@a.example")

    with pytest.raises(CommandError, match="There is no delivery") as refusal:
        call_command("show_message", *(which or (str(run.pk), "2")))

    assert refusal.value.returncode == 2
