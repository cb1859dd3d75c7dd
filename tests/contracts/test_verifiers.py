"""Our signatures, read by three programs that others wrote in three languages."""

import hashlib
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery.canonical import BodyHash, relaxed_fields
from tests.kit.signing import (
    RFC_8463,
    RFC_8463_RECORDS,
    dkimpy_says,
    mail_dkim_says,
    opendkim_says,
    records,
    signed,
)
from tests.kit.wire import a_letter, a_mail

pytestmark = pytest.mark.verifiers

ALL = {"r2026a": True, "e2026a": True}
RSA_ALONE = {"r2026a": True, "e2026a": False}  # Debian 12's Mail::DKIM
VERIFIERS = [(dkimpy_says, ALL), (opendkim_says, ALL), (mail_dkim_says, RSA_ALONE)]
HTML = "<p>A  long \t line that goes on ሰላም.</p>\n  <p> .</p>\n\n" * 40

verifiers = pytest.mark.parametrize(("says", "good"), VERIFIERS)


@verifiers
@pytest.mark.parametrize(
    "mail",
    [
        a_mail(),
        a_mail(subject="Würze  und Salz", from_name="Die  Zeitung Ü", html=HTML),
        a_mail(html=HTML + "<a href='@@UNSUBSCRIBE@@'>Leave</a>", is_automatic=True),
        a_mail(html="", text="ሰላም " * 90 + "@@UNSUBSCRIBE@@\n\n\n"),
        a_letter(),
        a_letter(html="", text="Press.\n\n \n"),
    ],
    ids=["digest", "spaces", "automatic", "base64", "letter", "text"],
)
def test_a_mail_of_ours_is_verified(says, good, mail):
    assert says(signed(mail), records()) == good


@verifiers
@pytest.mark.parametrize("profile", ["", "ses"])
def test_a_mail_for_a_relay_with_a_profile_is_verified(says, good, profile):
    assert says(signed(profile=profile), records()) == good


def with_field(field: bytes) -> Callable[[bytes], bytes]:
    return lambda raw: raw.replace(b"\r\nFrom: ", b"\r\n" + field + b"\r\nFrom: ", 1)


def without_one_click(raw: bytes) -> bytes:
    return re.sub(rb"List-Unsubscribe-Post: [^\r]+\r\n", b"", raw)


@verifiers
@pytest.mark.parametrize(
    "tamper",
    [
        lambda raw: raw.replace(b"Read on.", b"Read  this."),
        with_field(b"List-Unsubscribe: <https://evil.example/u>"),
        with_field(b"Subject: Your account"),
        with_field(b"Cc: eve@e.example"),
        without_one_click,
        lambda raw: raw.replace(b"To: ann@", b"To: ben@"),
    ],
    ids=["body", "leave elsewhere", "subject", "copy", "no one-click", "reader"],
)
def test_a_mail_that_was_tampered_with_is_found_out(says, good, tamper):
    raw = signed()
    tampered = tamper(raw)

    told = says(tampered, records())

    assert tampered != raw
    assert told == dict.fromkeys(good, False)


@verifiers
def test_the_vector_of_rfc_8463_is_verified_by_the_judges_themselves(says, good):
    told = says(RFC_8463, RFC_8463_RECORDS)

    assert told == {"brisbane": good["e2026a"], "test": True}


fields = st.lists(
    st.tuples(
        st.from_regex(r"[A-Za-z][A-Za-z-]{0,9}", fullmatch=True),
        st.text("ab:; \t", max_size=20),
        st.text("ab:; \t", max_size=20),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda field: field[0],
)


@given(fields)
def test_law_fields_are_relaxed_as_dkimpy_does(parts):
    from dkim.canonicalization import Relaxed  # noqa: PLC0415

    raw = [(name, f" {one}\r\n {two}x\r\n") for name, one, two in parts]
    encoded = [(name.encode(), value.encode()) for name, value in raw]

    ours = relaxed_fields("".join(f"{name}:{value}" for name, value in raw).encode())

    theirs = Relaxed.canonicalize_headers(encoded)
    assert list(ours.values()) == [name + b":" + value for name, value in theirs]


@given(
    st.lists(st.text("ab=. \t", max_size=12), max_size=8), st.text("uvw/", min_size=1)
)
def test_law_bodies_are_relaxed_as_dkimpy_does(lines, value):
    from dkim.canonicalization import Relaxed  # noqa: PLC0415

    first = "".join(f"{line}\r\n" for line in lines).encode()
    parts = [first, value.encode(), b"=\r\n" + first, b"\r\n"]
    body = BodyHash([first, b"1", *parts[2:]], [first, b"2", *parts[2:]])

    digest = body.digest(parts)

    theirs = Relaxed.canonicalize_body(b"".join(parts))
    assert digest == hashlib.sha256(theirs).digest()
