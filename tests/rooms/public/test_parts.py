"""The parts all three doors build their pages from, and the examples in the docs."""

import re
from pathlib import Path

import pytest
from django.template import engines

from mailer.delivery.ledger import State
from mailer.delivery.run import RunState
from mailer.editions.content import EditionState

DOCS = Path(__file__).parents[3] / "docs" / "pages.md"
BLOCKS = re.compile(r"```jinja\n(.*?)```", re.DOTALL)
INLINE = re.compile(r"`(\{[{%][^`]+[}%]\})`")


def drawn(source):
    """Return what a page of the newsroom holds in its main part."""
    page = (
        '{% extends "pages/base.html" %}{% block title %}T{% endblock %}'
        "{% block page %}" + source + "{% endblock %}"
    )
    html = engines["jinja2"].env.from_string(page).render(csrf_input="<mark>")
    return " ".join(html.partition("<main")[2].partition("</main>")[0].split())


def examples():
    text = DOCS.read_text(encoding="utf-8")
    whole = BLOCKS.findall(text)
    return whole + [x.replace("…", "") for x in INLINE.findall(text)]


@pytest.mark.parametrize("example", examples())
def test_every_example_in_the_docs_is_a_template(example):
    engines["jinja2"].env.parse(example)


def test_a_table_says_its_roles_since_phones_take_its_display_away():
    page = drawn(
        '{% call parts.table("Caption", ["A", ("B", "n")]) %}{% call parts.row() %}'
        '{{ parts.first("x") }}{{ parts.cell(1234|grouped, "n", "B") }}'
        "{% endcall %}{% endcall %}"
    )

    for role in ("table", "rowgroup", "row", "columnheader", "rowheader", "cell"):
        assert f'role="{role}"' in page
    assert "<caption>Caption</caption>" in page
    assert 'data-label="B">1,234</td>' in page


@pytest.mark.parametrize("value", [*EditionState, *RunState, *State])
def test_every_state_has_a_word_and_never_a_name_from_the_code(value):
    page = drawn("{{ parts.state('%s') }}" % value)  # noqa: UP031  braces

    assert re.search(r'<span class="chip [a-z]*">[A-Z][a-z ]+</span>', page)
    assert f'"{value}": (' in _parts()


def _parts():
    folder = DOCS.parents[1] / "templates" / "pages"
    return (folder / "parts.html").read_text(encoding="utf-8")


def test_a_button_that_cannot_be_pressed_says_why_in_its_place():
    page = drawn('{{ parts.button("Approve", why="You wrote this.") }}')

    reason = re.search(r'disabled aria-describedby="([^"]+)"', page)[1]
    assert f'id="{reason}">You wrote this.</p>' in page


def test_what_acts_is_a_post_with_its_mark():
    page = drawn('{{ parts.act("Stop", "/x", "stop", {"seen": 7}) }}')

    assert '<form method="post" action="/x"' in page
    assert "mark" in page
    assert '<input type="hidden" name="seen" value="7">' in page


def test_text_from_outside_is_text():
    page = drawn(
        '{{ parts.note("<b>") }}{{ parts.chip("<b>") }}{{ parts.button("<b>") }}'
        '{{ parts.field("f", "<b>", "<b>", hint="<b>", error="<b>") }}'
        '{{ parts.problems({"f": "<b>"}) }}{{ parts.figure("<b>", "<b>") }}'
        '{{ parts.split([("<b>", 1, "good")]) }}{{ parts.entry("<b>", "/<b>") }}'
        '{{ parts.first("<b>") }}{{ parts.cell("<b>") }}'
    )

    assert "<b>" not in page.replace('<p class="figure"><b>', "").replace("<b>&lt;", "")


def test_a_bar_says_its_figures_and_leaves_out_what_is_nothing():
    page = drawn(
        '{{ parts.split([("accepted", 111228, "good"), ("in doubt", 0, "doubt")]) }}'
    )

    assert 'aria-label="111,228 accepted"' in page
    assert 'class="doubt"' not in page


def test_an_unknown_number_is_said_and_never_0():
    assert "<b>not known</b>" in drawn('{{ parts.figure(none|grouped, "people") }}')
