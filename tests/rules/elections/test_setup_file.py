"""The file an election is set up from."""

import json
import tomllib

import pytest

from mailer.elections import colours, setup_file
from tests.kit.elections import SETUP

CSV = """\
what,code,name,short,colour,aliases,seats,wards,stations,turnout_before,party,previous
election,KA-2026,Local elections 2026,,,,,,,,,2021
party,,Civic Front,CF,#1b5ea8,CIVIC  FRONT OF KARANDA,,,,,,
party,,Harbour Alliance,HA,#9a5600,,,,,,,
party,,Karanda Greens,KG,#1b7a3d,,,,,,,
council,TV,Tamba Valley,,,,7,4,12,61.9,,
before,TV,,,,,4,,,,CF,
before,TV,,,,,2,,,,HA,
before,TV,,,,,1,,,,Independent,
council,SE,Selwe,,,,5,3,8,,,
"""


def faults_of(text, name="k.toml"):
    with pytest.raises(setup_file.Unusable) as caught:
        setup_file.read(text.encode(), name=name)
    return caught.value.faults


def test_toml_json_and_csv_say_the_same():
    toml = setup_file.read(SETUP.encode(), name="k.toml")
    values = json.dumps(tomllib.loads(SETUP), default=str)

    as_json = setup_file.read(values.encode(), name="k.json")
    as_csv = setup_file.read(CSV.encode(), name="k.csv")

    assert as_json == toml
    assert (as_csv.parties, as_csv.councils) == (toml.parties, toml.councils)


def test_every_fault_is_reported_at_once():
    text = SETUP.replace("wards = 4", "wards = 9").replace("#1b5ea8", "#ffff00")

    faults = faults_of(text.replace("CF = 4", "XX = 4"))

    assert len(faults) == 3
    assert "contrast of 1.1; it needs 4.5" in faults[0]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('short = "HA"', 'short = "CF"', "two parties have one abbreviation"),
        ('short = "HA"', 'short = "civic front"', "means both CF and civic front"),
        ('short = "HA"', 'short = "Independents"', "means independents, not a party"),
        ('code = "SE"', 'code = "TV"', "the council TV is there twice"),
        ("seats = 5", "seats = 0", "seats is 0, less than 1"),
        ("seats = 5", 'seats = "many"', "seats is no whole number"),
        ("61.9", "619", "turnout_before is no percentage"),
        ("19:00:00+02:00", "19:00:00", "is not a time with its zone"),
        ("stations = 8", "stations = 8\nmayor = 1", "mayor is not a field of it"),
        ('code = "KA-2026"', "", "the election has no code"),
        ("[[parties]]", "[[parties", "cannot be read"),
    ],
)
def test_a_faulty_file_says_what_is_wrong(old, new, fault):
    faults = faults_of(SETUP.replace(old, new))

    assert any(fault in said for said in faults), faults


def test_a_file_that_is_no_table_is_refused():
    assert "an election is a table" in faults_of("[1, 2]", "k.json")[0]


@pytest.mark.parametrize("colour", colours.PALETTE)
def test_our_own_colours_can_be_read_light_and_dark(colour):
    assert colours.fault_of(colour, dark=False) == ""
    assert colours.fault_of(colours.pale(colour), dark=True) == ""
