"""What our calls to mail services say, and what their answers mean to the ledger."""

import json
import logging
from dataclasses import replace

import pytest

from mailer.delivery.anymail import FIRST_CALL, AnymailTransport
from mailer.delivery.ledger import window_size
from mailer.delivery.reply import NOT_SPOKEN
from mailer.delivery.services import SERVICES
from mailer.delivery.transport import RelayAway, RelayRefusesUs
from mailer.delivery.verdict import Outcome, judge
from mailer.kernel.blame import Blame
from mailer.kernel.priority import Priority
from tests.kit.mail_service import CUT, SILENCE, Partly, Said, a_mail_service
from tests.kit.wire import a_letter, a_mail, in_parts, replies_to

ANN, BEN, EVE = "ann@a.example", "ben@b.example", "eve@e.example"
ALL = sorted(SERVICES)


@pytest.fixture(params=ALL)
def name(request):
    return request.param


def hand_over(service, envelopes, **options):
    transport = a_transport_to(service, **options)
    try:
        return replies_to(transport, envelopes), transport
    finally:
        transport.close()


def a_transport_to(service, *, answer_seconds=5, patience_seconds=5, **changes):
    relay = service.relay(**changes)
    return AnymailTransport(
        relay,
        relay.service,
        answer_seconds=answer_seconds,
        patience_seconds=patience_seconds,
    )


def outcomes(replies):
    return {n: reply and judge(reply).outcome for n, reply in sorted(replies.items())}


# ── what is asked ──


def test_one_call_carries_all_and_each_reader_sees_herself_alone(name):
    with a_mail_service(name) as service:
        replies, _ = hand_over(service, in_parts(ANN, BEN, EVE))

    assert outcomes(replies) == dict.fromkeys([1, 2, 3], Outcome.ACCEPTED)
    assert len(service.calls) == 1
    assert [mail.to for mail in service.taken] == [(ANN,), (BEN,), (EVE,)]


def test_each_has_a_link_and_fields_of_her_own(name):
    envelopes = in_parts(ANN, BEN)
    with a_mail_service(name) as service:
        hand_over(service, envelopes)

    for envelope, mail in zip(envelopes, service.taken, strict=True):
        fields = {key.lower(): value for key, value in mail.fields.items()}
        [link] = envelope.parts.values.values()
        assert fields["list-unsubscribe"].startswith(f"<{link}>, <mailto:u-")
        assert fields["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
        assert fields["list-id"].endswith("<morning.list-id.news.causeway.example>")
        assert link in mail.html
        assert link in mail.text
        assert "@@" not in mail.html + mail.text
    links = {mail.html for mail in service.taken}
    assert len(links) == 2


def test_no_address_stands_in_what_another_reader_gets(name):
    with a_mail_service(name) as service:
        hand_over(service, in_parts(ANN, BEN))

    for mail, other in zip(service.taken, [BEN, ANN], strict=True):
        assert other not in mail.html + mail.text + str(mail.fields) + str(mail.to)


def test_a_letter_needs_no_link_and_has_no_list_fields(name):
    with a_mail_service(name) as service:
        replies, _ = hand_over(service, in_parts(ANN, mail=a_letter()))

    assert outcomes(replies) == {1: Outcome.ACCEPTED}
    [mail] = service.taken
    assert mail.to == (ANN,)
    assert not [field for field in mail.fields if field.lower().startswith("list-")]


def test_what_looks_like_a_mark_of_the_service_is_not_one(name):
    odd = "Set {{name}} to %recipient.name% {% now %}"
    mail = a_mail(html=f"<p>{odd}</p><a href='@@UNSUBSCRIBE@@'>x</a>\n", text=odd)
    with a_mail_service(name) as service:
        hand_over(service, in_parts(ANN, mail=mail))

    [taken] = service.taken
    wary = SERVICES[name].wary
    assert wary is None or not wary.search(taken.html + taken.text)


def test_nobody_is_watched_where_a_call_can_say_so(name):
    with a_mail_service(name) as service:
        hand_over(service, in_parts(ANN))

    said = json.dumps(service.calls[0]["body"]).lower()
    assert SERVICES[name].tracks == ("track" in said)


def test_a_name_beyond_ascii_and_a_quoted_one_arrive(name):
    mail = a_mail(from_name='Die "Brücke", Kapstadt', subject="Zürich — naïve")
    with a_mail_service(name) as service:
        replies, _ = hand_over(service, in_parts(ANN, mail=mail))

    assert outcomes(replies) == {1: Outcome.ACCEPTED}
    assert "na\\u00efve" in json.dumps(service.calls[0]["body"])


def test_variants_go_in_calls_of_their_own_and_nobody_twice_in_one(name):
    one, other = in_parts(ANN, BEN, ANN.upper()), in_parts(ANN, EVE, first=4)
    with a_mail_service(name) as service:
        replies, _ = hand_over(service, [*one, *other])

    assert set(outcomes(replies).values()) == {Outcome.ACCEPTED}
    assert len(service.calls) == 3
    assert len(service.addresses()) == 5


def test_a_call_has_no_more_messages_than_the_service_takes(name):
    envelopes = in_parts(*[f"r{n}@a.example" for n in range(7)])
    with a_mail_service(name) as service:
        replies, _ = hand_over(service, envelopes, messages_a_session=3)

    assert len(service.calls) == 3
    assert len(replies) == len(set(service.addresses())) == 7


def test_a_call_has_no_more_bytes_than_the_service_takes(monkeypatch):
    monkeypatch.setitem(
        SERVICES, "postmark", replace(SERVICES["postmark"], most_bytes=40_000)
    )
    mail = a_mail(html="<p>ü</p>" * 1_000 + "<a href='@@UNSUBSCRIBE@@'>x</a>\n")
    with a_mail_service("postmark") as service:
        hand_over(service, in_parts(ANN, BEN, EVE, mail=mail))

    sizes = [len(json.dumps(call["body"])) for call in service.calls]
    assert len(sizes) == 3
    assert max(sizes) < 40_000


def test_a_window_is_one_call_and_the_first_one_is_small(name):
    with a_mail_service(name) as service:
        transport = a_transport_to(service)
        before = window_size(Priority.NEWSLETTER, transport.pace)
        replies_to(transport, in_parts(ANN))
        after = window_size(Priority.NEWSLETTER, transport.pace)
        transport.close()

    assert before == FIRST_CALL
    assert 0 <= after - min(SERVICES[name].most, 100) < 4


def test_the_key_is_in_the_call_and_in_nothing_we_say(name, caplog):
    caplog.set_level(logging.DEBUG)
    with a_mail_service(name, Said(401, {"message": "no"})) as service:
        _, transport = hand_over(service, in_parts(ANN))

    said = f"{transport.fault}{service.relay()!r}{caplog.text}"
    assert "sesame" not in said
    assert isinstance(transport.fault, RelayRefusesUs)


# ── what is answered ──


REFUSALS = {
    "mailjet": ({"ErrorCode": "mj-0013", "StatusCode": 400}, Outcome.DEFERRED),
    "mailtrap": ("'to' address is invalid", Outcome.DEFERRED),
    "postmark": (
        {"ErrorCode": 406, "Message": "Found inactive addresses: ben@b.example."},
        Outcome.REFUSED,
    ),
}


@pytest.mark.parametrize("named", sorted(REFUSALS))
def test_a_refusal_of_one_is_hers_alone(named):
    body, outcome = REFUSALS[named]
    with a_mail_service(named, Partly({BEN: body})) as service:
        replies, transport = hand_over(service, in_parts(ANN, BEN, EVE))

    assert outcomes(replies) == {1: Outcome.ACCEPTED, 2: outcome, 3: Outcome.ACCEPTED}
    assert transport.fault is None
    assert judge(replies[2]).blame is not Blame.ADDRESS


def test_an_address_postmark_cannot_read_is_the_addresss_fault():
    said = {"ErrorCode": 300, "Message": "Invalid 'To' address: 'ben@b.example'."}
    with a_mail_service("postmark", Partly({BEN: said})) as service:
        replies, _ = hand_over(service, in_parts(ANN, BEN))

    assert judge(replies[2]).outcome is Outcome.REFUSED
    assert judge(replies[2]).blame is Blame.ADDRESS


def test_an_error_of_one_message_hides_not_that_the_others_were_sent():
    said = {"ErrorCode": 999, "Message": "Something new"}
    with a_mail_service("postmark", Partly({BEN: said})) as service:
        replies, _ = hand_over(service, in_parts(ANN, BEN))

    assert outcomes(replies) == {1: Outcome.ACCEPTED, 2: Outcome.DEFERRED}


def test_sparkpost_says_that_some_were_refused_and_not_who_so_all_are_in_doubt():
    with a_mail_service("sparkpost", Partly({BEN: {}})) as service:
        replies, _ = hand_over(service, in_parts(ANN, BEN))

    assert replies == {1: None, 2: None}


@pytest.mark.parametrize("named", ["brevo", "mailgun", "resend", "sparkpost"])
def test_a_call_refused_whole_is_cut_until_the_one_is_found(named):
    no = Said(422 if named in {"resend", "sparkpost"} else 400, {"message": "bad to"})
    addresses = [f"r{n}@a.example" for n in range(8)]
    # all eight, the first four, the first two, and then the first alone
    with a_mail_service(named, no, no, no, no) as service:
        replies, transport = hand_over(service, in_parts(*addresses))

    assert judge(replies[1]).outcome is Outcome.REFUSED
    assert judge(replies[1]).blame is Blame.US
    assert sorted(service.addresses()) == sorted(addresses[1:])
    assert transport.fault is None


def test_a_text_that_no_call_gets_through_blames_nobody_and_is_tried_again_later(name):
    no = [Said(400, {"message": "bad from"})] * 40
    envelopes = in_parts(*[f"r{n}@a.example" for n in range(16)])
    with a_mail_service(name, *no) as service:
        replies, _ = hand_over(service, envelopes)

    assert set(outcomes(replies).values()) == {Outcome.DEFERRED}
    assert len(service.calls) < 16


def test_too_many_requests_cost_nobody_and_are_heard(name):
    busy = Said(429, {"message": "slow down"}, {"Retry-After": "17"})
    with a_mail_service(name, busy) as service:
        replies, transport = hand_over(service, in_parts(ANN, BEN))

    assert [reply.code for reply in replies.values()] == [NOT_SPOKEN, NOT_SPOKEN]
    assert set(outcomes(replies).values()) == {Outcome.DEFERRED}
    assert transport.fault.retry_after_seconds == 17
    assert service.taken == []


def test_a_retry_after_may_be_a_date():
    headers = {"Retry-After": "Tue, 24 Nov 2026 06:01:30 GMT"}
    headers["Date"] = "Tue, 24 Nov 2026 06:00:00 GMT"
    with a_mail_service("brevo", Said(503, {}, headers)) as service:
        _, transport = hand_over(service, in_parts(ANN))

    assert transport.fault.retry_after_seconds == 90


@pytest.mark.parametrize("status", [500, 503])
def test_a_service_that_says_it_failed_has_taken_nothing(name, status):
    with a_mail_service(name, Said(status, {})) as service:
        replies, transport = hand_over(service, in_parts(ANN, BEN))

    assert [reply.code for reply in replies.values()] == [NOT_SPOKEN, NOT_SPOKEN]
    assert isinstance(transport.fault, RelayAway)


@pytest.mark.parametrize("status", [502, 504])
def test_after_a_gateways_word_nobody_can_tell(name, status):
    with a_mail_service(name, Said(status, {})) as service:
        replies, transport = hand_over(service, in_parts(ANN, BEN))

    assert replies == {1: None, 2: None}
    assert isinstance(transport.fault, RelayAway)


@pytest.mark.parametrize("trick", [SILENCE, CUT])
def test_a_call_taken_and_not_answered_is_in_doubt_as_a_whole_and_says_so(
    name, trick, caplog
):
    with a_mail_service(name, trick) as service:
        replies, transport = hand_over(service, in_parts(ANN, BEN), answer_seconds=0.3)

    assert replies == {1: None, 2: None}
    assert service.addresses() == [ANN, BEN]  # it had them
    assert "relay.call_in_doubt relay=1 run=7 mails=2" in caplog.text
    assert "did not answer a call" in str(transport.fault)
    assert transport.fault.leaves_doubt


def test_an_answer_that_cannot_be_read_leaves_a_doubt(name):
    with a_mail_service(name, Said(200, {"odd": 1})) as service:
        replies, transport = hand_over(service, in_parts(ANN, BEN))

    assert replies == {1: None, 2: None}
    assert transport.fault is not None


def test_after_a_fault_the_calls_that_wait_are_not_made(name):
    envelopes = in_parts(*[f"r{n}@a.example" for n in range(6)])
    with a_mail_service(name, Said(429, {})) as service:
        replies, _ = hand_over(service, envelopes, messages_a_session=2)

    assert len(service.calls) == 1
    assert {reply.code for reply in replies.values()} == {NOT_SPOKEN}


def test_a_slow_service_gives_the_lease_time_to_be_renewed(name):
    with a_mail_service(name, SILENCE) as service:
        transport = a_transport_to(service, answer_seconds=5, patience_seconds=0.05)
        first = transport.exchange(in_parts(ANN))
        service.let_go.set()
        transport.close()

    assert first == {}


def test_the_end_leaves_nothing_unanswered(name):
    envelopes = in_parts(*[f"r{n}@a.example" for n in range(4)])
    with a_mail_service(name, SILENCE) as service:
        transport = a_transport_to(
            service, answer_seconds=0.5, patience_seconds=0.1, messages_a_session=2
        )
        told = dict(transport.exchange(envelopes))
        left = transport.close()

    assert {**told, **left}.keys() == {1, 2, 3, 4}
    assert {position for position, reply in left.items() if reply is None} == {1, 2}
    assert transport.close() == {}


def test_a_fault_of_our_own_in_a_call_is_raised_and_leaves_nobody_unanswered():
    broken = [replace(one, parts=None) for one in in_parts(ANN, BEN)]
    with a_mail_service("brevo") as service:
        transport = a_transport_to(service)
        with pytest.raises(TypeError, match="mails in parts"):
            transport.exchange(broken)
        left = transport.close()

    assert left == {1: None, 2: None}


# ── a look without a mail ──


def test_a_check_says_whether_the_key_is_good_and_sends_nothing(name):
    with a_mail_service(name) as service:
        said = a_transport_to(service).check()

    assert said.startswith("let in")
    assert service.taken == []
    assert len(service.calls) == 1


def test_a_check_with_a_wrong_key_is_refused(name):
    with (
        a_mail_service(name, Said(401, {})) as service,
        pytest.raises(RelayRefusesUs, match="our key with 401"),
    ):
        a_transport_to(service).check()


def test_a_check_of_nothing_there_says_so(name):
    with a_mail_service(name) as service:
        transport = a_transport_to(service)
        service.stop()
        with pytest.raises(RelayAway, match="cannot be reached"):
            transport.check()
