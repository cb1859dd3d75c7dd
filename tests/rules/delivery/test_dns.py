"""What is published in DNS, and what is said of what others find there."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery.dns_check import NoAnswer, State, check
from mailer.delivery.dns_records import About, Presence, records, strings
from mailer.delivery.spf import BadSpf, Evaluation
from tests.kit.signing import two_keys

BOUNCES = "bounce.causeway.example"
HERE = Presence(
    from_domains=["news.causeway.example"],
    bounce_domain=BOUNCES,
    host="mail.causeway.example",
    keys=two_keys(),
    addresses=[ip_address("192.0.2.7")],
    logo="https://causeway.example/logo.svg",
)
RIGHT = {
    (BOUNCES, "TXT"): ["v=spf1 ip4:192.0.2.7 -all"],
    (BOUNCES, "MX"): ["10 mail.causeway.example"],
    ("mail.causeway.example", "A"): ["192.0.2.7"],
    ("_dmarc.news.causeway.example", "TXT"): [
        "v=DMARC1; p=reject; rua=mailto:a@causeway.example"
    ],
    ("default._bimi.news.causeway.example", "TXT"): [
        "v=BIMI1; l=https://causeway.example/logo.svg; a="
    ],
    ("7.2.0.192.in-addr.arpa", "PTR"): ["mail.causeway.example"],
    **{
        (f"{key.selector}._domainkey.news.causeway.example", "TXT"): [key.record]
        for key in two_keys()
    },
}
DKIM = ("r2026a._domainkey.news.causeway.example", "TXT")
DMARC = ("_dmarc.news.causeway.example", "TXT")


def a_lookup(changes=None):
    """Return a lookup that knows what is right, but for these changes."""
    known = {**RIGHT, **(changes or {})}
    return lambda name, kind: known.get((name, kind), [])


def found(about: About, changes, here: Presence = HERE):
    findings = check(records(here), here, a_lookup(changes))
    return next(one for one in findings if one.record.about is about)


def test_what_is_right_is_said_to_be_right():
    findings = check(records(HERE), HERE, a_lookup())

    assert {one.record.about for one in findings} == set(About)
    assert {one.state for one in findings} == {State.RIGHT}


def test_what_is_not_there_is_missing():
    findings = check(records(HERE), HERE, lambda _name, _kind: [])

    assert {one.state for one in findings} == {State.MISSING}


def test_who_does_not_answer_is_not_said_to_be_wrong():
    def silent(name, _kind):
        raise NoAnswer(f"nobody answers for {name}")

    findings = check(records(HERE), HERE, silent)

    assert {one.state for one in findings} == {State.UNKNOWN}


@pytest.mark.parametrize(
    ("about", "changes", "words"),
    [
        (About.SPF, {(BOUNCES, "TXT"): ["v=spf1 ip4:192.0.2.8 -all"]}, "gets fail"),
        (About.SPF, {(BOUNCES, "TXT"): ["v=spf1 ~all"]}, "192.0.2.7 gets softfail"),
        (About.SPF, {(BOUNCES, "TXT"): ["v=spf1", "v=spf1 a"]}, "several records"),
        (About.SPF, {(BOUNCES, "TXT"): ["v=spf1 exists:%{i}.x"]}, "not understood"),
        (About.DKIM, {DKIM: [two_keys()[1].record]}, "it has k=ed25519"),
        (About.DKIM, {DKIM: ["v=DKIM1; p=MIIB"]}, "it has another key"),
        (About.DKIM, {DKIM: ["v=DKIM1; p="]}, "the key is revoked"),
        (About.DKIM, {DKIM: [two_keys()[0].record] * 2}, "several records"),
        (
            About.DKIM,
            {DKIM: [two_keys()[0].record.replace("h=sha256", "h=sha1")]},
            "leaves out sha256",
        ),
        (About.DMARC, {DMARC: ["v=DMARC1; p=all"]}, "no valid policy"),
        (About.DMARC, {DMARC: ["v=DMARC1; p=none"] * 2}, "several records"),
        (About.BIMI, {DMARC: ["v=DMARC1; p=none"]}, "before DMARC has p=quarantine"),
        (About.MX, {(BOUNCES, "MX"): ["0 ."]}, "no mail is taken"),
        (About.MX, {(BOUNCES, "MX"): ["10 gone.example"]}, "has no address"),
        (About.PTR, {("mail.causeway.example", "A"): ["192.0.2.9"]}, "point back"),
    ],
)
def test_what_differs_says_how(about, changes, words):
    one = found(about, changes)

    assert one.state is State.DIFFERS
    assert words in one.words


@pytest.mark.parametrize(
    ("about", "changes", "words"),
    [
        (About.DKIM, {DKIM: [two_keys()[0].record.replace("; ", ";")]}, ""),
        (About.DKIM, {DKIM: [two_keys()[0].record + "; t=y"]}, "t=y"),
        (
            About.DMARC,
            {
                DMARC: [],
                ("_dmarc.causeway.example", "TXT"): ["v=DMARC1; p=none; sp=reject"],
            },
            "p=reject, from _dmarc.causeway.example, nobody gets reports",
        ),
        (
            About.MX,
            {(BOUNCES, "MX"): ["5 mx.a.example"], ("mx.a.example", "A"): ["192.0.2.3"]},
            "mx.a.example takes it",
        ),
    ],
)
def test_what_others_may_choose_is_right(about, changes, words):
    one = found(about, changes)

    assert one.state is State.RIGHT
    assert words in one.words


def test_a_long_key_is_cut_into_strings_of_255():
    [line] = [r.line for r in records(HERE) if r.name.startswith("r2026a.")]

    parts = line.split('"')[1::2]
    assert [len(part) for part in parts] == [255, len(two_keys()[0].record) - 255]
    assert "".join(parts) == two_keys()[0].record


def test_a_relay_of_somebody_else_is_named_with_a_word_of_caution():
    here = Presence([], BOUNCES, "news.example", relay_hosts=["smtp.relay.example"])

    [spf] = [record for record in records(here) if record.about is About.SPF]

    assert spf.value == "v=spf1 a:smtp.relay.example -all"
    assert "include:" in spf.note


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=900))
def test_law_strings_join_to_the_text(text):
    cut = strings(text)

    assert "".join(cut) == text
    assert all(0 < len(part) <= 255 for part in cut)


SPF = {
    ("a.example", "TXT"): ["other", "v=spf1 include:b.example ip6:2001:db8::/32 ~all"],
    ("b.example", "TXT"): ["v=spf1 mx a:c.example/24 ?all"],
    ("b.example", "MX"): ["10 m.example"],
    ("m.example", "A"): ["192.0.2.1"],
    ("m.example", "AAAA"): ["2001:db9::1"],
    ("c.example", "A"): ["198.51.100.1"],
    ("r.example", "TXT"): ["v=spf1 redirect=a.example"],
    ("loop.example", "TXT"): ["v=spf1 include:loop.example -all"],
    ("lost.example", "TXT"): ["v=spf1 include:none.example -all"],
}


@pytest.mark.parametrize(
    ("address", "domain", "result"),
    [
        ("192.0.2.1", "a.example", "pass"),
        ("2001:db9::1", "a.example", "pass"),
        ("198.51.100.200", "a.example", "pass"),
        ("2001:db8::9", "a.example", "pass"),
        ("203.0.113.1", "a.example", "softfail"),
        ("192.0.2.1", "r.example", "pass"),
        ("192.0.2.1", "none.example", "none"),
        ("203.0.113.1", "b.example", "neutral"),
    ],
)
def test_an_address_is_judged_as_receivers_do(address, domain, result):
    evaluation = Evaluation(lambda name, kind: SPF.get((name, kind), []))

    assert evaluation.result(ip_address(address), domain) == result


@pytest.mark.parametrize(
    ("domain", "words"),
    [("loop.example", "more than 10 look-ups"), ("lost.example", "has no record")],
)
def test_a_record_that_receivers_give_up_on_says_why(domain, words):
    evaluation = Evaluation(lambda name, kind: SPF.get((name, kind), []))

    with pytest.raises(BadSpf, match=words):
        evaluation.result(ip_address("203.0.113.1"), domain)
