"""Names of deliveries: found again, never forged, never two the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.delivery import verp
from mailer.kernel.tokens import Keys

OLD = Keys(((1, b"o" * 32),))
NEW = Keys(((2, b"n" * 32), (1, b"o" * 32)))
ids = st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))


def bounce(run_id=7, position=12, keys=OLD):
    return verp.Namer(keys).names(run_id, position).bounce


@given(ids=ids)
def test_law_an_address_leads_back_to_its_delivery(ids):
    names = verp.Namer(OLD).names(*ids)

    assert verp.read(f"{names.bounce}@b.example", OLD) == verp.Returned(
        verp.Use.BOUNCE, *ids
    )
    assert verp.read(f"{names.leave}@b.example", OLD) == verp.Returned(
        verp.Use.LEAVE, *ids
    )


@given(one=ids, other=ids)
def test_law_two_deliveries_have_two_names(one, other):
    namer = verp.Namer(OLD)

    assert (namer.names(*one) == namer.names(*other)) == (one == other)


@given(
    at=st.integers(2, 26), letter=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567")
)
def test_law_an_address_with_one_letter_changed_is_not_ours(at, letter):
    address = bounce()
    forged = address[:at] + letter + address[at + 1 :]

    assert (verp.read(forged, OLD) is None) == (forged != address)


def test_servers_that_fold_case_do_no_harm():
    assert verp.read(bounce().upper() + "@B.EXAMPLE", OLD) is not None


def test_old_keys_hold_for_ever_and_strange_ones_never():
    assert verp.read(bounce(keys=OLD), NEW) is not None
    assert verp.read(bounce(keys=NEW), OLD) is None


def test_the_seal_of_one_use_does_not_open_the_other():
    forged = "u" + bounce()[1:]

    assert verp.read(forged, OLD) is None


def test_what_all_can_see_in_the_message_id_seals_no_address():
    name, seal = verp.Namer(OLD).names(7, 12).message_id.split(".")

    assert verp.read(f"b-{name}-{seal}", OLD) is None
    assert verp.read(f"u-{name}-{seal}", OLD) is None


@pytest.mark.parametrize(
    "text", ["", "@", "ann@a.example", "b-x-y@b", "b-" * 99, "b-é"]
)
def test_what_is_not_ours_is_nobodys(text):
    assert verp.read(text, OLD) is None


@pytest.mark.parametrize("ids", [(-1, 0), (0, -1), (2**31, 0), (0, 2**31)])
def test_a_number_the_database_cannot_hold_has_no_name(ids):
    with pytest.raises(ValueError, match="no delivery"):
        verp.Namer(OLD).names(*ids)


def test_a_local_part_fits_where_it_must():
    assert len(bounce()) == 27
