"""What a recipe may say, and how it says what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.editions.recipe import Order, Selection, read_selection
from mailer.sources.story import Kind


def test_an_empty_selection_is_a_whole_one():
    assert read_selection({}) == (Selection(), [])


def test_a_selection_is_read_as_it_is_written():
    selection, faults = read_selection(
        {
            "sources": [3, 1],
            "sections": [" Sport "],
            "kinds": ["news", "event"],
            "order": "sources",
            "least": 4,
            "undated_count": True,
        }
    )

    assert faults == []
    assert selection == Selection(
        sources=(3, 1),
        sections=("Sport",),
        kinds=(Kind.NEWS, Kind.EVENT),
        order=Order.SOURCES,
        least=4,
        undated_count=True,
    )


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"colour": "red"}, "selection.colour is not known"),
        ({"least": 0}, "selection.least must be a whole number from 1 to 500, got 0"),
        ({"least": True}, "selection.least must be a whole number"),
        ({"latest": -1}, "selection.latest must be a whole number from 0"),
        ({"max_age_hours": 0}, "selection.max_age_hours must be a whole number from 1"),
        ({"sections": "Sport"}, "selection.sections must be a list, got 'Sport'"),
        ({"sections": [""]}, "selection.sections must hold words"),
        ({"sources": ["1"]}, "selection.sources must hold ids of sources"),
        ({"sources": [True]}, "selection.sources must hold ids of sources"),
        ({"kinds": []}, "selection.kinds must hold some of news, opinion"),
        ({"kinds": ["gossip"]}, "selection.kinds must hold some of news, opinion"),
        ({"order": "random"}, "selection.order must be one of newest, sources"),
        ({"undated_count": 1}, "selection.undated_count must be true or false"),
    ],
)
def test_a_fault_is_named_by_its_field(values, says):
    [fault] = read_selection(values)[1]

    assert fault.startswith(says)


def test_every_fault_is_named_at_once():
    _selection, faults = read_selection({"least": 0, "order": "x", "y": 1})

    assert len(faults) == 3


def test_a_newsletter_of_press_releases_alone_is_made_for_them():
    assert Selection(kinds=(Kind.PRESS_RELEASE,)).carrying == (Kind.PRESS_RELEASE,)
    assert Selection().carrying == (Kind.NEWS, Kind.OPINION)


@given(
    values=st.fixed_dictionaries(
        {},
        optional={
            "sources": st.lists(st.integers(1, 9), max_size=3),
            "sections": st.lists(st.sampled_from(["A", "B"]), max_size=2),
            "least": st.integers(1, 9),
            "order": st.sampled_from(list(Order)),
            "kinds": st.lists(st.sampled_from(list(Kind)), min_size=1, max_size=3),
            "undated_count": st.booleans(),
        },
    )
)
def test_law_what_is_stored_reads_back_the_same(values):
    selection, faults = read_selection(values)

    assert faults == []
    assert read_selection(selection.as_json()) == (selection, [])


@given(
    values=st.dictionaries(
        st.sampled_from([*Selection.__dataclass_fields__, "other"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=3),
            lambda inner: st.lists(inner, max_size=2),
            max_leaves=3,
        ),
        max_size=4,
    )
)
def test_law_nonsense_gives_faults_and_a_usable_selection(values):
    selection, faults = read_selection(values)

    assert isinstance(selection, Selection)
    assert all(fault.startswith("selection.") for fault in faults)
