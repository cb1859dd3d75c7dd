"""Addresses of relays: what they mean, and what is refused, without their secrets."""

import pytest

from mailer.delivery.relays import BadRelay, Relay, Security, read_relays


def read(*urls):
    return read_relays(urls, sessions=8)


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        (
            "smtp+tls://ann:p%40ss%2Fword@mail.example",
            Relay(1, "mail.example", 587, "", Security.STARTTLS, "ann", "p@ss/word"),
        ),
        ("smtps://mail.example:1465", Relay(1, "mail.example", 1465, "", Security.TLS)),
        ("smtp://localhost", Relay(1, "localhost", 25)),
        ("smtp://[::1]:2525", Relay(1, "::1", 2525)),
        ("smtp://mailpit:1025", Relay(1, "mailpit", 1025)),
        ("smtp+unix:///run/my%20relay.sock", Relay(1, "", 0, "/run/my relay.sock")),
    ],
)
def test_an_address_says_where_and_how(url, relay):
    assert read(url) == (relay,)


def test_relays_are_numbered_in_their_order():
    assert [relay.id for relay in read("smtp://localhost", "smtps://b.example")] == [
        1,
        2,
    ]


def test_options_stand_behind_a_question_mark():
    [relay] = read("smtps://b.example?sessions=4&messages=100&ca=/etc/ca.pem")

    assert (relay.sessions, relay.messages_a_session) == (4, 100)
    assert relay.ca_file == "/etc/ca.pem"


def test_a_relay_cannot_have_more_sessions_than_the_settings_allow():
    assert read("smtps://b.example?sessions=99")[0].sessions == 8


def test_a_relay_says_its_share_its_cap_and_what_alone_may_go_by_it():
    general, special = read(
        "smtps://a.example?weight=3&cap=50000",
        "smtps://b.example?newsletters=morning+@letters&providers=gmail&domains=C.example",
    )

    assert (general.weight, general.cap, general.takes_everything) == (3, 50_000, True)
    assert special.newsletters == {"morning", "@letters"}
    assert (special.providers, special.domains) == ({1}, {"c.example"})


def test_a_mail_service_is_a_relay_too():
    postmark, mailgun, mailjet = read(
        "anymail+postmark://:token@api?stream=broadcast&messages=500",
        "anymail+mailgun://:key@api.eu.mailgun.net/v3?domain=mg.b.example",
        "anymail+mailjet://key:secret@api",
    )

    assert (postmark.service.name, postmark.host) == ("postmark", "")
    assert (postmark.stream, postmark.messages_a_session) == ("broadcast", 500)
    assert (mailgun.host, mailgun.path) == ("api.eu.mailgun.net", "/v3")
    assert (mailgun.sender_domain, mailgun.messages_a_session) == ("mg.b.example", 100)
    assert (mailjet.user, mailjet.password) == ("key", "secret")
    assert mailjet.messages_a_session == 50


def test_a_password_is_not_shown():
    [relay] = read("smtps://ann:open-sesame@b.example")

    assert "sesame" not in repr(relay)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://b.example", "must start with one of"),
        ("smtp://mail.example", "in the clear"),
        ("smtp://192.0.2.1", "in the clear"),
        ("smtp://ann:open-sesame@mailpit", "the password in the clear"),
        ("smtps://", "names no host"),
        ("smtp+unix://", "names no host"),
        ("smtps://ann@b.example", "no password"),
        ("smtps://ann:sesame/word@b.example", "no valid port"),
        ("smtps://b.example:99999", "no valid port"),
        ("smtps://b.example?sessions=0", "sessions must be"),
        ("smtps://b.example?speed=9", "'speed' is not an option"),
        ("smtps://b_ü.example", "not a host"),
        ("smtps://b.example?weight=0", "weight must be"),
        ("smtps://b.example?providers=gmial", "gmial is not a provider; other, gmail"),
        ("smtps://b.example?stream=news", "'stream' is not an option"),
        ("anymail+sendmoon://:sesame@api", "must start with one of"),
        ("anymail+postmark://api", "has no key"),
        ("anymail+postmark://sesame@api", "has no key"),
        ("anymail+postmark://ann:sesame@api", "has one key"),
        ("anymail+mailjet://:sesame@api", "KEY:SECRET@api"),
        ("anymail+postmark://:sesame@api?messages=501", "postmark takes 500"),
        ("anymail+resend://:sesame@api?sessions=3", "'sessions' is not an option"),
    ],
)
def test_a_relay_that_cannot_be_used_is_refused_by_number_without_its_secrets(
    url, fault
):
    with pytest.raises(BadRelay, match=fault) as refusal:
        read(url)

    assert "sesame" not in str(refusal.value)
