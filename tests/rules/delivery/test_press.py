"""A whole message: what a list must say, what a letter must not, and its bytes."""

import email
import email.policy
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.delivery import verp
from mailer.delivery.headers import Unprintable
from mailer.delivery.press import Press, feedback_id
from mailer.delivery.session import doubled
from mailer.kernel.personal import MARK, Personal
from mailer.kernel.tokens import unseal
from tests.kit.wire import (
    KEYS,
    SENDER,
    a_house,
    a_letter,
    a_mail,
    a_newsletter,
    printed,
)


def head(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[0] + b"\r\n"


def parsed(raw: bytes):
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_the_head_of_a_newsletter_is_byte_for_byte_what_the_rfcs_ask_for():
    assert head(printed()).decode() == (
        "From: The Causeway <morning@news.causeway.example>\r\n"
        "Reply-To: editor@causeway.example\r\n"
        "Subject: The quay is open\r\n"
        "Date: Tue, 24 Nov 2026 06:00:00 +0000\r\n"
        "To: ann@a.example\r\n"
        "Message-ID: <aaaaaahaaaaaam.4zyb4g6cdd@news.causeway.example>\r\n"
        "List-Unsubscribe:"
        " <https://news.causeway.example/u/AQEFA5Bsdc2RNlyae1t4PFSGv_c>,\r\n"
        " <mailto:u-aaaaaahaaaaaam-cublf7dupw@bounce.causeway.example"
        "?subject=unsubscribe>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        "List-Id: Morning digest <morning.list-id.news.causeway.example>\r\n"
        "List-Help: <https://news.causeway.example/n/morning/help>\r\n"
        "List-Archive: <https://news.causeway.example/n/morning>\r\n"
        "List-Owner: <mailto:editor@causeway.example>\r\n"
        "List-Post: NO (announcements only)\r\n"
        "Feedback-ID: r7:n-morning:k-digest:thecauseway\r\n"
        "Precedence: bulk\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/alternative;"
        ' boundary="=_641ead8a56d8f87800b17230"\r\n'
    )


def test_each_field_stands_once():
    names = re.findall(rb"^([A-Za-z-]+):", head(printed()), re.MULTILINE)

    assert len(names) == len({name.lower() for name in names})


def test_one_click_leaves_the_list_of_this_mail_and_no_other():
    [url] = re.findall(rb"<https://[^/]+/u/([\w-]+)>", head(printed()))

    assert unseal("leave", url.decode(), KEYS) == (5, 3)


def test_the_link_in_the_body_is_the_one_in_the_head():
    message = parsed(printed())

    url = re.search(r"<(https:[^>]+)>", str(message["List-Unsubscribe"]))[1]
    assert f"Leave: {url}\r\n" in message.get_body(("plain",)).get_content()
    assert f'href="{url}"' in message.get_body(("html",)).get_content()


def test_the_mail_address_that_leaves_and_the_one_that_bounces_know_their_delivery():
    envelope = Press(a_mail(), a_house()).envelope(
        position=12, address="ann@a.example", subscriber_id=5
    )

    [leave] = re.findall(rb"<mailto:(u-[^?>]+)", envelope.message)
    assert verp.read(envelope.sender, KEYS) == verp.Returned(verp.Use.BOUNCE, 7, 12)
    assert verp.read(leave.decode(), KEYS) == verp.Returned(verp.Use.LEAVE, 7, 12)


def test_a_letter_has_no_fields_of_a_list():
    raw = head(printed(a_letter()))

    assert not re.search(rb"^(List-|Precedence|Feedback-ID)", raw, re.MULTILINE)


def test_a_test_send_of_an_edition_has_no_fields_of_a_list_but_its_links_work():
    raw = printed(a_mail(is_letter=True))

    assert b"List-" not in raw
    assert b"https://news.causeway.example/u/" in raw


def test_only_what_nobody_wrote_says_that_it_is_automatic():
    assert b"Auto-Submitted" not in printed()
    assert b"Auto-Submitted: auto-generated\r\n" in printed(a_mail(is_automatic=True))


def test_a_retry_is_the_same_message_to_the_last_byte():
    assert printed() == printed()


@pytest.mark.parametrize("change", [{"position": 13}, {"address": "b@b.example"}])
def test_another_delivery_is_another_message(change):
    assert printed() != printed(**change)


def test_a_message_without_html_is_plain_text():
    message = parsed(printed(a_letter(html="", text="Press the button.\n")))

    assert message.get_content_type() == "text/plain"
    assert message.get_content().strip() == "Press the button."


def test_text_comes_before_html_which_readers_prefer():
    parts = [part.get_content_type() for part in parsed(printed()).iter_parts()]

    assert parts == ["text/plain", "text/html"]


def test_an_address_that_would_begin_a_field_of_its_own_stays_out_of_the_head():
    raw = printed(address="ann@a.example\r\nBcc: eve@e.example")

    assert b"Bcc" not in raw
    assert b"To: undisclosed-recipients:;\r\n" in raw


@pytest.mark.parametrize(
    "fault",
    [
        {"subject": "a\r\nBcc: eve@e.example"},
        {"from_name": "a\nb"},
        {"from_address": "nobody"},
        {"reply_to": "a@b.example\r\nX: y"},
        {"newsletter": a_newsletter(list_id="no dots")},
        {"html": "@@NAME@@"},
        {"html": "@@BROWSER@@"},
    ],
)
def test_a_mail_that_cannot_be_printed_for_anybody_says_so_at_once(fault):
    with pytest.raises(Unprintable):
        Press(a_mail(**fault), a_house())


def test_a_letter_about_no_list_cannot_offer_to_leave_one():
    with pytest.raises(Unprintable, match="@@UNSUBSCRIBE@@"):
        Press(a_letter(text="@@UNSUBSCRIBE@@"), a_house())


def test_the_sender_in_feedback_id_is_five_to_fifteen_characters():
    senders = [feedback_id(7, "m", "digest", name) for name in ("NRC", "N" * 40, "Ü")]

    assert [len(value.split(":")[3]) for value in senders] == [5, 15, 5]


def test_the_parts_of_feedback_id_differ_even_if_their_words_do_not():
    value = feedback_id(7, "digest", "digest", "digest")

    assert len(set(value.split(":"))) == 4


words = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=120)
lines = st.lists(words, max_size=8).map("\n".join)


@given(subject=words, text=lines, html=lines, name=words)
@settings(max_examples=40)  # a parser is slow
def test_law_what_a_parser_reads_is_what_was_written(subject, text, html, name):
    clean = [part.replace("@", " ") for part in (text, html)]
    mail = a_mail(subject=subject, text=clean[0], html=clean[1] + "<p>", from_name=name)

    raw = printed(mail)

    message = parsed(raw)
    assert message.defects == []
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()
    read = [
        message.get_body((kind,)).get_payload(decode=True).decode()
        for kind in ("plain", "html")
    ]
    assert read[0].replace("\r\n", "\n") == clean[0]
    assert read[1].replace("\r\n", "\n") == clean[1] + "<p>"


@given(position=st.integers(1, 10**6), subscriber=st.integers(1, 2**40))
def test_law_no_mark_is_left_and_no_line_needs_a_dot(position, subscriber):
    mail = a_mail(
        same={Personal.BROWSER: "https://a/v"}, html="@@BROWSER@@ @@BROWSER@@"
    )

    raw = printed(mail, position=position, subscriber_id=subscriber)

    assert re.search(MARK.encode(), raw) is None
    assert doubled(raw) == raw


def test_the_envelope_sender_is_the_address_that_bounces_return_to():
    envelope = Press(a_mail(), a_house()).envelope(
        position=12, address="ann@a.example", subscriber_id=5
    )

    assert envelope.sender == SENDER
