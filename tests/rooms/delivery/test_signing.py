"""Signing on the way of a mail: the settings, the drain, the commands."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from mailer.delivery.dkim_check import holds
from tests.kit.delivery import ScriptedTransport, a_run_of, drain
from tests.kit.signing import selectors, two_keys
from tests.kit.smtp_server import a_server
from tests.kit.wire import a_transport


def told(*words: str, **options) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def signs(settings):
    settings.DKIM_SIGN, settings.DKIM_KEYS = "app", two_keys()


def hold(message: bytes) -> list[bool]:
    return [holds(message, k.selector, k.private.public_key()) for k in two_keys()]


@pytest.mark.django_db
@pytest.mark.usefixtures("signs")
def test_what_a_server_gets_is_signed_twice_and_holds():
    a_run_of(*(f"reader{n}@a.example" for n in range(40)))
    with a_server() as server, a_transport(server.relay(sessions=4)) as transport:
        drain(transport)

    assert len(server.taken) == 40
    assert all(hold(taken.message) == [True, True] for taken in server.taken)


@pytest.mark.django_db
@pytest.mark.usefixtures("signs")
def test_a_message_is_shown_with_the_signature_it_was_sent_with(capfdbinary):
    run = a_run_of("ann@a.example")
    relay = ScriptedTransport()
    drain(relay)

    call_command("show_message", str(run.pk), "1")

    shown = capfdbinary.readouterr().out
    assert shown == relay.envelopes[0].message
    assert hold(shown) == [True, True]


@pytest.mark.django_db
@pytest.mark.usefixtures("signs")
def test_a_relay_with_a_profile_gets_what_it_may_change_unsigned(settings):
    settings.RELAYS = ("smtp://127.0.0.1:1?profile=ses",)
    a_run_of("ann@a.example")
    relay = ScriptedTransport()

    drain(relay)

    message = relay.envelopes[0].message
    assert hold(message) == [True, True]
    assert hold(message.replace(b"\r\nDate: ", b"\r\nDate: Mon, ")) == [True, True]


@pytest.mark.django_db
def test_where_the_relay_signs_we_do_not(settings):
    settings.DKIM_KEYS = two_keys()
    a_run_of("ann@a.example")
    relay = ScriptedTransport()

    drain(relay)

    assert selectors(relay.envelopes[0].message) == []


@pytest.mark.usefixtures("signs")
def test_check_relay_says_who_signs_and_that_it_was_tried(settings):
    with a_server() as server:
        settings.RELAYS = (f"smtp://127.0.0.1:{server.port}",)

        text = told("check_relay")
        answer = json.loads(told("check_relay", "--json"))

    assert "signed here with r2026a (rsa-sha256) and e2026a (ed25519-sha256)" in text
    assert answer["signed_by_us"] == ["r2026a", "e2026a"]


def test_a_key_is_made_with_what_to_publish(tmp_path):
    words = ["--selector", "e2026a", "--kind", "ed25519", "--to", f"{tmp_path}/e.pem"]

    text = told("make_dkim_key", *words)

    assert f"e2026a={tmp_path}/e.pem" in text
    assert "e2026a._domainkey TXT v=DKIM1; k=ed25519; p=" in text


def test_a_program_reads_what_to_publish(tmp_path):
    words = ["--selector", "r2026a", "--to", f"{tmp_path}/r.pem", "--json"]

    answer = json.loads(told("make_dkim_key", *words))

    assert answer["setting"] == f"r2026a={tmp_path}/r.pem"
    assert answer["txt"].startswith("v=DKIM1; h=sha256; k=rsa; p=")


@pytest.mark.parametrize("selector", ["R 2026", "a.b"])
def test_a_selector_that_cannot_be_one_is_one_line_and_exit_status_2(
    tmp_path, selector
):
    with pytest.raises(CommandError, match="not a selector") as refusal:
        call_command("make_dkim_key", "--selector", selector, "--to", f"{tmp_path}/x")

    assert refusal.value.returncode == 2
