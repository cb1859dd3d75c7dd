"""The commands of this room, as a person and a program use them."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from mailer.elections import queries
from tests.kit.elections import SETUP, a_count, a_file, an_election


def run(*words):
    """Run a command; return its status, what it said and what it complained of."""
    out, err = io.StringIO(), io.StringIO()
    status = 0
    try:
        call_command(*words, stdout=out, stderr=err)
    except SystemExit as end:
        status = end.code
    return status, out.getvalue(), err.getvalue()


@pytest.fixture
def night(tmp_path):
    """Return a results file of ten minutes ago."""
    now = datetime.now(tz=UTC).replace(microsecond=0)  # noqa: TID251
    path = tmp_path / "night.csv"
    path.write_bytes(a_file(a_count(as_at=now - timedelta(minutes=10), seats_total=7)))
    return path


@pytest.fixture
def broken(tmp_path):
    """Return a results file that contradicts itself."""
    path = tmp_path / "broken.csv"
    path.write_bytes(a_file(a_count(ward_cast=1, voters=None, seats_total=7)))
    return path


@pytest.mark.django_db
def test_an_election_is_set_up_from_a_file(tmp_path):
    path = tmp_path / "karanda.toml"
    path.write_text(SETUP)

    assert run("set_election", str(path)) == (
        0,
        "KA-2026: 3 parties, 2 councils\n",
        "",
    )


@pytest.mark.django_db
def test_a_faulty_election_file_ends_with_status_2(tmp_path):
    path = tmp_path / "karanda.toml"
    path.write_text(SETUP.replace("seats = 7", "seats = 0"))

    status, _, err = run("set_election", str(path))

    assert status == 2
    assert "karanda.toml: council TV: seats is 0, less than 1" in err


@pytest.mark.django_db
def test_a_results_file_is_previewed_and_then_taken(night):
    an_election(SETUP.replace("2026-11-23T19", "2020-11-23T19"))

    _, preview, _ = run("preview_results", str(night), "--json")
    status, taken, _ = run("take_results", str(night), "--json")

    said, done = json.loads(preview), json.loads(taken)
    assert (status, said["result"], done["result"]) == (0, None, done["result"])
    assert said["headline"] == "No party has a majority in Tamba Valley"
    assert sum(percent for _, percent in said["bar"]) == 100
    assert queries.result(done["result"]) is not None


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["take_results", "preview_results"])
def test_a_broken_results_file_ends_with_status_2_and_one_line(command, broken):
    an_election(SETUP.replace("2026-11-23T19", "2020-11-23T19"))

    status, out, err = run(command, str(broken))

    assert (status, out) == (2, "")
    assert "broken.csv, line 2: 3040 valid ward votes and 40 spoilt make 3080" in err


def test_seats_are_worked_out_without_a_database(night):
    status, out, _ = run("allocate_seats", str(night), "--json")

    said = json.loads(out)
    assert (status, said["code"], said["quota"]) == (0, "TV", 951)
    assert said["seats"] == {
        "Civic Front": 3,
        "Harbour Alliance": 2,
        "Karanda Greens": 1,
        "Sora Linde": 1,
    }


def test_a_broken_file_has_no_seats(broken):
    status, out, err = run("allocate_seats", str(broken), "--json")

    assert (status, out) == (2, "")
    assert "[cast-is-valid-and-spoilt]" in err


def test_the_template_is_printed_without_a_file():
    status, out, _ = run("take_results", "--template")

    assert status == 0
    assert out.startswith("election,place,as_at,status,")
