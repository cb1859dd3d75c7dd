"""Commands of the desk: what they did, and what is wrong with what was asked."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from mailer.audience import queries as audience
from mailer.desk import people

pytestmark = pytest.mark.django_db


def said(*command, **options):
    out = StringIO()
    call_command(*command, stdout=out, **options)
    return out.getvalue()


def test_an_editor_gets_a_link_that_works_once():
    words = said("create_editor", "thandi", full_name="Thandi Mokoena")

    assert "works once within three days" in words
    assert "/desk/in/" in words


def test_a_program_reads_name_and_link():
    told = json.loads(said("create_editor", "thandi", json=True))

    assert told["name"] == "thandi"
    assert told["link"].startswith("https://news.causeway.example/desk/in/")


def test_a_name_that_is_taken_ends_with_status_2():
    people.invite(name="thandi")

    with pytest.raises(CommandError, match="an editor “thandi” already") as refusal:
        said("create_editor", "thandi")

    assert refusal.value.returncode == 2


def test_a_new_link_for_nobody_ends_with_status_2():
    with pytest.raises(CommandError, match="no editor “thandi”") as refusal:
        said("create_editor", "thandi", again=True)

    assert refusal.value.returncode == 2


def test_a_new_link_makes_no_second_editor():
    people.invite(name="thandi")

    assert "/desk/in/" in said("create_editor", "thandi", again=True)


@pytest.mark.parametrize("name", ["", "  ", "a b", "ann\n", "x" * 151])
def test_a_name_nobody_can_log_in_with_ends_with_status_2(name):
    with pytest.raises(CommandError, match="letters, figures") as refusal:
        said("create_editor", name)

    assert refusal.value.returncode == 2


def test_the_first_editor_is_made_once():
    said("create_editor", "thandi", first=True)

    assert said("create_editor", "sipho", first=True) == (
        "There is an editor already. A new log-in link: "
        "mailer create_editor NAME --again\n"
    )


def test_a_colleague_gets_tests_and_is_on_no_newsletter():
    said("set_staff", "sipho@causeway.example")

    [person] = audience.staff()
    assert person.subscriptions == ()


def test_a_colleague_who_left_gets_no_tests():
    said("set_staff", "sipho@causeway.example")

    said("set_staff", "sipho@causeway.example", off=True)

    assert audience.staff() == []


def test_what_is_no_address_ends_with_status_2():
    with pytest.raises(CommandError, match=r"name@example\.org") as refusal:
        said("set_staff", "sipho")

    assert refusal.value.returncode == 2


@pytest.mark.parametrize(
    "command",
    ["create_editor", "set_staff", "break_story", "approve_edition", "skip_edition"],
)
def test_help_has_an_example(command, capsys):
    with pytest.raises(SystemExit) as end:
        call_command(command, "--help")

    assert end.value.code == 0
    assert f"Example: mailer {command}" in " ".join(capsys.readouterr().out.split())
