from pathlib import Path

import pytest

from mailer.rendering.environment import TemplateFault, compose, environment


def a_template(folder: Path, source: str, name: str = "mail.html") -> str:
    (folder / name).write_text(source, encoding="utf-8")
    return name


def filled(folder: Path, source: str, name: str = "mail.html", **values: object) -> str:
    return compose(environment(folder), a_template(folder, source, name), values)


def test_a_name_nobody_gave_stops_with_template_and_line(tmp_path):
    with pytest.raises(
        TemplateFault, match=r"mail\.html, line 3: 'storey' is undefined"
    ):
        filled(tmp_path, "one\ntwo\n{{ storey }}\n")


def test_a_broken_template_stops_with_template_and_line(tmp_path):
    with pytest.raises(TemplateFault, match=r"mail\.html, line 2: "):
        filled(tmp_path, "one\n{% if %}\n")


def test_a_fault_in_an_included_part_names_the_part(tmp_path):
    a_template(tmp_path, "\n{{ missing.part }}", "part.html")

    with pytest.raises(TemplateFault, match=r"part\.html, line 2"):
        filled(tmp_path, '{% include "part.html" %}')


def test_a_filter_that_fails_names_the_line(tmp_path):
    with pytest.raises(TemplateFault, match=r"mail\.html, line 2: ZeroDivisionError"):
        filled(tmp_path, "x\n{{ 1 / 0 }}")


def test_a_missing_template_is_named(tmp_path):
    with pytest.raises(TemplateFault, match=r"lost\.html"):
        compose(environment(tmp_path), "lost.html", {})


def test_text_from_outside_is_data(tmp_path):
    said = filled(tmp_path, "{{ words }}", words="{{ 7*7 }}<b>")

    assert said == "{{ 7*7 }}&lt;b&gt;\n"


def test_plain_text_is_not_escaped(tmp_path):
    assert filled(tmp_path, "{{ words }}", "mail.txt", words="R&D <3") == "R&D <3\n"


def test_indentation_of_a_template_costs_no_bytes(tmp_path):
    assert filled(tmp_path, "<p>\n      a\n\n\n   b</p>") == "<p>\na\nb</p>\n"
