import pytest

from mailer.audience.queries import PlaceView
from mailer.public.place import CHOOSE, MOST_CHOICES, NOT_KNOWN, TOO_MANY, choose

PLACES = [
    PlaceView("K", "Kessane", "municipality", ""),
    PlaceView("T1", "Tamba Valley", "municipality", ""),
    PlaceView("T2", "Tamba Valley North", "municipality", ""),
    PlaceView("U1", "Umber", "municipality", ""),
    PlaceView("U2", "Umber", "ward", "U1"),
]


@pytest.mark.parametrize(
    ("name", "code", "found"),
    [
        ("Kessane", "", "K"),
        (" kessane ", "", "K"),
        ("Tamba Valley", "", "T1"),  # the very name wins over longer ones
        ("", "", ""),
        ("", "K", ""),  # emptied: nowhere
        ("Umber", "U2", "U2"),
        ("Tamba", "T2", "T2"),
        ("Kessane", "U2", "K"),  # typed anew after a choice
    ],
)
def test_a_name_or_a_choice_leads_to_a_place(name, code, found):
    assert choose(name, code, PLACES).code == found


@pytest.mark.parametrize(
    ("name", "choices"), [("Umber", ["U1", "U2"]), ("tamba", ["T1", "T2"])]
)
def test_what_could_be_several_is_a_choice(name, choices):
    chosen = choose(name, "", PLACES)

    assert (chosen.code, chosen.fault) == ("", CHOOSE)
    assert [place.code for place in chosen.choices] == choices


def test_part_of_a_name_is_never_taken_for_it_unasked():
    assert choose("Kess", "", PLACES).code == ""


def test_what_is_no_place_or_too_many_is_said():
    many = [PlaceView(f"{n}", f"Place {n}", "", "") for n in range(MOST_CHOICES + 1)]

    assert choose("Nowhere", "", PLACES).fault == NOT_KNOWN
    assert choose("place", "", many).fault == TOO_MANY
