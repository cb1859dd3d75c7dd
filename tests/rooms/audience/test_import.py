"""Bringing a list in and taking it out."""

import io
import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.audience import operations as audience
from mailer.audience import queries
from mailer.audience.consent import Evidence, Happened, SubscriptionState, Tier
from mailer.audience.importing import BATCH
from mailer.audience.models import ConsentRecord, Subscriber, Subscription
from mailer.audience.operations import Fate
from tests.kit.audience import a_newsletter, a_place, a_reader_of, a_subscriber

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def bring_in(text, *, dry_run=False, default=("morning",)):
    rows, _ = audience.read_list(
        file=io.BytesIO(text.encode()),
        newsletter_slugs=default,
        consent_source="Paper form, read and signed",
        now=NOW,
    )
    return list(audience.import_subscribers(rows=rows, dry_run=dry_run, now=NOW))


def fates(text, **options):
    return [one.fate for one in bring_in(text, **options)]


def take_out(newsletter_id=None):
    out = io.StringIO()
    audience.write_subscribers(file=out, newsletter_id=newsletter_id)
    return out.getvalue()


@pytest.fixture
def morning():
    return a_newsletter("morning")


def test_a_list_can_be_mailed_on_the_first_day(morning):
    a_place("TAMBA", name="Tamba Valley")

    taken = fates(
        "email,place,tier,language\n"
        "ann@gmail.com,Tamba Valley,paid,af\n"
        "ben@a.example,,,\n"
    )

    ann = queries.subscriber_by_address("ann@gmail.com")
    assert taken == [Fate.NEW, Fate.NEW]
    assert (ann.place_code, ann.tier, ann.language) == ("TAMBA", Tier.SUBSCRIBER, "af")
    assert queries.count_reach(newsletter_id=morning.id) == 2


def test_the_source_of_consent_is_kept_with_its_date(morning):
    bring_in("email,subscribed_at\nann@a.example,2024-02-03T10:00:00+02:00\n")

    record = ConsentRecord.objects.select_related("wording").get()
    assert record.what == Happened.IMPORTED
    assert record.newsletter_id == morning.id
    assert record.wording.text == "Paper form, read and signed"
    assert record.at == datetime(2024, 2, 3, 8, tzinfo=UTC)
    assert record.recorded_at == NOW


def test_a_second_run_changes_nothing(morning):
    text = "email\nann@a.example\nben@a.example\n"
    bring_in(text)
    before = list(Subscription.objects.values()), list(Subscriber.objects.values())

    again = fates(text)

    after = list(Subscription.objects.values()), list(Subscriber.objects.values())
    assert again == [Fate.UNCHANGED, Fate.UNCHANGED]
    assert before == after
    assert queries.count_reach(newsletter_id=morning.id) == 2


def test_who_is_suppressed_stays_so(morning):
    audience.suppress(address="ann@a.example", evidence=Evidence(), now=NOW)

    assert fates("email\nANN@a.example\nben@a.example\n") == [
        Fate.SUPPRESSED,
        Fate.NEW,
    ]
    assert queries.count_reach(newsletter_id=morning.id) == 1


def test_who_was_erased_is_not_brought_back(morning):
    ann = a_reader_of(morning, address="ann@a.example")
    audience.erase(subscriber_id=ann.id, evidence=Evidence(), now=NOW)

    assert fates("email\nann@a.example\n") == [Fate.SUPPRESSED]
    assert queries.subscriber_by_address("ann@a.example") is None


def test_who_left_stays_left(morning):
    a_reader_of(morning, address="ann@a.example", state=SubscriptionState.LEFT)

    assert fates("email\nann@a.example\n") == [Fate.LEFT]
    assert queries.count_reach(newsletter_id=morning.id) == 0


def test_a_pause_is_not_ended(morning):
    a_reader_of(
        morning,
        address="ann@a.example",
        state=SubscriptionState.PAUSED,
        paused_until=datetime(2099, 1, 1, tzinfo=UTC),
    )

    assert fates("email\nann@a.example\n") == [Fate.UNCHANGED]
    assert queries.count_reach(newsletter_id=morning.id) == 0


def test_what_the_reader_chose_stays_and_the_tier_follows_the_file(morning):
    a_place("TAMBA")
    a_reader_of(morning, address="ann@a.example", place="OREME", language="af")

    taken = fates("email,place,language,tier\nann@a.example,TAMBA,en,paid\n")

    ann = queries.subscriber_by_address("ann@a.example")
    assert taken == [Fate.CHANGED]
    assert (ann.place_code, ann.language, ann.tier) == ("OREME", "af", Tier.SUBSCRIBER)


def test_an_address_twice_is_one_person(morning):
    business = a_newsletter("business")

    taken = fates(
        "email,newsletters\n"
        "ann@a.example,morning\n"
        "Ann@A.example,morning\n"
        "ann@a.example,business\n"
        "ann@a.example,business morning\n"
    )

    ann = queries.subscriber_by_address("ann@a.example")
    assert taken == [Fate.NEW, Fate.DOUBLED, Fate.CHANGED, Fate.DOUBLED]
    assert {s.newsletter_id for s in ann.subscriptions} == {morning.id, business.id}


@pytest.mark.usefixtures("morning")
def test_an_address_twice_far_apart_is_one_person_too():
    many = "".join(f"r{n}@a.example\n" for n in range(BATCH))
    text = f"email\nann@a.example\n{many}ann@a.example\n"

    dry = Counter(fates(text, dry_run=True))
    real = Counter(fates(text))

    assert dry == real == {Fate.NEW: BATCH + 1, Fate.DOUBLED: 1}


def test_who_never_confirmed_is_active_by_the_consent_of_the_file(morning):
    audience.sign_up(
        address="ann@a.example",
        newsletter_ids=[morning.id],
        evidence=Evidence(),
        now=NOW,
    )
    audience.answer_requests(now=NOW)

    assert fates("email\nann@a.example\n") == [Fate.CHANGED]
    assert queries.count_reach(newsletter_id=morning.id) == 1


@pytest.mark.usefixtures("morning")
def test_a_dry_run_writes_nothing():
    assert fates("email\nann@a.example\n", dry_run=True) == [Fate.NEW]
    assert not Subscriber.objects.exists()
    assert not ConsentRecord.objects.exists()


def test_a_list_taken_out_comes_in_elsewhere_as_it_was(morning):
    business = a_newsletter("business")
    a_reader_of(morning, business, address="ann@müller.example", place="TAMBA")
    a_reader_of(business, address="=cmd@a.example", tier=Tier.SUBSCRIBER)
    cas = a_reader_of(morning, business, address="cas@a.example")
    audience.unsubscribe(
        subscriber_id=cas.id,
        newsletter_id=morning.id,
        how="page",
        evidence=Evidence(),
        now=NOW,
    )
    audience.suppress(address="dee@a.example", evidence=Evidence(), now=NOW)
    a_reader_of(morning, address="dee@a.example")
    before = take_out()
    for one in Subscriber.objects.all():
        audience.erase(subscriber_id=one.pk, evidence=Evidence(), now=NOW)
    for address in ("ann@müller.example", "=cmd@a.example", "cas@a.example"):
        audience.lift(address=address, evidence=Evidence(), now=NOW)
    audience.lift(address="dee@a.example", evidence=Evidence(), now=NOW)

    bring_in(before, default=())

    after = take_out()
    assert "'=cmd@a.example,business" in after
    assert [line.split(",")[:6] for line in after.splitlines()[:4]] == [
        line.split(",")[:6] for line in before.splitlines()[:4]
    ]
    assert queries.suppression("dee@a.example") is not None


def test_an_export_can_be_of_one_newsletter(morning):
    business = a_newsletter("business")
    a_reader_of(morning, address="ann@a.example")
    a_reader_of(business, address="ben@a.example")

    out = take_out(business.id)

    assert "ben@a.example" in out
    assert "ann@a.example" not in out


def test_who_is_on_no_list_is_in_no_export():
    a_subscriber("ann@a.example")

    assert "ann" not in take_out()


def the_command(tmp_path, text, *options):
    file = tmp_path / "list.csv"
    file.write_text(text, encoding="utf-8")
    out, err = io.StringIO(), io.StringIO()
    call_command(
        "import_subscribers",
        str(file),
        "--consent-source",
        "Form 4",
        *options,
        stdout=out,
        stderr=err,
    )
    return out.getvalue(), err.getvalue()


def test_the_command_names_bad_rows_and_adds_up(tmp_path, morning):
    out, err = the_command(
        tmp_path,
        "email,name\nann@a.example,Ann\nnobody,Ben\n",
        *("--newsletter", morning.slug),
    )

    assert "2 rows: 1 new," in out
    assert "1 bad" in out
    assert "line 3, email: " in err
    assert "Columns not used: name" in err


def test_the_command_tells_a_program_row_by_row(tmp_path, morning):
    out, _ = the_command(
        tmp_path,
        "email\nann@a.example\nnobody\n",
        *("--newsletter", morning.slug, "--json", "--dry-run"),
    )

    first, second, end = map(json.loads, out.splitlines())
    assert first == {
        "line": 2,
        "fate": "new",
        "address": "ann@a.example",
        "column": "",
        "why": "",
    }
    assert (second["fate"], second["column"]) == ("bad", "email")
    assert end["totals"]["rows"] == 2
    assert end["totals"]["dry_run"] is True


@pytest.mark.parametrize(
    ("text", "options", "why"),
    [
        ("", ["--newsletter", "morning"], "empty"),
        ("email\n", ["--newsletter", "nothing"], "no newsletter nothing"),
        ("email\n", ["--consented-on", "4 March"], "write it as"),
        ("email\n", ["--consented-on", "2999-01-01"], "not come yet"),
        ("email\n", ["--consent-source", " "], "is empty"),
    ],
)
@pytest.mark.usefixtures("morning")
def test_what_the_command_cannot_use_ends_it_with_status_2(
    tmp_path, text, options, why
):
    with pytest.raises(CommandError, match=why) as refusal:
        the_command(tmp_path, text, *options)

    assert refusal.value.returncode == 2


addresses = st.sampled_from(["a@x.example", "A@X.example", "b@x.example", "c", "d@x.y"])
lists = st.sampled_from(["morning", "business", "morning business", "", "other"])
files = st.lists(
    st.tuples(addresses, lists, lists, st.sampled_from(["", "", "", "yes"])),
    max_size=10,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(before=files, file=files)
def test_law_a_dry_run_tells_the_truth_and_a_second_run_changes_nothing(before, file):
    with transaction.atomic():
        a_newsletter("morning")
        a_newsletter("business")
        header = "email,newsletters,left,suppressed\n"
        text = header + "".join(",".join(row) + "\n" for row in file)
        bring_in(header + "".join(",".join(row) + "\n" for row in before), default=())

        dry = fates(text, dry_run=True, default=())
        real = fates(text, default=())
        once = list(Subscription.objects.values()), list(Subscriber.objects.values())
        again = fates(text, default=())
        twice = list(Subscription.objects.values()), list(Subscriber.objects.values())

        assert dry == real
        assert len(real) == len(file)
        assert once == twice
        assert Fate.NEW not in again
        assert Fate.CHANGED not in again
        transaction.set_rollback(True)
