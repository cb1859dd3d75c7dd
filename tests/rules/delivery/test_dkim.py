"""Signatures: what they cover, that they hold, and that they stay the same."""

import base64
import hashlib
import re
import threading
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailer.delivery.canonical import BodyHash, relaxed_fields
from mailer.delivery.dkim import Key
from mailer.delivery.dkim_check import holds
from mailer.delivery.press import Press
from mailer.delivery.quotedprintable import value
from mailer.delivery.relays import BadRelay, read_relays
from mailer.delivery.session import doubled
from mailer.delivery.signing import Pool, Signing, Unsigned
from tests.kit.signing import (
    DOMAIN,
    RFC_8463,
    RFC_8463_RECORDS,
    RFC_8463_SECRET,
    selectors,
    signed,
    two_keys,
)
from tests.kit.wire import AT, a_house, a_letter, a_mail, printed


def tags(raw: bytes, number: int = 0) -> dict[str, str]:
    head = raw.partition(b"\r\n\r\n")[0].decode()
    fields = re.findall(r"^DKIM-Signature:((?:.*\r\n[ ])*.*)", head, re.MULTILINE)
    text = re.sub(r"\s", "", fields[number])
    return dict(part.split("=", 1) for part in text.split(";"))


def both_hold(raw: bytes) -> list[bool]:
    return [holds(raw, key.selector, key.private.public_key()) for key in two_keys()]


def test_two_signatures_stand_first_and_the_rest_is_the_mail_that_was_printed():
    raw = signed()

    assert selectors(raw) == ["r2026a", "e2026a"]
    assert raw.endswith(printed())
    assert both_hold(raw) == [True, True]


def test_the_tags_say_what_we_mean_and_nothing_that_weakens_it():
    rsa, ed25519 = tags(signed()), tags(signed(), 1)

    assert list(rsa) == ["v", "a", "c", "s", "d", "t", "h", "bh", "b"]
    assert (rsa["a"], ed25519["a"]) == ("rsa-sha256", "ed25519-sha256")
    assert rsa["c"] == "relaxed/relaxed"
    assert rsa["d"] == ed25519["d"] == DOMAIN
    assert rsa["t"] == str(int(AT.timestamp()))
    assert rsa["h"] == ed25519["h"]
    assert rsa["bh"] == ed25519["bh"]


def test_each_field_is_signed_and_thirteen_may_not_be_added():
    raw = signed(a_mail(is_automatic=True))
    names = re.findall(
        r"^([A-Za-z-]+):", raw.partition(b"\r\n\r\n")[0].decode(), re.MULTILINE
    )
    stands = [name for name in names if name != "DKIM-Signature"]

    signed_names = tags(raw)["h"].split(":")

    once_more = [
        *("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID"),
        *("MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
        *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
    ]
    assert sorted(signed_names) == sorted(stands + once_more)
    assert {"Feedback-ID", "Auto-Submitted", "List-Post"} < set(signed_names)


def test_a_letter_signs_that_it_has_no_fields_of_a_list():
    raw = signed(a_letter())
    forged = raw.replace(b"\r\nFrom: ", b"\r\nList-Unsubscribe: <https://e>\r\nFrom: ")

    assert both_hold(raw) == [True, True]
    assert both_hold(forged) == [False, False]


def test_what_amazon_writes_anew_is_not_signed_for_it():
    raw = signed(profile="ses")
    changed = re.sub(rb"\r\nMessage-ID: [^\r]+", b"\r\nMessage-ID: <1@ses>", raw)
    changed = re.sub(rb"\r\nDate: [^\r]+", b"\r\nDate: today", changed)

    assert {"Date", "Message-ID"}.isdisjoint(tags(raw)["h"].split(":"))
    assert changed != raw
    assert both_hold(changed) == [True, True]
    assert both_hold(raw.replace(b"Subject: The", b"Subject: A")) == [False, False]


def test_a_relay_that_makes_mails_anew_gets_them_unsigned():
    assert signed(profile=None) == printed()


def test_a_retry_is_signed_with_the_same_bytes():
    assert signed() == signed()


def test_the_size_is_known_before_it_is_signed():
    press = Press(a_mail(), a_house(signing_keys=two_keys()))
    envelope = press.envelope(position=1, address="ann@a.example", subscriber_id=5)

    size = envelope.size

    assert size == len(envelope.message)


def test_the_vector_of_rfc_8463_holds_and_its_key_is_published_as_there():
    secret = Ed25519PrivateKey.from_private_bytes(base64.b64decode(RFC_8463_SECRET))
    brisbane = Key("brisbane", secret)
    record = RFC_8463_RECORDS["test._domainkey.football.example.com"]
    test = load_der_public_key(base64.b64decode(record.partition("p=")[2]))

    assert holds(RFC_8463, "brisbane", secret.public_key())
    assert holds(RFC_8463, "test", test)
    assert not holds(RFC_8463.replace(b"game", b"ball"), "test", test)
    assert brisbane.record in RFC_8463_RECORDS.values()


def test_the_ed25519_signature_of_rfc_8463_is_made_again_to_the_last_byte():
    secret = Ed25519PrivateKey.from_private_bytes(base64.b64decode(RFC_8463_SECRET))
    signature, _, rest = RFC_8463.partition(b"DKIM-Signature: v=1; a=rsa")
    fields = relaxed_fields(rest[rest.index(b"From: ") :].partition(b"\r\n\r\n")[0])
    own = relaxed_fields(re.sub(rb" b=[^;]+", b" b=", signature))["DKIM-Signature"]
    order = ("From", "To", "Subject", "Date", "Message-ID")
    text = b"".join(fields[name] for name in order) + own.rstrip()

    made = Key("brisbane", secret).sign(hashlib.sha256(text).digest())

    assert tags(RFC_8463)["b"] == base64.b64encode(made).decode()


words = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=120)
spaced = st.text("ab .\t=é-", max_size=200)
lines = st.lists(st.one_of(words, spaced), max_size=8).map("\n".join)


@given(subject=words, text=lines, html=lines, name=words)
@example(subject="a  b", text=" a \t b \n\n\n", html="  <p> \n \n", name="N  N")
@example(subject="ሰላም", text="ሰላም " * 40, html="ሰላም\n\n" * 40, name="ሰላም")
@settings(max_examples=60)
def test_law_whatever_is_printed_is_signed_and_the_signature_holds(
    subject, text, html, name
):
    clean = [part.replace("@", " ") for part in (text, html)]
    mail = a_mail(
        subject=subject,
        text=f"{clean[0]}@@UNSUBSCRIBE@@{clean[1]}",
        html=f"{clean[1]}@@UNSUBSCRIBE@@ {clean[0]}<p>",
        from_name=name,
    )

    raw = signed(mail)

    assert both_hold(raw) == [True, True]
    assert doubled(raw) == raw


@given(text=lines, more=lines)
@example(text="", more="")
@example(text="a", more="\n\n \n")
@example(text="ሰላም" * 19, more="ሰላም\n")
def test_law_a_mail_of_text_alone_holds_however_it_ends(text, more):
    clean = [part.replace("@", " ") for part in (text, more)]
    mail = a_mail(html="", text=f"{clean[0]}@@UNSUBSCRIBE@@{clean[1]}")

    assert both_hold(signed(mail)) == [True, True]


@given(lines)
@example("")
@example("\n\n")
def test_law_a_letter_of_text_alone_holds(text):
    assert both_hold(signed(a_letter(html="", text=text.replace("@", " ")))) == [
        True,
        True,
    ]


def test_bodies_of_two_readers_share_all_that_is_hashed_before_the_first_mark():
    ann, ben = [b"Dear  all \r\n", b"ann", b"=\r\n\r\n", b"\r\n"], [b""] * 4
    ben = [ann[0], b"ben", *ann[2:]]
    body = BodyHash(ann, ben)

    made = body.digest([ann[0], b"eve", *ann[2:]])

    assert made == hashlib.sha256(b"Dear all\r\neve=\r\n").digest()


def test_a_personal_value_has_no_white_space_that_a_hash_would_have_to_relax():
    assert value("a \t b") == b"a=20=09=20b"


def test_a_relay_may_have_the_profile_of_amazon_and_no_other():
    [relay] = read_relays(["smtps://u:p@ses.example?profile=ses"], sessions=1)

    assert relay.profile == "ses"
    with pytest.raises(BadRelay, match="profile must be one of ses"):
        read_relays(["smtps://u:p@ses.example?profile=none"], sessions=1)


class Counting:
    """A signer that counts, and waits until somebody lets it go."""

    size = 0

    def __init__(self) -> None:
        self.calls = 0
        self.go = threading.Event()

    def fields(self, own: bytes, _digest: bytes) -> bytes:
        self.go.wait(10)
        self.calls += 1
        return b"signed " + own


def an_unsigned(signer: Counting) -> Unsigned:
    body = BodyHash([b"a", b"\r\n"], [b"a", b"\r\n"])
    return Unsigned(Signing(signer, body, b"", b""), b"mail ", [b"a", b"\r\n"])


def test_who_asks_for_a_message_that_a_thread_is_signing_gets_its_signature():
    signer, pool = Counting(), Pool(threads=2)
    mails = [an_unsigned(signer) for _ in range(8)]
    for mail in mails:
        pool.put(mail)
    signer.go.set()

    made = [mail.sign() for mail in mails]

    assert set(made) == {b"signed mail mail a\r\n"}
    assert signer.calls == 8


def test_a_message_is_signed_by_whoever_asks_where_no_thread_does():
    signer = Counting()
    signer.go.set()

    assert an_unsigned(signer).sign() == b"signed mail mail a\r\n"


@pytest.mark.parametrize("days", [0, 300])
def test_the_time_of_a_signature_is_the_release_of_the_run(days):
    at = AT + timedelta(days=days)

    assert tags(signed(a_mail(date=at)))["t"] == str(int(at.timestamp()))
